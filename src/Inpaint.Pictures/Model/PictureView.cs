namespace Inpaint;

/// <summary>A picture to show, optionally next to the one before.</summary>
/// <param name="Picture">The picture.</param>
public sealed record PictureView(PictureSource Picture)
{
    /// <summary>The picture before, shown to the left; null for none.</summary>
    public PictureSource? Before { get; init; }

    /// <summary>Whether the picture is shown alone when the one before cannot be read: it was on another machine, or has been deleted since.</summary>
    public bool IsBeforeOptional { get; init; }

    /// <summary>A mask whose repainted part is tinted in the picture before, or in the picture when there is none before; null for none.</summary>
    public PictureSource? Mask { get; init; }

    /// <summary>How that part is marked in the mask.</summary>
    public MaskMode MaskMode { get; init; }

    /// <summary>Whether the provider's safety checker flagged the picture, which is then usually black.</summary>
    public bool IsFlagged { get; init; }

    /// <summary>How the picture was made; null when it is not a result.</summary>
    internal ImageOrigin? Origin { get; init; }

    /// <summary>Creates a view of each picture of a result, next to the job's source.</summary>
    /// <param name="result">The result.</param>
    /// <returns>The views.</returns>
    public static IEnumerable<PictureView> Of(InpaintResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Images.Select(image => Of(image) with { Before = SourceOf(image), IsBeforeOptional = true });
    }

    /// <summary>Creates a view of one picture of a result.</summary>
    /// <param name="image">The picture.</param>
    /// <returns>The view.</returns>
    public static PictureView Of(InpaintImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new PictureView(PictureSource.FromImage(image)) { IsFlagged = image.IsFlagged, Origin = image.Origin };
    }

    /// <summary>The source, where it is a full path or URL. Bytes in memory have a name only, which must not be taken for a file of that name.</summary>
    private static PictureSource? SourceOf(InpaintImage image) => image.Origin.Source is { Length: > 0 } source
        && (Path.IsPathFullyQualified(source) || source.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || source.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            ? PictureSource.Parse(source)
            : null;

    /// <inheritdoc/>
    public override string ToString() => Picture.ToString();
}
