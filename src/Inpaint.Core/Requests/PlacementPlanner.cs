using Inpaint.Imaging;

namespace Inpaint.Requests;

/// <summary>Decides where the pictures of a job that keeps its unmasked part will belong.</summary>
internal static class PlacementPlanner
{
    /// <summary>The widest blend that is taken, in pixels.</summary>
    public const int LargestFeather = 1000;

    // A blend that is wide for a small mark would leave nothing of what was repainted.
    private const int SmallestFeather = 1;
    private const int WidestUsualFeather = 16;
    private const int FeatherShare = 32;

    /// <summary>Asks for a lossless answer where the provider has one and the user has named none: what is lossy once need not be so twice.</summary>
    /// <param name="request">The checked request.</param>
    /// <param name="capabilities">What the provider takes.</param>
    public static InpaintRequest PreferLossless(InpaintRequest request, ProviderCapabilities capabilities) =>
        request is { KeepUnmasked: true, OutputFormat: null } && capabilities.Find("OutputFormat") is { Default: not "png" } format && format.Values.Contains("png")
            ? request with { OutputFormat = "png" }
            : request;

    /// <summary>Makes the placement.</summary>
    /// <param name="request">The checked request.</param>
    /// <param name="pictures">Its pictures.</param>
    /// <param name="capabilities">What the provider takes.</param>
    /// <param name="warnings">Receives what is worth knowing before paying.</param>
    /// <returns>The placement; null when nothing is to be put back.</returns>
    /// <exception cref="InpaintException">InvalidParameter: picture or mask is remote; ImageUnsupported: its pixels cannot be read here.</exception>
    public static PlannedPlacement? Plan(InpaintRequest request, PreparedPictures pictures, ProviderCapabilities capabilities, List<string> warnings)
    {
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

        if (capabilities.KeepsUnmasked && request.Feather is null)
        {
            return null;
        }

        DemandReadable(request.Image!, pictures.Header);
        DemandReadable(request.Mask!, pictures.Header);
        Mask mask = pictures.Marked ?? throw Unreadable(request.Mask!);
        PictureFormat format = request.OutputFormat == "jpeg" ? PictureFormat.Jpeg : PictureFormat.Png;
        if (format == PictureFormat.Jpeg)
        {
            warnings.Add("-OutputFormat jpeg compresses the kept part anew, too; only png keeps it bit for bit.");
        }

        PixelRect whole = new(0, 0, mask.Width, mask.Height);
        PixelRect maskPart = mask.BoundingBox.Inflate(1).Intersect(whole);
        return new PlannedPlacement(
            request.Image!,
            request.Image!.GetDigest(),
            whole,
            maskPart,
            RasterCrop.Crop(mask, maskPart).ToPng(),
            request.Feather ?? UsualFeather(mask.BoundingBox),
            format);
    }

    private static int UsualFeather(PixelRect box) => Math.Clamp(Math.Min(box.Width, box.Height) / FeatherShare, SmallestFeather, WidestUsualFeather);

    private static void DemandReadable(PictureSource source, PictureHeader? header)
    {
        if (source.IsRemote)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"-KeepUnmasked needs the pixels of {source}, which are not on this machine. Nothing was sent.")
            {
                RecommendedAction = $"Download it and give the file: Invoke-WebRequest {source} -OutFile {source.Name}",
            };
        }

        if (header is not null && header.Format is not (PictureFormat.Png or PictureFormat.Jpeg))
        {
            throw Unreadable(source);
        }
    }

    private static InpaintException Unreadable(PictureSource source) =>
        new(InpaintErrorId.ImageUnsupported, $"-KeepUnmasked needs the pixels of {source.Name}, which cannot be read here. Convert it to PNG or JPEG. Nothing was sent.");
}
