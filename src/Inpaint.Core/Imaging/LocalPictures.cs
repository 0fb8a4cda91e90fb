namespace Inpaint.Imaging;

/// <summary>Opens pictures whose pixels are needed here, which those at an address are not there for.</summary>
internal static class LocalPictures
{
    /// <summary>Decodes a picture.</summary>
    /// <exception cref="InpaintException">ImageNotFound; ImageUnsupported: remote, or not to be decoded; ImageTooLarge.</exception>
    public static Raster Decode(PictureSource source, CancellationToken cancellationToken)
    {
        using Stream stream = Open(source);
        return Pictures.Decode(stream, source.Name, cancellationToken: cancellationToken);
    }

    /// <summary>Opens a picture.</summary>
    /// <exception cref="InpaintException">ImageNotFound; ImageUnsupported: remote.</exception>
    public static Stream Open(PictureSource source) => source.IsRemote
        ? throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{source} is not on this machine, and is not fetched to be looked at.")
        {
            RecommendedAction = "Download the picture and give the file; Save-InpaintImage does that for results.",
        }
        : source.OpenRead();
}
