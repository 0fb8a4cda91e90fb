using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.Fal;

/// <summary>
/// Calls the address that a submit names once its job is over (fal.ai/docs, "Webhooks"): one attempt, loopback addresses only, unsigned because the platform has no Ed25519.
/// </summary>
internal sealed class FalWebhooks : IDisposable
{
    private readonly HttpClient http = new();
    private readonly CancellationTokenSource stopping = new();

    /// <summary>Deliveries under way or done.</summary>
    public ConcurrentBag<Task> Deliveries { get; } = [];

    public void Register(EmulatedJob job, string url, TimeProvider time)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && uri.IsLoopback)
        {
            Deliveries.Add(DeliverAsync(job, uri, time));
        }
    }

    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
        http.Dispose();
    }

    private async Task DeliverAsync(EmulatedJob job, Uri url, TimeProvider time)
    {
        await job.CompletionAsync(stopping.Token);
        Answer result = await FalQueue.ResultAsync(job);
        bool succeeded = result.Status < 400;
        JsonObject message = new()
        {
            ["request_id"] = job.Id,
            ["gateway_request_id"] = job.Id,
            ["status"] = succeeded ? "OK" : "ERROR",
            ["payload"] = WireJson.ParseObject(result.Body.Span),
        };
        if (!succeeded)
        {
            message["error"] = $"Invalid status code: {result.Status}";
        }

        using HttpRequestMessage request = new(HttpMethod.Post, url)
        {
            Content = new StringContent(message.ToJsonString(WireJson.Plain), Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Add("X-Fal-Webhook-Request-Id", job.Id);
        request.Headers.Add("X-Fal-Webhook-User-Id", "emulated");
        request.Headers.Add("X-Fal-Webhook-Timestamp", time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        using HttpResponseMessage response = await http.SendAsync(request, stopping.Token);
    }
}
