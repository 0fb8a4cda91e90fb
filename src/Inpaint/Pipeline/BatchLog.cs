using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Inpaint.Binding;
using Inpaint.Planning;

namespace Inpaint.Pipeline;

/// <summary>
/// Appends the events of a batch to a file, one JSON object on each line. Several processes may write to one file. Keys are never written. A line that cannot be written
/// causes a warning and never fails the batch.
/// </summary>
internal sealed class BatchLog
{
    /// <summary>Writing a line takes less than a millisecond, so a process that holds the lock for longer hangs.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string path;
    private readonly string command;
    private readonly TimeProvider time;
    private readonly Action<string> warn;
    private readonly string mutexName;
    private bool hasFailed;

    /// <summary>Opens the file, so that an unwritable one is reported before anything is sent.</summary>
    /// <param name="path">The file's full path; it is created if it does not exist.</param>
    /// <param name="command">The command's name.</param>
    /// <param name="time">The clock.</param>
    /// <param name="warn">Called from any thread with the reason why a line could not be written; once.</param>
    /// <exception cref="InpaintException">OutputWriteFailed: it cannot be written.</exception>
    public BatchLog(string path, string command, TimeProvider time, Action<string> warn)
    {
        this.path = path;
        this.command = command;
        this.time = time;
        this.warn = warn;
        mutexName = "Inpaint-log-" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..32];
        try
        {
            Append([]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"The log '{path}' cannot be written: {e.Message} Nothing was sent.", e) { Parameter = "LogPath", Subject = path };
        }
    }

    /// <summary>Writes that an item has been planned and is about to be sent.</summary>
    public void Planned(RequestPlan plan, InpaintCost? estimate) => Write("planned", json =>
    {
        Text(json, "item", plan.SourceName);
        Text(json, "source", plan.Request.Image?.ToString());
        Text(json, "provider", plan.Provider.Name);
        Text(json, "model", plan.Model);
        json.WriteNumber("images", plan.Count);
        Cost(json, estimate);
        Row(json, plan.Request.Columns);
    });

    /// <summary>Writes an event of a job: submitted, attached, stopped.</summary>
    public void Job(string what, string item, InpaintJob job) => Write(what, json =>
    {
        Text(json, "item", item);
        JobFields(json, job);
        Cost(json, job.Cost);
        Text(json, "stopOutcome", job.StopOutcome?.ToString());
    });

    /// <summary>Writes that a job has a result.</summary>
    public void Finished(InpaintResult result) => Write("finished", json =>
    {
        Text(json, "item", ItemName.Of(result));
        JobFields(json, result.Job);
        Cost(json, result.Cost);
        json.WriteNumber("images", result.Images.Count);
        json.WriteNumber("flagged", result.Images.Count(image => image.IsFlagged));
        json.WriteNumber("tookSeconds", result.TookSeconds);
        if (result.Seed is long seed)
        {
            json.WriteNumber("seed", seed);
        }

        Row(json, result.Job.Columns);
    });

    /// <summary>Writes that a picture has been saved.</summary>
    public void Saved(InpaintImage image, string file) => Write("saved", json =>
    {
        Text(json, "item", ItemName.Of(image));
        Text(json, "provider", image.GetOrigin().Provider);
        Text(json, "job", image.GetOrigin().JobId);
        Text(json, "journalId", image.GetOrigin().JournalId);
        json.WriteNumber("image", image.Index);
        Text(json, "file", file);
    });

    /// <summary>Writes an error.</summary>
    public void Failed(Exception exception, object? target, string? name) => Write("failed", json =>
    {
        InpaintException? failure = exception as InpaintException;
        Text(json, "item", name ?? ItemName.Of(target));
        Text(json, "provider", failure?.Provider);
        if (failure?.Job is { } job)
        {
            JobFields(json, job);
            Cost(json, job.Cost);
        }

        Text(json, "errorId", (failure?.ErrorId ?? InpaintErrorId.UnexpectedError).ToString());
        Text(json, "message", exception.Message);
        json.WriteBoolean("isTransient", failure?.IsTransient ?? false);
        Row(json, Columns.Read(target as System.Management.Automation.PSObject));
    });

    /// <summary>Writes that the batch has come to its end; what was stopped has no such line.</summary>
    public void Ended(BatchTotal total) => Write("ended", json =>
    {
        json.WriteNumber("items", total.Items);
        json.WriteNumber("done", total.Done);
        json.WriteNumber("failed", total.Failed);
        json.WriteNumber("refused", total.Refused);
        Cost(json, total.Cost with { IsEstimate = false });
    });

    private static void JobFields(Utf8JsonWriter json, InpaintJob job)
    {
        Text(json, "provider", job.Provider);
        Text(json, "model", job.Model);
        Text(json, "job", job.Id);
        Text(json, "journalId", job.JournalId);
        Text(json, "state", job.State.ToString());
    }

    private static void Cost(Utf8JsonWriter json, InpaintCost? cost)
    {
        if (cost is not null)
        {
            json.WriteNumber("cost", cost.Amount);
            json.WriteString("currency", cost.Currency);
            json.WriteBoolean("isEstimate", cost.IsEstimate);
        }
    }

    private static void Row(Utf8JsonWriter json, IReadOnlyDictionary<string, string> columns)
    {
        if (columns.Count > 0)
        {
            json.WriteStartObject("row");
            foreach ((string name, string value) in columns)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value);
        }
    }

    private void Write(string what, Action<Utf8JsonWriter> fields)
    {
        using MemoryStream line = new();
        using (Utf8JsonWriter json = new(line, Readable))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("event", what);
            json.WriteString("command", command);
            fields(json);
            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        try
        {
            Append(line.ToArray());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!Interlocked.Exchange(ref hasFailed, true))
            {
                warn($"The log '{path}' cannot be written, and is incomplete from here on: {e.Message}");
            }
        }
    }

    /// <summary>Appends under a lock of its own: the file itself is never locked, because somebody may be reading along.</summary>
    private void Append(byte[] line)
    {
        using Mutex turn = new(initiallyOwned: false, mutexName);
        try
        {
            if (!turn.WaitOne(MaxWait))
            {
                throw new IOException("another process has locked it.");
            }
        }
        catch (AbandonedMutexException)
        {
            // The previous owner was killed; the lock is ours.
        }

        try
        {
            using FileStream file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            file.Write(line);
        }
        finally
        {
            turn.ReleaseMutex();
        }
    }
}
