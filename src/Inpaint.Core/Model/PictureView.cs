namespace Inpaint;

/// <summary>A picture to be looked at, perhaps beside the one that it was made of.</summary>
/// <param name="Picture">The picture.</param>
public sealed record PictureView(PictureSource Picture)
{
    /// <summary>The picture before, which stands to the left; null for none.</summary>
    public PictureSource? Before { get; init; }

    /// <summary>Whether the picture is shown alone when the one before cannot be had: it was on another machine, or has been deleted since.</summary>
    public bool IsBeforeOptional { get; init; }

    /// <summary>A mask whose repainted part is coloured in the picture before, or in the picture when there is none before; null for none.</summary>
    public PictureSource? Mask { get; init; }

    /// <summary>What marks that part in the mask.</summary>
    public MaskMode MaskMode { get; init; }

    /// <summary>Whether the provider's safety checker flagged the picture, which is then usually black.</summary>
    public bool IsFlagged { get; init; }

    /// <summary>What made the picture; null for one that is no result.</summary>
    internal ImageOrigin? Origin { get; init; }

    /// <summary>The pictures of a result, each beside the source of the job.</summary>
    /// <param name="result">The result.</param>
    /// <returns>A view for each picture.</returns>
    public static IEnumerable<PictureView> Of(InpaintResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Images.Select(image => Of(image) with { Before = SourceOf(image), IsBeforeOptional = true });
    }

    /// <summary>A single picture of a result.</summary>
    /// <param name="image">The picture.</param>
    /// <returns>The view.</returns>
    public static PictureView Of(InpaintImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new PictureView(PictureSource.FromImage(image)) { IsFlagged = image.IsFlagged, Origin = image.Origin };
    }

    /// <summary>Bytes that were given without a file have a name only, which must not be taken for a file of that name.</summary>
    private static PictureSource? SourceOf(InpaintImage image) => image.Origin.Source is { Length: > 0 } source
        && (Path.IsPathFullyQualified(source) || source.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || source.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            ? PictureSource.Parse(source)
            : null;

    /// <inheritdoc/>
    public override string ToString() => Picture.ToString();
}
