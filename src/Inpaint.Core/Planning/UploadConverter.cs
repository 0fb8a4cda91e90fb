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

/// <summary>Crops the picture of a plan when its job is about to be sent, so that a plan that is only inspected, or attached to an existing job, costs nothing.</summary>
internal sealed class PictureCropper : IDisposable
{
    // One at a time, so that a batch needs the memory of one large photograph, not of one for each running job.
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Crops the picture.</summary>
    /// <returns>The plan with the cropped picture; itself when the whole is sent.</returns>
    /// <exception cref="InpaintException">ImageUnsupported: the picture cannot be decoded, or has changed since it was planned; ImageTooLarge: the part is too large even as JPEG.</exception>
    public async Task<RequestPlan> CropAsync(RequestPlan plan, CancellationToken cancellationToken)
    {
        if (plan.CroppedFrom is null)
        {
            return plan;
        }

        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Crop(plan, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private static RequestPlan Crop(RequestPlan plan, CancellationToken cancellationToken)
    {
        PictureSource source = plan.Image!;
        PictureHeader size = plan.ImageHeader!;
        if (source.GetDigest() != plan.Placement!.OriginalDigest)
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{source} has changed since the job was planned. Nothing was sent.") { Parameter = "Image", Subject = source.Name, RecommendedAction = "Try again." };
        }

        Raster part;
        using (Stream stream = LocalPictures.Open(source))
        {
            part = Pictures.DecodePart(stream, source.Name, plan.Placement.Part, cancellationToken);
        }

        // The profile defines the colours and is kept; where and with which camera the photograph was taken is private, and is not sent.
        part = new Raster(part.Width, part.Height, part.Channels, part.BitDepth, part.Data)
        {
            Metadata = new PictureMetadata { IccProfile = part.Metadata.IccProfile, ColorChunks = part.Metadata.ColorChunks },
        };
        part = Pictures.Resize(part, size.Width, size.Height, cancellationToken);
        Raster plain = plan.Capabilities.DecodesPictures ? part : RasterLayout.Convert(Pictures.ToSrgb(part, cancellationToken), part.Channels, bitDepth: 8);
        (PictureSource sent, PictureFormat format) = UploadConverter.Encode(plain, source, PictureFormat.Png, plan.Provider, plan.Capabilities);
        return plan with { Image = sent, ImageHeader = size with { Format = format } };
    }
}
