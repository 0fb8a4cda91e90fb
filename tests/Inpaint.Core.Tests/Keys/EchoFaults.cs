using System.Text.Encodings.Web;
using Inpaint.Emulator.Faults;

namespace Inpaint.Tests.Keys;

/// <summary>Answers of a service that writes the caller's key into whatever it says: failures of every status, broken and foreign pages, redirects, and answers that seem to succeed.</summary>
internal static class EchoFaults
{
    private const string Failure =
        """{"detail":[{"loc":["body","CANARY"],"msg":"the key CANARY is wrong","type":"CANARY","input":{"key":"CANARY"},"ctx":{"CANARY":1}}],"error_type":"CANARY","request_id":"CANARY","message":"no: CANARY","tips":["CANARY"],"status":"error","error":{"message":"CANARY","type":"CANARY","param":"CANARY","code":"CANARY"}}""";

    private const string ShortFailure = """{"detail":"CANARY","error":"CANARY","messege":"CANARY"}""";

    private const string Page = "<html><head><title>CANARY</title></head><body>The key CANARY is not known.</body></html>";

    private const string Success =
        """{STATUS"request_id":"CANARY","id":"CANARY","status_url":"BASECANARY/status","response_url":"BASECANARY","cancel_url":"https://CANARY.example/x","fetch_result":"BASEfetch/CANARY","logs":[{"message":"CANARY","timestamp":"CANARY","level":"CANARY"}],"metrics":{"inference_time":1,"CANARY":2},"queue_position":0,"eta":0,"seed":1,"prompt":"CANARY","timings":{"CANARY":1.5},"images":[{"url":"BASECANARY.png","file_name":"CANARY.png","content_type":"image/CANARY","width":1,"height":1}],"output":["BASECANARY.png"],"proxy_links":["BASECANARY.png"],"meta":{"prompt":"CANARY","seed":1},"has_nsfw_concepts":[false],"upload_url":"BASECANARY","file_url":"BASECANARY.png","error":"CANARY","error_type":"CANARY"}""";

    private static readonly int[] Failures = [400, 401, 402, 403, 404, 408, 409, 410, 413, 415, 422, 429, 499, 500, 502, 503, 504];

    private static readonly string[] Statuses = ["", "IN_QUEUE", "IN_PROGRESS", "COMPLETED", "success", "processing", "failed", "error", "CANARY"];

    /// <summary>The key as a writer of JSON may spell it, and as other encodings do that end up within JSON.</summary>
    private static readonly string[] Spellings = [JavaScriptEncoder.Default.Encode(Canary.Key), Canary.Key.Replace("/", "\\/", StringComparison.Ordinal), Canary.ByNumber, .. Canary.Spellings];

    /// <summary>All of them.</summary>
    /// <param name="files">The base of the file host.</param>
    /// <returns>The faults, each with what it is.</returns>
    public static IEnumerable<(string Name, Fault Fault)> All(Uri files)
    {
        int turn = 0;
        string Filled(string template)
        {
            string spelling = Spellings[turn++ % Spellings.Length];
            return template.Replace("BASE", files.AbsoluteUri.TrimEnd('/') + "/", StringComparison.Ordinal).Replace("CANARY", spelling, StringComparison.Ordinal);
        }

        foreach (int status in Failures)
        {
            yield return ($"{status} with data", Echo(status, Filled(Failure), "application/json"));
            yield return ($"{status} with little data", Echo(status, Filled(ShortFailure), "application/json"));
            yield return ($"{status} with a page", Echo(status, Filled(Page), "text/html"));
            yield return ($"{status} with text", Echo(status, Filled("Wrong key: CANARY"), "text/plain"));
            yield return ($"{status} with half its data", Echo(status, Filled(Failure)[..^40], "application/json"));
        }

        foreach (int status in new[] { 200, 202 })
        {
            foreach (string told in Statuses)
            {
                string member = told.Length == 0 ? "" : $"\"status\":\"{told}\",";
                for (int variant = 0; variant < 3; variant++)
                {
                    yield return ($"{status} '{told}' {turn}", Echo(status, Filled(Success.Replace("STATUS", member, StringComparison.Ordinal)), "application/json"));
                }

                yield return ($"{status} '{told}' as an event", Echo(status, $"data: {Filled(Success.Replace("STATUS", member, StringComparison.Ordinal))}\n\n", "text/event-stream"));
            }

            yield return ($"{status} with a page", Echo(status, Filled(Page), "text/html"));
            yield return ($"{status} with text", Echo(status, Filled("CANARY"), "text/plain"));
            yield return ($"{status} with the wrong data", Echo(status, Filled("""["CANARY"]"""), "application/json"));
            yield return ($"{status} with half its data", Echo(status, Filled(Success.Replace("STATUS", "", StringComparison.Ordinal))[..^60], "application/json"));
        }

        foreach (int status in new[] { 301, 302, 303, 307, 308 })
        {
            yield return ($"{status} to another host", Echo(status, Filled(Page), "text/html").WithHeader("Location", $"https://elsewhere.example/{Uri.EscapeDataString(Canary.Key)}?key={Canary.Key}"));
            yield return ($"{status} to a user's host", Echo(status, "", "text/plain").WithHeader("Location", $"https://{Canary.Key}@elsewhere.example/"));
            yield return ($"{status} to plain http", Echo(status, "", "text/plain").WithHeader("Location", "http://queue.fal.run/" + Canary.Key));
            yield return ($"{status} to itself", Echo(status, "", "text/plain").WithHeader("Location", "/" + Canary.Key));
        }

        yield return ("reset before it is read", Fault.ResetBeforeRead());
        yield return ("reset after it is taken", Fault.ResetAfterAccept());
        yield return ("closed without a response", Fault.CloseAfterAccept());
        yield return ("a body that breaks off", Fault.Truncate());
        yield return ("half a body", Fault.MalformedBody());
    }

    private static Fault Echo(int status, string body, string contentType)
    {
        Fault fault = Fault.Respond(status, body, contentType, $"No {Canary.Key}");
        foreach (string name in new[] { "x-fal-request-id", "X-Fal-Error-Type", "X-Fal-Request-Timeout-Type", "Retry-After", "X-RateLimit-Reset", "x-fal-billable-units", "ETag", "WWW-Authenticate", "X-Echo" })
        {
            fault = fault.WithHeader(name, Canary.Key);
        }

        return fault;
    }
}
