namespace Inpaint;

/// <summary>How two pictures differ outside a mask, or anywhere without one. Plain and serializable.</summary>
public sealed record PictureComparison
{
    /// <summary>The picture to compare with.</summary>
    public string Reference { get; init; } = "";

    /// <summary>The picture to compare.</summary>
    public string Difference { get; init; } = "";

    /// <summary>The mask whose repainted part is left out; null for none.</summary>
    public string? Mask { get; init; }

    /// <summary>Width of both in pixels.</summary>
    public int Width { get; init; }

    /// <summary>Height of both in pixels.</summary>
    public int Height { get; init; }

    /// <summary>Number of pixels compared: those that the mask keeps, or all.</summary>
    public long KeptPixels { get; init; }

    /// <summary>How many of them differ in any channel.</summary>
    public long ChangedPixels { get; init; }

    /// <summary>The share of them that differ, 0 to 1.</summary>
    public double ChangedShare { get; init; }

    /// <summary>The largest difference of a channel among them, in steps of samples of <see cref="BitDepth"/> bits.</summary>
    public int MaxDifference { get; init; }

    /// <summary>The mean over them of each pixel's largest difference of a channel, in the same steps.</summary>
    public double MeanDifference { get; init; }

    /// <summary>Bits of the samples that were compared, 8 (0 to 255) or 16 (0 to 65535).</summary>
    public int BitDepth { get; init; }

    /// <summary>Whether no compared pixel differs; false when none was compared, which proves nothing.</summary>
    public bool IsUnchanged => KeptPixels > 0 && ChangedPixels == 0;

    /// <summary>The file with the picture of the differences; null when none was requested.</summary>
    public string? DifferencePath { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Path.GetFileName(Difference)} {ChangedShare:0.00 %} changed");
}

/// <summary>A picture of differences to write: gray, black where two pictures are equal, inside and outside any mask.</summary>
/// <param name="Path">The file's full path; a PNG.</param>
/// <param name="Gain">The factor that makes small differences visible, 1 to 255.</param>
/// <param name="Overwrite">Whether an existing file may be replaced.</param>
/// <param name="Force">Whether a read-only file, or a picture in colour, may be replaced as well.</param>
public sealed record DifferencePicture(string Path, int Gain = 1, bool Overwrite = false, bool Force = false);
