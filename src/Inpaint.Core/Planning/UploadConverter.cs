using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Planning;

/// <summary>
/// Makes of a picture what a service surely reads as it is meant: upright, in one frame, with 8 bits and the colours of sRGB, in a format that it takes. The user's file
/// stays as it is, and so does all of it that a job keeps.
/// </summary>
internal static class UploadConverter
{
    // A photograph is written a second time only here, so that what that takes away must not be seen.
    private const int Quality = 95;

    /// <summary>Converts a picture where that is needed.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="header">Its header.</param>
    /// <param name="pixels">Its pixels, upright.</param>
    /// <param name="provider">Where it is to go.</param>
    /// <param name="capabilities">What that provider takes.</param>
    /// <param name="notes">Told what is sent in place of the file.</param>
    /// <returns>What is sent, and its header.</returns>
    /// <exception cref="InpaintException">ImageTooLarge: what is sent is more than the provider takes.</exception>
    public static (PictureSource Sent, PictureHeader Header) Convert(
        PictureSource source,
        PictureHeader header,
        Raster pixels,
        InpaintProvider provider,
        ProviderCapabilities capabilities,
        List<string> notes)
    {
        bool isReadable = capabilities.InputFormats.Count == 0 || capabilities.InputFormats.Contains(header.Format);
        bool hasOtherColors = header.IsCmyk || Pictures.HasOtherColors(pixels);
        string[] changes =
        [
            .. isReadable ? Array.Empty<string>() : [$"{provider.Name} does not read {header.Format}"],
            .. header.Orientation == ExifOrientation.Normal ? Array.Empty<string>() : ["turned as its EXIF data asks"],
            .. header.Frames == 1 ? Array.Empty<string>() : ["the first frame alone"],
            .. header.BitDepth == 8 ? Array.Empty<string>() : ["with 8 bits per sample"],
            .. hasOtherColors ? ["with its colours in sRGB"] : Array.Empty<string>(),
        ];
        if (changes.Length == 0)
        {
            PicturePreflight.DemandFits(source.Name, source.GetLength() ?? 0, provider, capabilities);
            return (source, header);
        }

        // A photograph that is lossy stays so, at a quality that shows nothing: it would be several times as large without.
        PictureFormat wanted = header.Format == PictureFormat.Jpeg && isReadable ? PictureFormat.Jpeg : PictureFormat.Png;
        Raster plain = RasterLayout.Convert(Pictures.ToSrgb(pixels), pixels.Channels, bitDepth: 8);
        (PictureSource sent, PictureFormat format) = Encode(plain, source, wanted, provider, capabilities);
        notes.Add($"{source.Name} is sent as {format}: {string.Join(", ", changes)}. The file stays as it is.");
        return (sent, new PictureHeader(format, plain.Width, plain.Height));
    }

    /// <summary>Encodes what is sent: as PNG where that is not more than the provider takes.</summary>
    /// <param name="plain">The pixels.</param>
    /// <param name="source">What they were made of.</param>
    /// <param name="wanted">PNG, or JPEG for what was one.</param>
    /// <param name="provider">Where it is to go.</param>
    /// <param name="capabilities">What that provider takes.</param>
    /// <returns>What is sent.</returns>
    /// <exception cref="InpaintException">ImageTooLarge: even as JPEG it is more than the provider takes.</exception>
    public static (PictureSource Sent, PictureFormat Format) Encode(Raster plain, PictureSource source, PictureFormat wanted, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        bool takesPng = capabilities.InputFormats.Count == 0 || capabilities.InputFormats.Contains(PictureFormat.Png);
        if (wanted == PictureFormat.Png && takesPng)
        {
            PictureSource png = Encode(plain, PictureFormat.Png, source);
            if (capabilities.MaximumInputBytes is not long limit || png.GetLength() <= limit)
            {
                return (png, PictureFormat.Png);
            }
        }

        PictureSource jpeg = Encode(plain, PictureFormat.Jpeg, source);
        PicturePreflight.DemandFits(source.Name, jpeg.GetLength() ?? 0, provider, capabilities);
        return (jpeg, PictureFormat.Jpeg);
    }

    private static PictureSource Encode(Raster plain, PictureFormat format, PictureSource source)
    {
        MemoryStream file = new();
        Pictures.Encode(plain, format, file, Quality);
        string name = Path.GetFileNameWithoutExtension(source.Name) + PictureFormats.ExtensionOf(format);
        return PictureSource.FromBytes(file.GetBuffer().AsMemory(0, (int)file.Length), name);
    }
}
