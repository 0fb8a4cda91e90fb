namespace Inpaint;

/// <summary>What kind of thing happened to a job.</summary>
public enum JobEventKind
{
    /// <summary>The job's standing changed; see <see cref="JobEvent.Job"/>.</summary>
    Progress,

    /// <summary>A call is held back or will be repeated, and there is a pause before that.</summary>
    Pause,

    /// <summary>A step of the timeline, for verbose output.</summary>
    Timeline,

    /// <summary>A new line of the provider's log.</summary>
    Log,

    /// <summary>An intermediate picture has come; see <see cref="JobEvent.FilePath"/>.</summary>
    Preview,

    /// <summary>Something the user should know.</summary>
    Warning,
}

/// <summary>Something that happened on the way of a job, told while it happens and from any thread.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Text">A phrase for a person.</param>
/// <param name="Job">The job as known then; null before it exists.</param>
public sealed record JobEvent(JobEventKind Kind, string Text, InpaintJob? Job = null)
{
    /// <summary>A phrase for a person, in which no address has its query.</summary>
    public string Text { get; init; } = AddressText.WithoutQueries(Text);

    /// <summary>The file that an intermediate picture was written to; null for other events.</summary>
    public string? FilePath { get; init; }
}
