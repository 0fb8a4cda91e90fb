using System.Text.Json;
using Inpaint.Http;

namespace Inpaint.Providers.Fal;

/// <summary>Reads what a cancel did, in all the forms in which fal has said it (fal.ai/docs, "Queue API", and its clients).</summary>
internal static class FalCancellation
{
    /// <summary>Reads an answer.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="body">The body, if it is JSON.</param>
    /// <returns>The outcome; null when the answer is a failure.</returns>
    public static StopOutcome? Read(int status, JsonElement? body)
    {
        switch (body?.Text("status"))
        {
            case "CANCELLATION_REQUESTED":
                return StopOutcome.CancellationRequested;
            case "ALREADY_COMPLETED":
                return StopOutcome.AlreadyCompleted;
            case "NOT_FOUND":
                return StopOutcome.NotFound;
            case "OK" when status is >= 200 and <= 299:
                return StopOutcome.Cancelled;
        }

        return status switch
        {
            >= 200 and <= 299 => body?.Member("success")?.ValueKind switch
            {
                JsonValueKind.True => StopOutcome.Cancelled,
                JsonValueKind.False => StopOutcome.AlreadyCompleted,
                _ => StopOutcome.CancellationRequested,
            },
            404 when body is not null => StopOutcome.NotFound,
            405 or 501 => StopOutcome.NotSupported,
            _ => null,
        };
    }
}
