using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Planning;

/// <summary>Cuts the part of a picture that a plan says, when its job is about to be sent: a plan that is only looked at, or attached to a job that exists, cuts nothing.</summary>
internal sealed class PictureCutter : IDisposable
{
    // As when pictures are put back: a batch takes the memory of one large photograph, not of as many as it has jobs under way.
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Cuts.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The plan with the picture that is sent; itself when the whole is.</returns>
    /// <exception cref="InpaintException">ImageUnsupported: the picture cannot be decoded, or has changed since; ImageTooLarge: not even as JPEG is the part small enough.</exception>
    public async Task<RequestPlan> CutAsync(RequestPlan plan, CancellationToken cancellationToken)
    {
        if (plan.CroppedFrom is null)
        {
            return plan;
        }

        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Cut(plan, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private static RequestPlan Cut(RequestPlan plan, CancellationToken cancellationToken)
    {
        PictureSource source = plan.Image!;
        PictureHeader size = plan.ImageHeader!;
        if (source.GetDigest() != plan.Placement!.OriginalDigest)
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{source} has changed since it was looked at. Nothing was sent.") { RecommendedAction = "Run the line again." };
        }

        Raster cut;
        using (Stream stream = LocalPictures.Open(source))
        {
            cut = Pictures.DecodePart(stream, source.Name, plan.Placement.Part, cancellationToken);
        }

        // The profile says what the colours mean; where and with what the photograph was taken is nobody's business.
        cut = new Raster(cut.Width, cut.Height, cut.Channels, cut.BitDepth, cut.Data)
        {
            Metadata = new PictureMetadata { IccProfile = cut.Metadata.IccProfile, ColorChunks = cut.Metadata.ColorChunks },
        };
        cut = Pictures.Resize(cut, size.Width, size.Height, cancellationToken);
        Raster plain = plan.Capabilities.DecodesPictures ? cut : RasterLayout.Convert(Pictures.ToSrgb(cut, cancellationToken), cut.Channels, bitDepth: 8);
        (PictureSource sent, PictureFormat format) = UploadConverter.Encode(plain, source, PictureFormat.Png, plan.Provider, plan.Capabilities);
        return plan with { Image = sent, ImageHeader = size with { Format = format } };
    }
}
