namespace Inpaint;

/// <summary>
/// How a mask is made. It begins as <see cref="Mask"/>, or with nothing to repaint; then everything that is drawn or selected is added; then it is inverted, grown,
/// shrunk and feathered, in this order.
/// </summary>
public sealed record MaskRecipe
{
    /// <summary>The picture that the mask is for: it gives the size, and what <see cref="FromAlpha"/> and <see cref="Color"/> look at.</summary>
    public PictureSource? Image { get; init; }

    /// <summary>The mask to begin with.</summary>
    public PictureSource? Mask { get; init; }

    /// <summary>What marks the part to be repainted in <see cref="Mask"/>.</summary>
    public MaskMode MaskMode { get; init; }

    /// <summary>The size, when there is neither picture nor mask.</summary>
    public ImageSize? Size { get; init; }

    /// <summary>Shapes to be repainted.</summary>
    public IReadOnlyList<MaskShape> Shapes { get; init; } = [];

    /// <summary>Whether the transparent part of <see cref="Image"/> (alpha below 128) is repainted.</summary>
    public bool FromAlpha { get; init; }

    /// <summary>A colour of <see cref="Image"/> that is repainted wherever it occurs.</summary>
    public PixelColor? Color { get; init; }

    /// <summary>How far each channel may be off <see cref="Color"/>, 0 (that very colour) to 255 (any).</summary>
    public int Tolerance { get; init; }

    /// <summary>Whether what would be repainted is kept, and the other way round.</summary>
    public bool Invert { get; init; }

    /// <summary>How many pixels are added all around, 0 to 10000.</summary>
    public int Grow { get; init; }

    /// <summary>How many pixels are taken away all around, 0 to 10000. The picture's border does not count as an edge.</summary>
    public int Shrink { get; init; }

    /// <summary>How many pixels the edges are softened by, inwards and outwards, 0 to 10000.</summary>
    public int Feather { get; init; }

    /// <summary>Whether anything is drawn or selected.</summary>
    internal bool Draws => Shapes.Count > 0 || FromAlpha || Color is not null;
}

/// <summary>A mask that was written to a file.</summary>
/// <param name="Path">The file's full path.</param>
/// <param name="Warning">What is worth knowing about it, if anything: that it marks nothing, or everything.</param>
public sealed record MaskFile(string Path, string? Warning);
