using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

namespace Inpaint.Planning;

/// <summary>Says of a mask what the preflight would say, and what is in it besides.</summary>
internal static class MaskInspector
{
    /// <summary>Inspects the mask of a request.</summary>
    /// <param name="request">A request with picture and mask.</param>
    /// <param name="provider">Where it would go.</param>
    /// <param name="capabilities">What that provider takes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static MaskReport Inspect(InpaintRequest request, InpaintProvider provider, ProviderCapabilities capabilities, CancellationToken cancellationToken)
    {
        PictureHeader? imageHeader = HeaderOf(request.Image);
        PictureHeader? maskHeader = HeaderOf(request.Mask);
        MaskReport report = new()
        {
            Image = $"{request.Image}",
            Mask = $"{request.Mask}",
            MaskMode = request.MaskMode,
            Provider = provider.Name,
            ImageWidth = imageHeader?.Width,
            ImageHeight = imageHeader?.Height,
            MaskWidth = maskHeader?.Width,
            MaskHeight = maskHeader?.Height,
        };
        try
        {
            report = report with { Suspicions = PicturePreflight.Check(request, provider, capabilities, cancellationToken).Warnings };
        }
        catch (InpaintException e)
        {
            report = report with { ErrorId = e.ErrorId, Error = e.Message, RecommendedAction = e.RecommendedAction };
        }

        cancellationToken.ThrowIfCancellationRequested();
        return MaskOf(request, imageHeader, maskHeader, cancellationToken) is Mask mask ? Describe(report, mask) : report;
    }

    private static MaskReport Describe(MaskReport report, Mask mask)
    {
        IReadOnlyList<MaskRegion> regions = MaskRegions.Find(mask);
        PixelRect box = mask.BoundingBox;
        return report with
        {
            IsBinary = mask.WasBinary,
            Coverage = mask.CoverageShare,
            BoundingBox = box.IsEmpty ? null : Area(box, regions.Sum(r => r.Pixels)),
            RegionCount = regions.Count,
            Regions = [.. regions.Take(MaskReport.MaximumRegions).Select(r => Area(r.Box, r.Pixels))],
        };
    }

    private static MaskArea Area(PixelRect box, long pixels) => new(box.X, box.Y, box.Width, box.Height, pixels);

    private static PictureHeader? HeaderOf(PictureSource? source)
    {
        if (source is null || source.IsRemote)
        {
            return null;
        }

        try
        {
            using Stream stream = source.OpenRead();
            return Pictures.ReadHeader(stream, source.Name);
        }
        catch (InpaintException)
        {
            // The preflight says what is wrong with it.
            return null;
        }
    }

    // As the job would have it: in the picture's size where that is asked for.
    private static Mask? MaskOf(InpaintRequest request, PictureHeader? imageHeader, PictureHeader? maskHeader, CancellationToken cancellationToken)
    {
        if (maskHeader is null)
        {
            return null;
        }

        try
        {
            using Stream stream = request.Mask!.OpenRead();
            Mask mask = MaskReader.Read(stream, request.Mask.Name, request.MaskMode, cancellationToken: cancellationToken);
            return request.ResizeMask && imageHeader is not null ? mask.Resize(imageHeader.Width, imageHeader.Height) : mask;
        }
        catch (InpaintException)
        {
            // The preflight has said so, or has refused the mask before it came to that.
            return null;
        }
    }
}
