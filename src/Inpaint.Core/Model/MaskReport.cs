namespace Inpaint;

/// <summary>A rectangle of a mask that holds something to be repainted.</summary>
/// <param name="X">Leftmost column.</param>
/// <param name="Y">Topmost row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Pixels">How many pixels inside are repainted.</param>
public sealed record MaskArea(int X, int Y, int Width, int Height, long Pixels)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Width}x{Height} at {X},{Y}";
}

/// <summary>What a mask would do to a picture, and what is to be said against that. Plain and serialisable.</summary>
public sealed record MaskReport
{
    /// <summary>The most regions that are listed.</summary>
    public const int MaximumRegions = 100;

    /// <summary>The picture.</summary>
    public string Image { get; init; } = "";

    /// <summary>The mask.</summary>
    public string Mask { get; init; } = "";

    /// <summary>Which part of the mask is repainted.</summary>
    public MaskMode MaskMode { get; init; }

    /// <summary>Whose limits it was held against.</summary>
    public string Provider { get; init; } = "";

    /// <summary>Whether a job would be made with it.</summary>
    public bool IsUsable => ErrorId is null;

    /// <summary>Which failure would be reported instead of making a job; null when none.</summary>
    public InpaintErrorId? ErrorId { get; init; }

    /// <summary>That failure's message.</summary>
    public string? Error { get; init; }

    /// <summary>What to do about the failure.</summary>
    public string? RecommendedAction { get; init; }

    /// <summary>What does not stop a job, but may not be what was meant.</summary>
    public IReadOnlyList<string> Suspicions { get; init => field = Lists.Indexable(value); } = [];

    /// <summary>The picture's width in pixels; null when it cannot be read here.</summary>
    public int? ImageWidth { get; init; }

    /// <summary>The picture's height in pixels; null when it cannot be read here.</summary>
    public int? ImageHeight { get; init; }

    /// <summary>The width of the mask's file in pixels; null when it cannot be read here.</summary>
    public int? MaskWidth { get; init; }

    /// <summary>The height of the mask's file in pixels; null when it cannot be read here.</summary>
    public int? MaskHeight { get; init; }

    /// <summary>Whether the file has nothing but full black and full white (or full and no alpha); null when its pixels cannot be read here.</summary>
    public bool? IsBinary { get; init; }

    /// <summary>The share of the picture that is repainted, 0 to 1; null when the mask's pixels cannot be read here.</summary>
    public double? Coverage { get; init; }

    /// <summary>The smallest rectangle around everything that is repainted; null when there is nothing.</summary>
    public MaskArea? BoundingBox { get; init; }

    /// <summary>How many connected regions are repainted; pixels that touch at a corner are connected.</summary>
    public int? RegionCount { get; init; }

    /// <summary>The regions, largest first, <see cref="MaximumRegions"/> at most.</summary>
    public IReadOnlyList<MaskArea> Regions { get; init => field = Lists.Indexable(value); } = [];
}
