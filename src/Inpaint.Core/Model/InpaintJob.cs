namespace Inpaint;

/// <summary>
/// A job as last known. Plain and serialisable: it survives JSON, Clixml, a new process and another machine, and holds neither keys nor pictures.
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

    /// <summary>Where it stands.</summary>
    public InpaintJobState State { get; init; }

    /// <summary>How many requests are ahead of it, from 0; null when it is not queued or the provider does not say.</summary>
    public int? QueuePosition { get; init; }

    /// <summary>Share done, 0 to 1, where the provider tells.</summary>
    public double? Progress { get; init; }

    /// <summary>The prompt.</summary>
    public string? Prompt { get; init; }

    /// <summary>The picture's name or address, as the user gave it.</summary>
    public string? Source { get; init; }

    /// <summary>Number of pictures asked for.</summary>
    public int Count { get; init; } = 1;

    /// <summary>When the intent was written down.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the provider accepted it.</summary>
    public DateTimeOffset? SubmittedAt { get; init; }

    /// <summary>When this was last refreshed.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it was first seen to be finished.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When all its pictures, flagged ones aside, had been saved to files; a finished job without this is still listed as uncollected.</summary>
    public DateTimeOffset? SavedAt { get; init; }

    /// <summary>What the last attempt to stop it did.</summary>
    public StopOutcome? StopOutcome { get; init; }

    /// <summary>Why it failed, in the provider's words.</summary>
    public string? Error { get; init; }

    /// <summary>Why it failed, in the module's vocabulary.</summary>
    public InpaintErrorId? ErrorId { get; init; }

    /// <summary>
    /// Whether the failure is concluded from the same answer given again and again, and not told by the provider in so many words. Such a job is still listed, and
    /// asked about again when it is collected.
    /// </summary>
    public bool IsProvisional { get; init; }

    /// <summary>Whether it costs nothing.</summary>
    public bool IsFree { get; init; }

    /// <summary>What it costs: the provider's figure when known, else the estimate.</summary>
    public InpaintCost? Cost { get; init; }

    /// <summary>The provider's compute time in seconds, where it tells.</summary>
    public double? InferenceSeconds { get; init; }

    /// <summary>The provider's log lines; filled only when asked for.</summary>
    public IReadOnlyList<InpaintLogEntry> Logs { get; init => field = Lists.Indexable(value); } = [];

    /// <summary>A digest over provider, model, parameters and picture content; equal requests have equal fingerprints.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Where its pictures are put back; null when they are handed over as they come.</summary>
    public InpaintPlacement? Placement { get; init; }

    /// <summary>What the provider needs to find the job again, under names of its own. Never a key.</summary>
    public IReadOnlyDictionary<string, string> ProviderData { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The columns of the row that asked for it, in any case, which may name its files: <c>Save-InpaintImage -Name '{Column}'</c>, and <c>OutPath</c>.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init => field = Lists.ByName(value); } = Lists.NoTexts;

    /// <summary>
    /// What was asked for beyond the prompt, by the names of <see cref="InpaintRequest"/> in any case: numbers in invariant notation, lists and objects as JSON. Never a key and
    /// never a picture's bytes; what was left out for that reason is named under <see cref="NotRecorded"/>. Null when it is not known.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Parameters { get; init => field = value is null ? null : Lists.ByName(value); }

    /// <summary>The name under which <see cref="Parameters"/> lists what was asked for and is not kept.</summary>
    public const string NotRecorded = "NotRecorded";

    /// <summary>Whether nothing more will happen to it at the provider.</summary>
    public bool IsFinished => State is InpaintJobState.Completed or InpaintJobState.Failed or InpaintJobState.Cancelled;

    /// <summary>Whether the provider has accepted it.</summary>
    public bool IsAccepted => State is not (InpaintJobState.Submitting or InpaintJobState.Uncertain);

    /// <summary>Whether it has ended for certain without a result.</summary>
    internal bool IsOver => !IsProvisional && State is InpaintJobState.Failed or InpaintJobState.Cancelled;

    /// <inheritdoc/>
    public override string ToString() => $"{Provider} {Id} {State}";
}
