using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Inpaint.Journal;

/// <summary>What a journal file holds.</summary>
/// <param name="Version">The file's format; 1.</param>
/// <param name="Job">The job as last known.</param>
/// <param name="Result">The result, once it has been told; addresses only, never picture bytes.</param>
internal sealed record JournalEntry(int Version, InpaintJob Job, StoredResult? Result = null)
{
    /// <summary>The format that this build writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>How much of its past a job keeps; only one that wavers between two standings has more.</summary>
    private const int LongestHistory = 100;

    /// <summary>No submit takes longer, be it a direct run.</summary>
    private static readonly TimeSpan LongestSubmit = TimeSpan.FromHours(1);

    /// <summary>How long a submit is believed to be under way whose process cannot be asked.</summary>
    private static readonly TimeSpan Presumed = TimeSpan.FromMinutes(5);

    /// <summary>Which process made the job; null for one that was taken on by its id.</summary>
    public ProcessMark? MadeBy { get; init; }

    /// <summary>What happened to it, for people: a line each, of the time (UTC) and what it was. Null in a file that has none.</summary>
    public IReadOnlyList<string>? History { get; init; }

    /// <summary>Whether the provider need not be asked again: the result is here, or there will be none.</summary>
    [JsonIgnore]
    public bool IsSettled => Result is not null || Job.IsOver;

    /// <summary>Whether nothing is left to collect: its pictures are saved, or there are none.</summary>
    [JsonIgnore]
    public bool IsDone => Job.SavedAt is not null || (Result is null && IsSettled);

    /// <summary>The job as it must be taken to stand: one whose process ended between writing the intent and hearing the answer is one that nobody can vouch for.</summary>
    /// <param name="now">The time.</param>
    /// <returns>The job, <see cref="InpaintJobState.Submitting"/> only while somebody may really be at it.</returns>
    public InpaintJob KnownAt(DateTimeOffset now)
    {
        if (Job.State != InpaintJobState.Submitting)
        {
            return Job;
        }

        TimeSpan patience = MadeBy?.IsRunning() switch
        {
            true => LongestSubmit,
            false => TimeSpan.MinValue,
            null => Presumed,
        };
        return now - Job.UpdatedAt > patience ? Job with { State = InpaintJobState.Uncertain, ErrorId = InpaintErrorId.SubmissionUncertain } : Job;
    }

    /// <summary>Adds to the history what this entry says beyond the one that it replaces.</summary>
    /// <param name="onDisk">What the file holds; null when there is none.</param>
    /// <param name="now">The time.</param>
    /// <returns>The entry to write.</returns>
    public JournalEntry Following(JournalEntry? onDisk, DateTimeOffset now)
    {
        string time = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        IEnumerable<string> added = StepsFrom(onDisk).Select(step => $"{time} {step}");
        return this with { MadeBy = onDisk?.MadeBy ?? MadeBy, History = [.. (onDisk?.History ?? []).Concat(added).TakeLast(LongestHistory)] };
    }

    /// <summary>
    /// What to write when the file has changed since this was read: a result, a saved mark and a verdict are never taken back by somebody who has not seen
    /// them, and neither is a picture that was finished.
    /// </summary>
    /// <param name="onDisk">What the file holds; null when there is none.</param>
    /// <returns>The entry to write.</returns>
    public JournalEntry Over(JournalEntry? onDisk)
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

    /// <summary>Whether all that must be there is: the serialiser lets a file say null where this code never would.</summary>
    /// <returns>False when the file was not written by this module, or was damaged.</returns>
    public bool IsWhole() =>
        Job is { JournalId.Length: > 0, Id: not null, Provider: not null, Model: not null, Logs: not null, ProviderData: not null }
        && Enum.IsDefined(Job.State)
        && !Job.Logs.Any(line => line?.Message is null)
        && !Job.ProviderData.Values.Contains(null)
        && Job.Parameters?.Values.Contains(null) != true
        && History?.Contains(null!) != true
        && MadeBy is null or { Machine: not null }
        && Job.Cost is null or { Currency: not null }
        && Job.Placement is null or { OriginalDigest: not null }
        && Result is null or { Images: not null, Timings: not null, Saved: not null }
        && Result?.Images.Any(image => image is not { Url: not null, Origin: not null }) != true;

    /// <summary>A picture as it was finished by whoever was first.</summary>
    private static InpaintImage FinishedOf(StoredResult known, InpaintImage image) =>
        image.ProviderUrl is null && known.Images.FirstOrDefault(other => other.Index == image.Index && other.ProviderUrl == image.Url) is { } finished ? finished : image;

    private IEnumerable<string> StepsFrom(JournalEntry? before)
    {
        if (before?.Job.State != Job.State)
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

        foreach (int index in (Result?.Saved ?? []).Except(before?.Result?.Saved ?? []))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"picture {index} saved");
        }
    }
}

/// <summary>A result as the journal keeps it: all but the job, which stands beside it.</summary>
internal sealed record StoredResult
{
    /// <summary>The pictures.</summary>
    public IReadOnlyList<InpaintImage> Images { get; init; } = [];

    /// <summary>The seed used.</summary>
    public long? Seed { get; init; }

    /// <summary>Timings in seconds.</summary>
    public IReadOnlyDictionary<string, double> Timings { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>The prompt as used.</summary>
    public string? Prompt { get; init; }

    /// <summary>Which pictures have been saved to files, by index.</summary>
    public IReadOnlyList<int> Saved { get; init; } = [];
}

/// <summary>How journal files are written: indented and with their letters as they are, since people read them too.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext
{
    private static readonly Lazy<JournalJson> Context = new(() => new JournalJson(new JsonSerializerOptions(Default!.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));

    /// <summary>The context to use.</summary>
    public static JournalJson Readable => Context.Value;
}
