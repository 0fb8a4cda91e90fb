using System.Text.Json.Serialization;

namespace Inpaint;

/// <summary>
/// A job as last known. Plain and serializable: it can be kept as JSON, and used in another process or on another machine. It contains neither keys nor pictures.
/// </summary>
public sealed record InpaintJob
{
    /// <summary>The provider's id of the job; until the provider has accepted it, the same as <see cref="JournalId"/>.</summary>
    public string Id { get; init; } = "";

    /// <summary>The name of the job's file in the journal.</summary>
    public string JournalId { get; init; } = "";

    /// <summary>The provider's name.</summary>
    public string Provider { get; init; } = "";

    /// <summary>The provider's id of the model.</summary>
    public string Model { get; init; } = "";

    /// <summary>What the job does.</summary>
    public InpaintOperation Operation { get; init; }

    /// <summary>The state.</summary>
    public InpaintJobState State { get; init; }

    /// <summary>How many requests are ahead of it, from 0; null when it is not queued or the provider does not say.</summary>
    public int? QueuePosition { get; init; }

    /// <summary>The fraction done, 0 to 1; null when the provider does not report it.</summary>
    public double? Progress { get; init; }

    /// <summary>The prompt.</summary>
    public string? Prompt { get; init; }

    /// <summary>The picture's path, URL or name, as it was given.</summary>
    public string? Source { get; init; }

    /// <summary>Number of pictures requested.</summary>
    public int Count { get; init; } = 1;

    /// <summary>When the intent was written to the journal.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the provider accepted it.</summary>
    public DateTimeOffset? SubmittedAt { get; init; }

    /// <summary>When this was last refreshed.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it was first known to be finished.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When all its pictures, except flagged ones, had been saved to files; a completed job without this still counts as uncollected.</summary>
    public DateTimeOffset? SavedAt { get; init; }

    /// <summary>What the last attempt to stop it did.</summary>
    public StopOutcome? StopOutcome { get; init; }

    /// <summary>Why it failed, in the provider's words.</summary>
    public string? Error { get; init; }

    /// <summary>Why it failed, as an id of the vocabulary.</summary>
    public InpaintErrorId? ErrorId { get; init; }

    /// <summary>
    /// Whether the failure is inferred from the same response being repeated, instead of reported by the provider. Such a job still counts as uncollected, and the provider is
    /// asked again when it is collected.
    /// </summary>
    public bool IsProvisional { get; init; }

    /// <summary>Whether it failed for a reason that may pass, so that a new job for the same request may succeed.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Whether it costs nothing.</summary>
    public bool IsFree { get; init; }

    /// <summary>What it costs: the provider's figure when known, else the estimate.</summary>
    public InpaintCost? Cost { get; init; }

    /// <summary>The provider's compute time in seconds; null when it does not report it.</summary>
    public double? InferenceSeconds { get; init; }

    /// <summary>The provider's log lines; filled only on request.</summary>
    public IReadOnlyList<InpaintLogEntry> Logs { get; init => field = Lists.Indexable(value); } = [];

    /// <summary>A digest over provider, model, parameters and picture content; equal requests have equal fingerprints.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>How its pictures are composited into the original; null when they are returned unmodified.</summary>
    public InpaintPlacement? Placement { get; init; }

    /// <summary>What the provider needs to find the job again, under its own names. Never a key.</summary>
    public IReadOnlyDictionary<string, string> ProviderData { get; init => field = ReadableDictionary.Of(value, StringComparer.Ordinal); } = ReadableDictionary.Of<string>(null, StringComparer.Ordinal);

    /// <summary>The columns of the table row that requested it, in any case, which may name its files: see <see cref="SaveOptions.NameTemplate"/>.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init => field = Lists.ByName(value); } = Lists.NoTexts;

    /// <summary>
    /// What was requested besides the prompt, by the names of <see cref="InpaintRequest"/> in any case: numbers in invariant notation, lists and objects as JSON. Never a key and
    /// never a picture's bytes; what was left out for that reason is named under <see cref="NotRecorded"/>. Null when it is not known.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Parameters { get; init => field = value is null ? null : Lists.ByName(value); }

    /// <summary>The name under which <see cref="Parameters"/> lists what was requested and is not recorded.</summary>
    public const string NotRecorded = "NotRecorded";

    /// <summary>Whether the provider has finished with it.</summary>
    public bool IsFinished => State is InpaintJobState.Completed or InpaintJobState.Failed or InpaintJobState.Cancelled;

    /// <summary>Whether the provider has accepted it.</summary>
    public bool IsAccepted => State is not (InpaintJobState.Submitting or InpaintJobState.Uncertain);

    /// <summary>Whether it has certainly ended without a result, so that nothing is left to collect.</summary>
    [JsonIgnore]
    public bool EndedWithoutResult => !IsProvisional && State is InpaintJobState.Failed or InpaintJobState.Cancelled;

    /// <summary>The full path of the picture, where it is a file; null for a URL, for bytes, and for what is made from a prompt alone.</summary>
    [JsonIgnore]
    public string? File => Path.IsPathFullyQualified(Source ?? "") ? Source : null;

    /// <summary>A short name: the picture's file name, or the first words of the prompt.</summary>
    internal string? Title => new ImageOrigin { Source = Source, Prompt = Prompt } is { SourceName: null } origin ? origin.Title : new ImageOrigin { Source = Source }.SourceName;

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', new[] { Title, Provider, Id, State.ToString() }.Where(part => !string.IsNullOrEmpty(part)));
}

/// <summary>The state of a job.</summary>
public enum InpaintJobState : long
{
    /// <summary>The intent is in the journal; the provider has not responded yet.</summary>
    Submitting,

    /// <summary>The request was sent, but there was no response: the provider may or may not have it.</summary>
    Uncertain,

    /// <summary>Accepted and waiting.</summary>
    InQueue,

    /// <summary>Running.</summary>
    InProgress,

    /// <summary>Finished; the result can be collected.</summary>
    Completed,

    /// <summary>Failed at the provider.</summary>
    Failed,

    /// <summary>Cancelled.</summary>
    Cancelled,
}

/// <summary>What an attempt to stop a job did.</summary>
public enum StopOutcome : long
{
    /// <summary>The job will not run.</summary>
    Cancelled,

    /// <summary>The provider accepted the request to cancel; a running job may still complete and be charged.</summary>
    CancellationRequested,

    /// <summary>Too late: the job had finished.</summary>
    AlreadyCompleted,

    /// <summary>The provider does not know the job.</summary>
    NotFound,

    /// <summary>The provider cannot cancel; only the waiting has ended.</summary>
    NotSupported,
}

/// <summary>A line of the provider's own log.</summary>
/// <param name="Timestamp">When it was written, as the provider's text (ISO 8601); null when there is none.</param>
/// <param name="Message">The line.</param>
/// <param name="Level">Its level; null when there is none.</param>
public sealed record InpaintLogEntry(string? Timestamp, string Message, string? Level = null)
{
    /// <inheritdoc/>
    public override string ToString() => Message;
}

/// <summary>
/// How a job's pictures are composited: into which original, and where. It is in the journal before anything is paid, so that another process can finish the job. Plain and
/// serializable; the mask, and an original that is not a file of the user's, are in the state folder.
/// </summary>
public sealed record InpaintPlacement
{
    /// <summary>The full path of the original; null when a copy of it is in the state folder, because it came from memory or from a temporary file.</summary>
    public string? OriginalPath { get; init; }

    /// <summary>The digest of the original's content (SHA-256, hexadecimal), so that nothing is composited into a picture that has changed.</summary>
    public string OriginalDigest { get; init; } = "";

    /// <summary>Leftmost column of the part that was sent, in pixels of the original.</summary>
    public int X { get; init; }

    /// <summary>Topmost row of the part that was sent.</summary>
    public int Y { get; init; }

    /// <summary>Columns of the part that was sent.</summary>
    public int Width { get; init; }

    /// <summary>Rows of the part that was sent.</summary>
    public int Height { get; init; }

    /// <summary>Leftmost column of the original that the stored mask covers, which is cropped to the repainted part and one pixel around it.</summary>
    public int MaskX { get; init; }

    /// <summary>Topmost row of the original that the stored mask covers.</summary>
    public int MaskY { get; init; }

    /// <summary>The width of the blend from the original into the repainted picture, inside the mask, in pixels.</summary>
    public int Feather { get; init; }

    /// <summary>The format of the finished picture: PNG, unless another one was requested.</summary>
    public PictureFormat Format { get; init; } = PictureFormat.Png;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Width}x{Height} at {X},{Y}");
}

/// <summary>The kind of a job event.</summary>
public enum JobEventKind
{
    /// <summary>The job's state changed; see <see cref="JobEvent.Job"/>.</summary>
    Progress,

    /// <summary>A call is delayed or will be retried after a pause.</summary>
    Pause,

    /// <summary>A step, for verbose output.</summary>
    Timeline,

    /// <summary>A new line of the provider's log.</summary>
    Log,

    /// <summary>An intermediate picture was written; see <see cref="JobEvent.FilePath"/>.</summary>
    Preview,

    /// <summary>Something the user should know.</summary>
    Warning,
}

/// <summary>Something that happened to a job, raised while it happens and on any thread.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Text">A phrase for a person.</param>
/// <param name="Job">The job at that time; null before it exists.</param>
public sealed record JobEvent(JobEventKind Kind, string Text, InpaintJob? Job = null)
{
    /// <summary>A phrase for a person, with the queries removed from URLs.</summary>
    public string Text { get; init; } = PlainText.WithoutUrlQueries(Text);

    /// <summary>The file that an intermediate picture was written to; null for other events.</summary>
    public string? FilePath { get; init; }
}
