using System.Text.Json;

namespace Inpaint.Journal;

/// <summary>
/// Writes an entry as JSON that <see cref="JournalReading"/> reads; what is null is left out. By hand, because the serialiser has a converter of its own for each kind of nullable value and
/// enumeration, whose many methods a process would compile for these few lines.
/// </summary>
internal static class JournalWriter
{
    public static void Write(Utf8JsonWriter json, JournalEntry entry)
    {
        json.WriteStartObject();
        WriteWhole(json, "version", entry.Version);
        json.WritePropertyName("job");
        WriteJob(json, entry.Job);
        if (entry.Result is { } result)
        {
            json.WritePropertyName("result");
            WriteResult(json, result);
        }

        if (entry.MadeBy is { } process)
        {
            WriteProcess(json, "madeBy", process);
        }

        if (entry.Claim is { } claim)
        {
            json.WriteStartObject("claim");
            WriteProcess(json, "by", claim.By);
            WriteTime(json, "at", claim.At);
            json.WriteEndObject();
        }

        if (entry.History is { } history)
        {
            json.WriteStartArray("history");
            foreach (string line in history)
            {
                json.WriteStringValue(line);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteJob(Utf8JsonWriter json, InpaintJob job)
    {
        json.WriteStartObject();
        WriteText(json, "id", job.Id);
        WriteText(json, "journalId", job.JournalId);
        WriteText(json, "provider", job.Provider);
        WriteText(json, "model", job.Model);
        WriteText(json, "operation", job.Operation.ToString());
        WriteText(json, "state", job.State.ToString());
        WriteWhole(json, "queuePosition", job.QueuePosition);
        WriteReal(json, "progress", job.Progress);
        WriteText(json, "prompt", job.Prompt);
        WriteText(json, "source", job.Source);
        WriteWhole(json, "count", job.Count);
        WriteTime(json, "createdAt", job.CreatedAt);
        WriteTime(json, "submittedAt", job.SubmittedAt);
        WriteTime(json, "updatedAt", job.UpdatedAt);
        WriteTime(json, "completedAt", job.CompletedAt);
        WriteTime(json, "savedAt", job.SavedAt);
        WriteText(json, "stopOutcome", job.StopOutcome?.ToString());
        WriteText(json, "error", job.Error);
        WriteText(json, "errorId", job.ErrorId?.ToString());
        json.WriteBoolean("isProvisional", job.IsProvisional);
        json.WriteBoolean("isTransient", job.IsTransient);
        json.WriteBoolean("isFree", job.IsFree);
        if (job.Cost is { } cost)
        {
            WriteCost(json, cost);
        }

        WriteReal(json, "inferenceSeconds", job.InferenceSeconds);
        json.WriteStartArray("logs");
        foreach (InpaintLogEntry line in job.Logs)
        {
            json.WriteStartObject();
            WriteText(json, "timestamp", line.Timestamp);
            WriteText(json, "message", line.Message);
            WriteText(json, "level", line.Level);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteText(json, "fingerprint", job.Fingerprint);
        if (job.Placement is { } placement)
        {
            WritePlacement(json, placement);
        }

        WriteTexts(json, "providerData", job.ProviderData);
        WriteTexts(json, "columns", job.Columns);
        WriteTexts(json, "parameters", job.Parameters);
        json.WriteBoolean("isFinished", job.IsFinished);
        json.WriteBoolean("isAccepted", job.IsAccepted);
        json.WriteEndObject();
    }

    private static void WriteCost(Utf8JsonWriter json, InpaintCost cost)
    {
        json.WriteStartObject("cost");
        json.WriteNumber("amount", cost.Amount);
        WriteText(json, "currency", cost.Currency);
        json.WriteBoolean("isEstimate", cost.IsEstimate);
        WriteTime(json, "priceStatedAt", cost.PriceStatedAt);
        if (cost.Saved is { } saved)
        {
            json.WriteNumber("saved", saved);
        }

        json.WriteEndObject();
    }

    private static void WritePlacement(Utf8JsonWriter json, InpaintPlacement placement)
    {
        json.WriteStartObject("placement");
        WriteText(json, "originalPath", placement.OriginalPath);
        WriteText(json, "originalDigest", placement.OriginalDigest);
        WriteWhole(json, "x", placement.X);
        WriteWhole(json, "y", placement.Y);
        WriteWhole(json, "width", placement.Width);
        WriteWhole(json, "height", placement.Height);
        WriteWhole(json, "maskX", placement.MaskX);
        WriteWhole(json, "maskY", placement.MaskY);
        WriteWhole(json, "feather", placement.Feather);
        WriteText(json, "format", placement.Format.ToString());
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, StoredResult result)
    {
        json.WriteStartObject();
        json.WriteStartArray("images");
        foreach (InpaintImage image in result.Images)
        {
            WriteImage(json, image);
        }

        json.WriteEndArray();
        WriteWhole(json, "seed", result.Seed);
        json.WriteStartObject("timings");
        foreach ((string name, double seconds) in result.Timings)
        {
            WriteReal(json, name, seconds);
        }

        json.WriteEndObject();
        WriteText(json, "prompt", result.Prompt);
        json.WriteStartArray("saved");
        foreach (int index in result.Saved)
        {
            json.WriteNumberValue((long)index);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteImage(Utf8JsonWriter json, InpaintImage image)
    {
        json.WriteStartObject();
        WriteText(json, "url", image.Url);
        WriteText(json, "providerUrl", image.ProviderUrl);
        WriteText(json, "contentType", image.ContentType);
        WriteWhole(json, "width", image.Width);
        WriteWhole(json, "height", image.Height);
        WriteWhole(json, "fileSize", image.FileSize);
        WriteWhole(json, "index", image.Index);
        json.WriteBoolean("isFlagged", image.IsFlagged);
        ImageOrigin origin = image.Origin;
        json.WriteStartObject("origin");
        WriteText(json, "journalId", origin.JournalId);
        WriteText(json, "jobId", origin.JobId);
        WriteText(json, "provider", origin.Provider);
        WriteText(json, "model", origin.Model);
        WriteText(json, "source", origin.Source);
        WriteText(json, "prompt", origin.Prompt);
        WriteWhole(json, "seed", origin.Seed);
        WriteWhole(json, "count", origin.Count);
        WriteText(json, "operation", origin.Operation.ToString());
        WriteTime(json, "createdAt", origin.CreatedAt);
        WriteTexts(json, "columns", origin.Columns);
        WriteText(json, "title", origin.Title);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteProcess(Utf8JsonWriter json, string name, ProcessMark process)
    {
        json.WriteStartObject(name);
        WriteText(json, "machine", process.Machine);
        WriteWhole(json, "id", process.Id);
        WriteTime(json, "startedAt", process.StartedAt);
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string>? texts)
    {
        if (texts is null)
        {
            return;
        }

        json.WriteStartObject(name);
        foreach ((string key, string text) in texts)
        {
            json.WriteString(key, text);
        }

        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }

    private static void WriteWhole(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
    }

    private static void WriteReal(Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } value)
        {
            json.WriteString(name, value);
        }
    }
}
