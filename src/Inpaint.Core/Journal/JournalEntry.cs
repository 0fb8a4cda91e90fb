using System.Collections.ObjectModel;
using System.Globalization;
using System.Text.Json.Serialization;

namespace Inpaint.Journal;

/// <summary>What a journal file says of its job.</summary>
/// <param name="Version">The file format: 2; version 1 was a single object of many lines.</param>
/// <param name="Job">The job as last known.</param>
/// <param name="Result">The result, once it is known; URLs only, never picture data.</param>
internal sealed record JournalEntry(int Version, InpaintJob Job, StoredResult? Result = null)
{
    /// <summary>The file format that this build writes.</summary>
    public const int CurrentVersion = 2;

    /// <summary>The number of history lines that are kept; only a job that alternates between two states has more.</summary>
    private const int MaxHistory = 100;

    /// <summary>No submit takes longer, not even a direct run.</summary>
    private static readonly TimeSpan MaxSubmitTime = TimeSpan.FromHours(1);

    /// <summary>How long a submit is assumed to be under way when its process cannot be checked.</summary>
    private static readonly TimeSpan AssumedSubmitTime = TimeSpan.FromMinutes(5);

    /// <summary>The process that created the job; null for a job that was adopted by its id.</summary>
    public ProcessMark? MadeBy { get; init; }

    /// <summary>Who has claimed to collect the job, where several collectors share the state folder; null for nobody.</summary>
    public CollectionClaim? Claim { get; init; }

    /// <summary>What happened to the job, for people to read: one line per event with its time (UTC). Null in a file without history.</summary>
    public IReadOnlyList<string>? History { get; init; }

    /// <summary>History lines of changes that were not worth a write of their own.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> UnwrittenHistory { get; init; } = [];

    /// <summary>Whether the provider need not be asked again: the result is known, or there will be none.</summary>
    [JsonIgnore]
    public bool IsSettled => Result is not null || Job.EndedWithoutResult;

    /// <summary>Whether nothing is left to collect: its pictures are saved, or there are none.</summary>
    [JsonIgnore]
    public bool IsDone => Job.SavedAt is not null || (Result is null && IsSettled);

    /// <summary>The job in its effective state: <see cref="InpaintJobState.Submitting"/> becomes uncertain when the process that wrote the intent has ended without writing the response.</summary>
    public InpaintJob EffectiveAt(DateTimeOffset now)
    {
        if (Job.State != InpaintJobState.Submitting)
        {
            return Job;
        }

        TimeSpan timeout = MadeBy?.IsRunning() switch
        {
            true => MaxSubmitTime,
            false => TimeSpan.MinValue,
            null => AssumedSubmitTime,
        };
        return now - Job.UpdatedAt > timeout ? Job with { State = InpaintJobState.Uncertain, ErrorId = InpaintErrorId.SubmissionUncertain } : Job;
    }

    /// <summary>Adds the differences from the entry that this one replaces to the history.</summary>
    public JournalEntry WithHistoryFrom(JournalEntry? onDisk, DateTimeOffset now)
    {
        List<string> history = [.. onDisk?.History ?? [], .. UnwrittenHistory];
        foreach (string step in StepsFrom(onDisk))
        {
            history.Add(HistoryLine(step, now));
        }

        return this with { Version = CurrentVersion, MadeBy = onDisk?.MadeBy ?? MadeBy, Claim = Claim ?? onDisk?.Claim, History = history[Math.Max(0, history.Count - MaxHistory)..], UnwrittenHistory = [] };
    }

    /// <summary>Notes the job's state for the next write, if it has changed.</summary>
    public JournalEntry WithState(InpaintJob job, DateTimeOffset now) =>
        this with { Job = job, UnwrittenHistory = job.State == Job.State ? UnwrittenHistory : [.. UnwrittenHistory, HistoryLine(job.State.ToString(), now)] };

    private static string HistoryLine(string step, DateTimeOffset now) => now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) + " " + step;

    /// <summary>
    /// Merges this entry onto a file that has changed since it was read: a result, a saved mark, a final failure and a finished picture are never removed by a
    /// writer that has not seen them.
    /// </summary>
    public JournalEntry MergeOnto(JournalEntry? onDisk)
    {
        if (onDisk is null)
        {
            return this;
        }

        if (Result is null && onDisk.IsSettled && !IsSettled)
        {
            return onDisk with { Job = onDisk.Job with { StopOutcome = Job.StopOutcome ?? onDisk.Job.StopOutcome } };
        }

        if (onDisk.Result is not { } known)
        {
            return this;
        }

        StoredResult result = Result ?? known;
        return this with
        {
            Result = result with { Images = [.. result.Images.Select(image => FinishedOf(known, image))], Saved = result.Saved.Union(known.Saved).ToArray() },
            Job = Job with { SavedAt = onDisk.Job.SavedAt ?? Job.SavedAt },
        };
    }

    /// <summary>Whether every required value is present: the serialiser accepts a null where this code never writes one.</summary>
    public bool IsComplete() =>
        Job is { JournalId.Length: > 0, Id: not null, Provider: not null, Model: not null, Logs: not null, ProviderData: not null }
        && Enum.IsDefined(Job.State)
        && !Job.Logs.Any(line => line?.Message is null)
        && !Job.ProviderData.Values.Contains(null)
        && Job.Parameters?.Values.Contains(null) != true
        && History?.Contains(null!) != true
        && MadeBy is null or { Machine: not null }
        && Claim is null or { By.Machine: not null }
        && Job.Cost is null or { Currency: not null }
        && Job.Placement is null or { OriginalDigest: not null }
        && Result is null or { Images: not null, Timings: not null, Saved: not null }
        && Result?.Images.Any(image => image is not { Url: not null, Origin: not null }) != true;

    /// <summary>The finished version of a picture, if another writer has finished it first.</summary>
    private static InpaintImage FinishedOf(StoredResult known, InpaintImage image) =>
        image.ProviderUrl is null && known.Images.FirstOrDefault(other => other.Index == image.Index && other.ProviderUrl == image.Url) is { } finished ? finished : image;

    private IEnumerable<string> StepsFrom(JournalEntry? before)
    {
        if (before?.Job.State != Job.State && !(UnwrittenHistory is [.., var last] && last.EndsWith($" {Job.State}", StringComparison.Ordinal)))
        {
            yield return Job.State.ToString();
        }

        if (Job.StopOutcome is StopOutcome outcome && outcome != before?.Job.StopOutcome)
        {
            yield return $"stop: {outcome}";
        }

        if (before?.Result is null && Result is not null)
        {
            yield return $"result: {Result.Images.Count} picture(s)";
        }

        foreach (int index in Result?.Saved ?? [])
        {
            if (before?.Result?.Saved.Contains(index) != true)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"picture {index} saved");
            }
        }
    }
}

/// <summary>A process that has claimed to collect a job.</summary>
/// <param name="By">The process.</param>
/// <param name="At">When.</param>
internal sealed record CollectionClaim(ProcessMark By, DateTimeOffset At)
{
    /// <summary>How long a claim holds whose process cannot be checked. Pictures are saved within seconds of it.</summary>
    private static readonly TimeSpan Assumed = TimeSpan.FromMinutes(15);

    /// <summary>Whether the process may still be collecting the job.</summary>
    public bool HoldsAt(DateTimeOffset now) => By.IsRunning() ?? (now - At < Assumed);
}

/// <summary>A result as it is stored, without the job, which is stored beside it.</summary>
internal sealed record StoredResult
{
    public IReadOnlyList<InpaintImage> Images { get; init; } = [];

    public long? Seed { get; init; }

    /// <summary>Timings in seconds.</summary>
    public IReadOnlyDictionary<string, double> Timings { get; init; } = ReadOnlyDictionary<string, double>.Empty;

    /// <summary>The prompt that was used.</summary>
    public string? Prompt { get; init; }

    /// <summary>The indexes of the pictures that have been saved to files.</summary>
    public IReadOnlyList<int> Saved { get; init; } = [];
}

/// <summary>How entries are read. <see cref="JournalWriter"/> writes them.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalReading : JsonSerializerContext;
