using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

namespace Inpaint.Planning;

/// <summary>Decides where the pictures of a job that keeps its unmasked part will belong.</summary>
internal static class PlacementPlanner
{
    /// <summary>The widest blend that is taken, in pixels.</summary>
    public const int LargestFeather = 1000;

    // A blend that is wide for a thin mark would leave nothing of what was repainted: what was to go would shine through.
    private const int SmallestFeather = 1;
    private const int WidestUsualFeather = 16;

    /// <summary>How much deeper a mark is in its middle than the blend.</summary>
    private const int DepthPerFeather = 16;

    // Dots are not what a blend is chosen for, and of many marks the largest tell enough.
    private const int SmallestMark = 4;
    private const int MostMarks = 32;

    /// <summary>Says in full what is implied, and asks for a lossless answer where the provider has one and the user has named none: what is lossy once need not be so twice.</summary>
    /// <param name="request">The checked request.</param>
    /// <param name="capabilities">What the provider takes.</param>
    public static InpaintRequest Complete(InpaintRequest request, ProviderCapabilities capabilities)
    {
        bool isKept = request.Operation == InpaintOperation.Inpaint && (request.KeepUnmasked || request.CropToMask);
        bool isLossy = isKept && request.OutputFormat is null && capabilities.Find("OutputFormat") is { Default: not "png" } format && format.Values.Contains("png");
        return request with { KeepUnmasked = isKept, CropToMask = isKept && request.CropToMask, OutputFormat = isLossy ? "png" : request.OutputFormat };
    }

    /// <summary>Sees to it that picture and mask can be read here, where that is needed.</summary>
    /// <param name="request">The checked request.</param>
    /// <exception cref="InpaintException">InvalidParameter: picture or mask is remote.</exception>
    public static void DemandPixels(InpaintRequest request)
    {
        if (!request.KeepUnmasked)
        {
            return;
        }

        string parameter = request.CropToMask ? "-CropToMask" : "-KeepUnmasked";
        foreach (PictureSource source in new[] { request.Image!, request.Mask! })
        {
            if (source.IsRemote)
            {
                throw new InpaintException(InpaintErrorId.InvalidParameter, $"{parameter} needs the pixels of {source}, which are not on this machine. Nothing was sent.")
                {
                    RecommendedAction = $"Download it and give the file: Invoke-WebRequest {source} -OutFile {source.Name}",
                };
            }
        }

    }

    /// <summary>Makes the placement.</summary>
    /// <param name="request">The checked request, whose pictures can be read here.</param>
    /// <param name="pictures">Its pictures.</param>
    /// <param name="capabilities">What the provider takes.</param>
    /// <param name="part">The part that is sent; null for the whole.</param>
    /// <param name="warnings">Receives what is worth knowing before paying.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The placement; null when nothing is to be put back.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the blend is out of range, or there is a padding and nothing is cut.</exception>
    public static PlannedPlacement? Plan(
        InpaintRequest request,
        PreparedPictures pictures,
        ProviderCapabilities capabilities,
        PixelRect? part,
        List<string> warnings,
        CancellationToken cancellationToken)
    {
        if (!request.CropToMask && request.Padding is not null)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"-Padding {request.Padding} is for -CropToMask, without which the whole picture would be sent. Nothing was sent.")
            {
                RecommendedAction = "Add -CropToMask, or leave -Padding out.",
            };
        }

        if (!request.KeepUnmasked)
        {
            if (request.Feather is not null)
            {
                warnings.Add("-Feather does nothing without -KeepUnmasked.");
            }

            return null;
        }

        if (request.Feather is < 0 or > LargestFeather)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"-Feather {request.Feather} is out of range: it takes 0 to {LargestFeather} pixels.");
        }

        PictureFormat asked = PictureFormats.OfName("." + request.OutputFormat);
        PictureFormat format = PictureFormats.CanWrite(asked) ? asked : PictureFormat.Png;
        if (!PictureFormats.IsLossless(format))
        {
            warnings.Add($"-OutputFormat {request.OutputFormat} compresses the kept part anew, too; only png keeps it bit for bit.");
            if (pictures.HasAlpha && !PictureFormats.HasAlpha(format))
            {
                warnings.Add($"JPEG has no transparency: that of {request.Image!.Name} will be lost. -OutputFormat png keeps it.");
            }
        }

        if (capabilities.KeepsUnmasked && part is null && request.Feather is null)
        {
            return null;
        }

        Mask mask = pictures.Marked!;
        PixelRect whole = new(0, 0, mask.Width, mask.Height);
        cancellationToken.ThrowIfCancellationRequested();
        PixelRect maskPart = mask.BoundingBox.Inflate(1).Intersect(whole);
        Mask marked = RasterCrop.Crop(mask, maskPart);
        return new PlannedPlacement(
            request.Image!,
            request.Image!.GetDigest(),
            part ?? whole,
            maskPart,
            marked.ToPng(),
            request.Feather ?? (capabilities.KeepsUnmasked ? 0 : UsualFeather(marked)),
            format);
    }

    /// <summary>A blend that the thinnest mark can bear: a scratch is long and thin, whatever the rectangle around it.</summary>
    private static int UsualFeather(Mask mask)
    {
        const int Reach = WidestUsualFeather * DepthPerFeather;
        int[] depths = DistanceField.Squared(mask, toCovered: false, Reach);
        int Deepest(PixelRect box)
        {
            int deepest = 0;
            for (int y = box.Y; y < box.Bottom; y++)
            {
                foreach (int depth in depths.AsSpan((y * mask.Width) + box.X, box.Width))
                {
                    deepest = Math.Max(deepest, depth);
                }
            }

            return deepest;
        }

        int thinnest = MaskRegions.Find(mask).Where(region => region.Pixels >= SmallestMark).Take(MostMarks).Select(region => Deepest(region.Box)).DefaultIfEmpty(0).Min();
        return thinnest == DistanceField.Unreachable ? WidestUsualFeather : Math.Clamp((int)Math.Sqrt(thinnest) / DepthPerFeather, SmallestFeather, WidestUsualFeather);
    }
}
