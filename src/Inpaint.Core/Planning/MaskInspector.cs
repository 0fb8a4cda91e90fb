using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

namespace Inpaint.Planning;

/// <summary>Reports what the preflight would say about a mask, and what it contains.</summary>
internal static class MaskInspector
{
    /// <summary>Inspects the mask of a request.</summary>
    public static MaskReport Inspect(InpaintRequest request, InpaintProvider provider, ProviderCapabilities capabilities, CancellationToken cancellationToken)
    {
        PictureHeader? imageHeader = ReadHeader(request.Image);
        PictureHeader? maskHeader = ReadHeader(request.Mask);
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
            report = report with { Warnings = PicturePreflight.Check(request, provider, capabilities, cancellationToken).Warnings };
        }
        catch (InpaintException e)
        {
            report = report with { ErrorId = e.ErrorId, Error = e.Message, Parameter = e.Parameter, Subject = e.Subject, RecommendedAction = e.RecommendedAction };
        }

        cancellationToken.ThrowIfCancellationRequested();
        return ReadMask(request, imageHeader, maskHeader, cancellationToken) is Mask mask ? Describe(report, mask) : report;
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

    private static PictureHeader? ReadHeader(PictureSource? source)
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
            // The preflight reports what is wrong with it.
            return null;
        }
    }

    /// <summary>Reads the mask as a job would have it: resized to the picture where that is requested.</summary>
    private static Mask? ReadMask(InpaintRequest request, PictureHeader? imageHeader, PictureHeader? maskHeader, CancellationToken cancellationToken)
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
            // The preflight has reported that, or another failure before it.
            return null;
        }
    }
}
