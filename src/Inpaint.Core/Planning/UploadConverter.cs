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
    /// <returns>What is sent; the picture itself when nothing is converted.</returns>
    /// <exception cref="InpaintException">ImageUnsupported, ImageTooLarge: it cannot be decoded.</exception>
    public static PictureSnapshot Convert(PictureSnapshot picture, InpaintProvider provider, ProviderCapabilities capabilities, List<string> notes, CancellationToken cancellationToken)
    {
        PictureHeader header = picture.Header;
        bool isReadable = capabilities.InputFormats.Count == 0 || capabilities.InputFormats.Contains(header.Format);
        bool hasOtherColors = header.IsCmyk || PicturePreflight.TraitsOf(picture, cancellationToken).HasOtherColors;
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
            return picture;
        }

        // A JPEG stays a JPEG, at a high quality: lossless it would be several times as large.
        PictureFormat preferred = header.Format == PictureFormat.Jpeg && isReadable ? PictureFormat.Jpeg : PictureFormat.Png;
        PictureSnapshot converted = picture.Convert(
            FormattableString.Invariant($"{preferred} {TakesPng(capabilities)} {capabilities.MaximumInputBytes}"),
            () =>
            {
                Raster plain = ToPlain(picture.Decode(cancellationToken), cancellationToken);
                (byte[] file, PictureFormat format) = Encode(plain, preferred, capabilities);
                return PictureSnapshot.Of(file, NameOf(picture.Source, format), new PictureHeader(format, plain.Width, plain.Height), () => Encode(ToPlain(picture.Decode(CancellationToken.None)), format));
            });
        notes.Add($"{picture.Source.Name} is sent as {converted.Header.Format}: {string.Join(", ", changes)}. The file is not modified.");
        return converted;
    }

    /// <summary>A picture as every service reads it: 8 bits per sample, in sRGB.</summary>
    public static Raster ToPlain(Raster pixels, CancellationToken cancellationToken = default) => RasterLayout.Convert(Pictures.ToSrgb(pixels, cancellationToken), pixels.Channels, bitDepth: 8);

    /// <summary>Encodes what is sent: as PNG where that was preferred and is within the provider's limit, otherwise as JPEG.</summary>
    public static (byte[] File, PictureFormat Format) Encode(Raster plain, PictureFormat preferred, ProviderCapabilities capabilities)
    {
        if (preferred == PictureFormat.Png && TakesPng(capabilities))
        {
            byte[] png = Encode(plain, PictureFormat.Png);
            if (capabilities.MaximumInputBytes is not long limit || png.Length <= limit)
            {
                return (png, PictureFormat.Png);
            }
        }

        return (Encode(plain, PictureFormat.Jpeg), PictureFormat.Jpeg);
    }

    /// <summary>What a picture is called in another format.</summary>
    public static string NameOf(PictureSource source, PictureFormat format) => Path.GetFileNameWithoutExtension(source.Name) + PictureFormats.ExtensionOf(format);

    private static bool TakesPng(ProviderCapabilities capabilities) => capabilities.InputFormats.Count == 0 || capabilities.InputFormats.Contains(PictureFormat.Png);

    private static byte[] Encode(Raster plain, PictureFormat format)
    {
        using MemoryStream file = new();
        Pictures.Encode(plain, format, file, Quality);
        return file.ToArray();
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
        PictureSnapshot whole = plan.ImageSnapshot!;
        PictureHeader size = plan.ImageHeader!;
        Raster part = whole.Decode(plan.Placement!.Part, cancellationToken);

        // The profile defines the colours and is kept; where and with which camera the photograph was taken is private, and is not sent.
        part = new Raster(part.Width, part.Height, part.Channels, part.BitDepth, part.Data)
        {
            Metadata = new PictureMetadata { IccProfile = part.Metadata.IccProfile, ColorChunks = part.Metadata.ColorChunks },
        };
        part = Pictures.Resize(part, size.Width, size.Height, cancellationToken);
        Raster plain = plan.Capabilities.DecodesPictures ? part : UploadConverter.ToPlain(part, cancellationToken);
        (byte[] file, PictureFormat format) = UploadConverter.Encode(plain, PictureFormat.Png, plan.Capabilities);
        PicturePreflight.EnsureFits(whole.Source.Name, file.Length, plan.Provider, plan.Capabilities);
        PictureSnapshot sent = PictureSnapshot.Of(file, UploadConverter.NameOf(whole.Source, format), size with { Format = format }).Attach(plain);
        PicturePreflight.EnsureMaskFits(sent.Source, plan.Mask, plan.Provider, plan.Capabilities);
        return plan with { Image = sent.Source, ImageSnapshot = sent, ImageHeader = sent.Header };
    }
}
