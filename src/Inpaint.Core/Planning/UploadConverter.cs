using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Planning;

/// <summary>
/// Converts a picture to what every service decodes correctly: upright, a single frame, with 8 bits in sRGB, in a format that it takes. The user's file is not modified, nor
/// is any part of it that a job keeps.
/// </summary>
internal static class UploadConverter
{
    // A lossy photograph is compressed a second time, which must not be visible.
    private const int Quality = 95;

    /// <summary>Converts a picture where that is needed, and adds what was converted to the notes.</summary>
    /// <returns>What is sent, and its header.</returns>
    /// <exception cref="InpaintException">ImageTooLarge: what is sent exceeds the provider's limit.</exception>
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
            .. header.Orientation == ExifOrientation.Normal ? Array.Empty<string>() : ["rotated by its EXIF orientation"],
            .. header.Frames == 1 ? Array.Empty<string>() : ["only the first frame"],
            .. header.BitDepth == 8 ? Array.Empty<string>() : ["with 8 bits per sample"],
            .. hasOtherColors ? ["converted to sRGB"] : Array.Empty<string>(),
        ];
        if (changes.Length == 0)
        {
            PicturePreflight.EnsureFits(source.Name, source.GetLength() ?? 0, provider, capabilities);
            return (source, header);
        }

        // A JPEG stays a JPEG, at a high quality: lossless it would be several times as large.
        PictureFormat preferred = header.Format == PictureFormat.Jpeg && isReadable ? PictureFormat.Jpeg : PictureFormat.Png;
        Raster plain = RasterLayout.Convert(Pictures.ToSrgb(pixels), pixels.Channels, bitDepth: 8);
        (PictureSource sent, PictureFormat format) = Encode(plain, source, preferred, provider, capabilities);
        notes.Add($"{source.Name} is sent as {format}: {string.Join(", ", changes)}. The file is not modified.");
        return (sent, new PictureHeader(format, plain.Width, plain.Height));
    }

    /// <summary>Encodes what is sent: as PNG where that was preferred and is within the provider's limit, otherwise as JPEG.</summary>
    /// <exception cref="InpaintException">ImageTooLarge: even as JPEG it exceeds the limit.</exception>
    public static (PictureSource Sent, PictureFormat Format) Encode(Raster plain, PictureSource source, PictureFormat preferred, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        bool takesPng = capabilities.InputFormats.Count == 0 || capabilities.InputFormats.Contains(PictureFormat.Png);
        if (preferred == PictureFormat.Png && takesPng)
        {
            PictureSource png = Encode(plain, PictureFormat.Png, source);
            if (capabilities.MaximumInputBytes is not long limit || png.GetLength() <= limit)
            {
                return (png, PictureFormat.Png);
            }
        }

        PictureSource jpeg = Encode(plain, PictureFormat.Jpeg, source);
        PicturePreflight.EnsureFits(source.Name, jpeg.GetLength() ?? 0, provider, capabilities);
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
