using System.Text.Json;
using Inpaint.Http;

namespace Inpaint.Providers.Fal;

/// <summary>Reads fal's status documents (fal.ai/docs, "Queue API"): answers to a status call, and the events of a status stream.</summary>
internal static class FalStatusReader
{
    /// <summary>Reads a document.</summary>
    /// <param name="status">The document.</param>
    /// <param name="update">What it says.</param>
    /// <returns>Null when it was understood; else its status, which no fal document has, or "nothing".</returns>
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

    // Failed and cancelled requests are COMPLETED too; only their error tells.
    private static JobUpdate Completed(JsonElement status)
    {
        string? error = Clean(status.Sentence("error"));
        string? type = Clean(status.Text("error_type"));
        JobUpdate update = new() { State = InpaintJobState.Completed, Logs = Logs(status), InferenceSeconds = Inference(status) };
        if (error is null && type is null)
        {
            return update;
        }

        InpaintErrorId id = FalErrorTypes.Classify(type)?.ErrorId ?? InpaintErrorId.JobFailed;
        return update with
        {
            State = id == InpaintErrorId.JobCancelled ? InpaintJobState.Cancelled : InpaintJobState.Failed,
            Error = type is null ? error : error is null ? type : $"{error} ({type})",
            ErrorId = id,
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
