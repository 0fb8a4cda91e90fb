using System.Text.Json;
using Inpaint.Http;

namespace Inpaint.Providers.Fal;

/// <summary>Reads what a cancel did, in all the forms in which fal has said it (fal.ai/docs, "Queue API", and its clients).</summary>
internal static class FalCancellation
{
    /// <summary>Reads an answer.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="body">The body, if it is JSON.</param>
    /// <param name="mayFollowOwnSuccess">Whether an earlier attempt of the same cancel may have arrived.</param>
    /// <returns>The outcome; null when the answer is a failure.</returns>
    public static StopOutcome? Read(int status, JsonElement? body, bool mayFollowOwnSuccess = false)
    {
        // fal calls a cancelled request completed. When an earlier attempt may have arrived, it may be that one's doing, and only the result tells.
        StopOutcome tooLate = mayFollowOwnSuccess ? StopOutcome.CancellationRequested : StopOutcome.AlreadyCompleted;
        switch (body?.Text("status"))
        {
            case "CANCELLATION_REQUESTED":
                return StopOutcome.CancellationRequested;
            case "ALREADY_COMPLETED":
                return tooLate;
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
                JsonValueKind.False => tooLate,
                _ => StopOutcome.CancellationRequested,
            },
            404 when body is not null => StopOutcome.NotFound,
            405 or 501 => StopOutcome.NotSupported,
            _ => null,
        };
    }
}
