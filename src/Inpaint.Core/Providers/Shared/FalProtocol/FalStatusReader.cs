using System.Text.Json;
using Inpaint.Http;

namespace Inpaint.Providers.Shared.FalProtocol;

/// <summary>Reads fal's status documents (fal.ai/docs, "Queue API"): responses to a status call, and the events of a status stream.</summary>
internal static class FalStatusReader
{
    /// <summary>Reads a document.</summary>
    /// <returns>Null when it was understood; otherwise the unknown status, or "nothing".</returns>
    public static string? TryRead(JsonElement status, out JobUpdate? update)
    {
        string? text = status.Text("status");
        update = text switch
        {
            "IN_QUEUE" => new JobUpdate { State = InpaintJobState.InQueue, QueuePosition = Position(status), Logs = Logs(status) },
            "IN_PROGRESS" => new JobUpdate { State = InpaintJobState.InProgress, Logs = Logs(status), InferenceSeconds = Inference(status) },
            "COMPLETED" => Completed(status),
            _ => null,
        };
        return update is null ? text ?? "nothing" : null;
    }

    // Failed and cancelled requests are COMPLETED as well, with an error.
    private static JobUpdate Completed(JsonElement status)
    {
        string? error = Clean(status.Sentence("error"));
        string? type = Clean(status.Text("error_type"));
        JobUpdate update = new() { State = InpaintJobState.Completed, Logs = Logs(status), InferenceSeconds = Inference(status) };
        if (error is null && type is null)
        {
            return update;
        }

        // Only failures of the platform are told here, never the model's own.
        (InpaintErrorId id, bool isTransient) = FalErrors.ClassOf(type) ?? new ErrorClass(InpaintErrorId.JobFailed, IsTransient: true);
        return update with
        {
            State = id == InpaintErrorId.JobCancelled ? InpaintJobState.Cancelled : InpaintJobState.Failed,
            Error = type is null ? error : error is null ? type : $"{error} ({type})",
            ErrorId = id,
            IsTransient = isTransient,
        };
    }

    private static string? Clean(string? text) => text is null ? null : PlainText.Clean(text);

    private static int? Position(JsonElement status) => status.Number("queue_position") is double position and >= 0 and <= int.MaxValue ? (int)position : null;

    private static double? Inference(JsonElement status) => status.Member("metrics")?.Number("inference_time");

    private static InpaintLogEntry[] Logs(JsonElement status)
    {
        if (status.Member("logs") is not { ValueKind: JsonValueKind.Array } logs)
        {
            return [];
        }

        List<InpaintLogEntry> entries = new(logs.GetArrayLength());
        foreach (JsonElement log in logs.EnumerateArray())
        {
            if (log.Text("message") is { } message)
            {
                entries.Add(new InpaintLogEntry(log.Text("timestamp"), PlainText.Clean(message), log.Text("level") ?? log.Member("labels")?.Text("level")));
            }
        }

        return [.. entries];
    }
}

/// <summary>Reads the outcome of a cancel, in all forms that fal has used (fal.ai/docs, "Queue API", and its clients).</summary>
internal static class FalCancellation
{
    /// <summary>Reads a response.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="body">The body, if it is JSON.</param>
    /// <param name="mayFollowOwnSuccess">Whether an earlier attempt of the same cancel may have arrived.</param>
    /// <returns>The outcome; null when the response is a failure.</returns>
    public static StopOutcome? Read(int status, JsonElement? body, bool mayFollowOwnSuccess = false)
    {
        // fal reports a cancelled request as completed. An earlier attempt of this cancel may have caused that; only the result tells.
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

/// <summary>A job as fal takes it.</summary>
/// <param name="Model">The model's id.</param>
/// <param name="Target">The URL to which it is submitted.</param>
/// <param name="Body">The input.</param>
/// <param name="Headers">The headers with fal's settings.</param>
/// <param name="IsDirect">Whether the response contains the output.</param>
internal sealed record FalSubmission(string Model, Uri Target, JsonBody Body, IReadOnlyDictionary<string, string> Headers, bool IsDirect) : PreparedSubmission
{
    /// <summary>Whether the response is a stream of intermediate pictures and the output.</summary>
    public bool IsStreamed { get; init; }
}

/// <summary>The data that a job keeps for fal, under fal's names.</summary>
internal static class FalJobData
{
    /// <summary>The URL of its status.</summary>
    public const string StatusUrl = "status_url";

    /// <summary>The URL of its result.</summary>
    public const string ResponseUrl = "response_url";

    /// <summary>The URL that cancels it.</summary>
    public const string CancelUrl = "cancel_url";

    /// <summary>Present (with the value <c>1</c>) when it was a direct call, of which fal keeps neither status nor result.</summary>
    public const string IsDirect = "direct";
}
