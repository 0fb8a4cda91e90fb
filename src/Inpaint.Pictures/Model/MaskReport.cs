namespace Inpaint;

/// <summary>A rectangle of a mask that contains something to be repainted.</summary>
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

/// <summary>What a mask would repaint, and whether it can be used. Plain and serializable.</summary>
public sealed record MaskReport
{
    /// <summary>The maximum number of regions listed.</summary>
    public const int MaximumRegions = 100;

    /// <summary>The picture.</summary>
    public string Image { get; init; } = "";

    /// <summary>The mask.</summary>
    public string Mask { get; init; } = "";

    /// <summary>Which part of the mask is repainted.</summary>
    public MaskMode MaskMode { get; init; }

    /// <summary>The provider against whose limits it was checked.</summary>
    public string Provider { get; init; } = "";

    /// <summary>Whether a job can be made with it.</summary>
    public bool IsUsable => ErrorId is null;

    /// <summary>The failure that prevents a job; null for none.</summary>
    public InpaintErrorId? ErrorId { get; init; }

    /// <summary>The failure's message.</summary>
    public string? Error { get; init; }

    /// <summary>The failure's <see cref="InpaintException.Parameter"/>.</summary>
    public string? Parameter { get; init; }

    /// <summary>The failure's <see cref="InpaintException.Subject"/>.</summary>
    public string? Subject { get; init; }

    /// <summary>What to do about the failure.</summary>
    public string? RecommendedAction { get; init; }

    /// <summary>What does not prevent a job, but may be a mistake.</summary>
    public IReadOnlyList<string> Warnings { get; init => field = Lists.Indexable(value); } = [];

    /// <summary>The picture's width in pixels; null when it cannot be read here.</summary>
    public int? ImageWidth { get; init; }

    /// <summary>The picture's height in pixels; null when it cannot be read here.</summary>
    public int? ImageHeight { get; init; }

    /// <summary>The width of the mask's file in pixels; null when it cannot be read here.</summary>
    public int? MaskWidth { get; init; }

    /// <summary>The height of the mask's file in pixels; null when it cannot be read here.</summary>
    public int? MaskHeight { get; init; }

    /// <summary>Whether the file has only full black and full white (or full and no alpha); null when its pixels cannot be read here.</summary>
    public bool? IsBinary { get; init; }

    /// <summary>The share of the picture that is repainted, 0 to 1; null when the mask's pixels cannot be read here.</summary>
    public double? Coverage { get; init; }

    /// <summary>The smallest rectangle around everything that is repainted; null when there is nothing.</summary>
    public MaskArea? BoundingBox { get; init; }

    /// <summary>How many connected regions are repainted; pixels that touch at a corner are connected.</summary>
    public int? RegionCount { get; init; }

    /// <summary>The regions, largest first, <see cref="MaximumRegions"/> at most.</summary>
    public IReadOnlyList<MaskArea> Regions { get; init => field = Lists.Indexable(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Path.GetFileName(Mask)} {(ErrorId is { } id ? id : Coverage is double share ? FormattableString.Invariant($"{share:0.0 %} marked") : "usable")}";
}
