using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Planning;

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
