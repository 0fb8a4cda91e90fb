namespace Inpaint.Imaging;

/// <summary>The one place where a picture file is made into one of another format.</summary>
internal static class PictureConverter
{
    /// <summary>Decodes a picture file and writes it in another format, with its metadata.</summary>
    /// <param name="source">The file.</param>
    /// <param name="name">Its name for messages.</param>
    /// <param name="format">One that can be written.</param>
    /// <param name="quality">Quality of a lossy file, 1 to 100.</param>
    /// <param name="target">Receives it.</param>
    /// <param name="cancellationToken">Ends it; the target then holds a broken file.</param>
    /// <returns>Whether transparency was lost, which not every format has: what was transparent is laid over white.</returns>
    /// <exception cref="InpaintException">ImageUnsupported: it cannot be decoded; ImageTooLarge.</exception>
    public static bool Convert(Stream source, string name, PictureFormat format, int quality, Stream target, CancellationToken cancellationToken)
    {
        Raster picture = Pictures.Decode(source, name, cancellationToken: cancellationToken);
        Pictures.Encode(picture, format, target, quality, cancellationToken);
        return !PictureFormats.HasAlpha(format) && HasTransparentPixels(picture);
    }

    private static bool HasTransparentPixels(Raster picture)
    {
        int sample = picture.BitDepth / 8;
        for (int at = picture.BytesPerPixel - sample; picture.HasAlpha && at < picture.Data.Length; at += picture.BytesPerPixel)
        {
            if (picture.Data.AsSpan(at, sample).ContainsAnyExcept(byte.MaxValue))
            {
                return true;
            }
        }

        return false;
    }
}
