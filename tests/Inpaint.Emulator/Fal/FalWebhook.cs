using System.Globalization;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.Fal;

/// <summary>fal's message about a finished request (fal.ai/docs, "Webhooks"), without the signature: the platform has no Ed25519.</summary>
internal static class FalWebhook
{
    public static void Register(EmulatorState state, EmulatedJob job, string url) => state.Webhooks.Register(
        job,
        url,
        () => ComposeAsync(job),
        ("X-Fal-Webhook-Request-Id", job.Id),
        ("X-Fal-Webhook-User-Id", "emulated"),
        ("X-Fal-Webhook-Timestamp", state.Time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));

    private static async Task<JsonObject> ComposeAsync(EmulatedJob job)
    {
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

        return message;
    }
}
