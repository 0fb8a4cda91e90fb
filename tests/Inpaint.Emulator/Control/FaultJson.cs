using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Faults;
using Inpaint.Http;

namespace Inpaint.Emulator.Control;

/// <summary>
/// Faults as JSON: <c>kind</c> is the name of one of the makers of <see cref="Fault"/>, the other members are its parameters; <c>afterAccept</c> lets the service do its work first.
/// </summary>
internal static class FaultJson
{
    public static Fault Read(JsonObject json)
    {
        Fault fault = Make(json);
        foreach ((string name, JsonNode? value) in json["headers"] as JsonObject ?? [])
        {
            fault = fault.WithHeader(name, value!.GetValue<string>());
        }

        return json.Flag("afterAccept") ? fault.AfterAccept() : fault;
    }

    private static Fault Make(JsonObject json) => json.Text("kind") switch
    {
        "pass" => Fault.Pass,
        "resetBeforeRead" => Fault.ResetBeforeRead(),
        "resetAfterAccept" => Fault.ResetAfterAccept(),
        "closeBeforeHandling" => Fault.CloseBeforeHandling(),
        "closeAfterAccept" => Fault.CloseAfterAccept(),
        "respond" => Fault.Respond(json.Int("status") ?? 500, json.Text("body") ?? "", json.Text("contentType") ?? "application/json", json.Text("reason")),
        "tooManyRequests" => Fault.TooManyRequests(json.Seconds("retryAfterSeconds")),
        "html" => Fault.Html(json.Int("status") ?? 502),
        "redirect" => Fault.Redirect(new(json.Text("location") ?? throw new JsonException("\"location\" is missing.")), json.Int("status") ?? 302),
        "expired" => Fault.Expired(),
        "userTimeout" => Fault.UserTimeout(),
        "slowHeaders" => Fault.SlowHeaders(json.Seconds("seconds") ?? TimeSpan.FromSeconds(1)),
        "holdHeaders" => Fault.HoldHeaders(),
        "slowBody" => Fault.SlowBody(json.Seconds("seconds") ?? TimeSpan.FromMilliseconds(10), json.Int("bytes") ?? 1),
        "holdBody" => Fault.HoldBody(json.Long("bytes"), json.Int("events")),
        "truncate" => Fault.Truncate(json.Long("bytes"), json.Int("events")),
        "endStream" => Fault.EndStream(json.Int("events") ?? 1),
        "malformedBody" => Fault.MalformedBody(),
        "emptyBody" => Fault.EmptyBody(),
        "wrongContentType" => Fault.WrongContentType(json.Text("contentType") ?? "text/plain"),
        "hugeBody" => Fault.HugeBody(json.Long("bytes") ?? 1L << 30),
        "unknownStatus" => Fault.UnknownStatus(json.Text("status") ?? "PONDERING"),
        "thenOffline" => Fault.ThenOffline(json.Seconds("seconds") ?? throw new JsonException("\"seconds\" is missing: a server that is offline cannot be told to come back.")),
        string other => throw new JsonException($"There is no fault of the kind \"{other}\"."),
        null => throw new JsonException("\"kind\" is missing."),
    };
}
