namespace Inpaint;

/// <summary>A mask to paint by hand.</summary>
/// <param name="Image">The picture to paint over; on this machine.</param>
/// <param name="Path">The mask file's full path, ending in <c>.png</c>.</param>
public sealed record MaskEditRequest(PictureSource Image, string Path)
{
    /// <summary>The mask to start with; null for an empty one.</summary>
    public PictureSource? Mask { get; init; }

    /// <summary>How the part to be repainted is marked in <see cref="Mask"/>.</summary>
    public MaskMode MaskMode { get; init; }

    /// <summary>Whether an existing file may be replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Whether a read-only file, or a picture in colour, may be replaced as well.</summary>
    public bool Force { get; init; }

    /// <summary>The port on 127.0.0.1; 0 for any free one.</summary>
    public int Port { get; init; }

    /// <summary>How long the page may stay open; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>How the painting of a mask ended.</summary>
public enum MaskEditOutcome
{
    /// <summary>The mask was written.</summary>
    Saved,

    /// <summary>It was cancelled in the page.</summary>
    Cancelled,

    /// <summary>The page was closed, or its connection was lost.</summary>
    Closed,

    /// <summary>The time limit was reached.</summary>
    TimedOut,
}

/// <summary>The result of painting a mask.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="File">The mask; null when none was written.</param>
public sealed record MaskEdit(MaskEditOutcome Outcome, MaskFile? File);
