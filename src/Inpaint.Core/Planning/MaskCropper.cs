using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

namespace Inpaint.Planning;

/// <summary>What is sent instead of the whole pictures.</summary>
/// <param name="Sent">The mask as it is sent, and the size of the picture, which is not cropped until it is sent (<see cref="PictureCropper"/>).</param>
/// <param name="Part">The part of the original that they show; null when cropping would save nothing, and the whole is sent.</param>
internal sealed record CroppedPictures(PreparedPictures Sent, PixelRect? Part);

/// <summary>Decides which part of a picture a model needs to repaint the marked region, and crops the mask.</summary>
internal static class MaskCropper
{
    /// <summary>The largest padding, in pixels.</summary>
    public const int MaxPadding = 10_000;

    // Below this scale the repainted part is visibly less sharp than the rest.
    private const double MinSharpScale = 0.5;

    // Several jobs are more trouble than one, and a smaller picture is less sharp: both must save at least a quarter.
    private const double MaxWorthwhileShare = 0.75;

    // More regions than that are strokes or dots rather than separate objects.
    private const int MaxSeparateRegions = 8;

    /// <summary>Chooses the part that is sent, and crops the mask of a checked request whose pictures can be read here.</summary>
    /// <exception cref="InpaintException">InvalidParameter: the padding is out of range; ImageUnsupported, ImageTooLarge: a picture cannot be decoded, or is too large to be sent.</exception>
    public static CroppedPictures Crop(
        InpaintRequest request,
        PreparedPictures whole,
        InpaintProvider provider,
        ProviderCapabilities capabilities,
        List<string> warnings,
        CancellationToken cancellationToken)
    {
        if (request.Padding is < 0 or > MaxPadding)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"Padding {request.Padding} is out of range: it takes 0 to {MaxPadding} pixels.") { Parameter = "Padding" };
        }

        Mask mask = whole.Marked!;
        IReadOnlyList<MaskRegion> regions = MaskRegions.Find(mask);
        cancellationToken.ThrowIfCancellationRequested();
        CropChoice choice = Choose(Surroundings(regions, request.Padding), mask, request, capabilities);
        bool isWhole = choice.Part == new PixelRect(0, 0, mask.Width, mask.Height);
        long pixels = (long)mask.Width * mask.Height;
        if (request.Size is not null ? isWhole : choice.Pixels >= (isWhole ? MaxWorthwhileShare * pixels : pixels))
        {
            warnings.Add(isWhole
                ? $"CropToMask saves nothing for {request.Image!.Name}: the marked part and its surroundings{(request.Size is null ? MinSizeText(capabilities) : "")} are the whole picture, which is sent uncropped."
                : $"CropToMask saves nothing for {request.Image!.Name}: the marked part and its surroundings would be sent as {choice.Width}x{choice.Height}, no less than the whole picture, which is sent uncropped.");
            AddWarningAboutSeparateJobs(request, mask, regions, pixels, capabilities, warnings);
            return new CroppedPictures(PicturePreflight.Check(request with { CropToMask = false }, provider, capabilities, cancellationToken), Part: null);
        }

        if (choice.Scale < MinSharpScale)
        {
            warnings.Add(FormattableString.Invariant(
                $"The part of {request.Image!.Name} around the mask is sent at {choice.Scale * 100:0} % of its size ({choice.Part.Width}x{choice.Part.Height} as {choice.Width}x{choice.Height}), so that the repainted part will be less sharp than the rest."));
        }

        AddWarningAboutSeparateJobs(request, mask, regions, choice.Pixels, capabilities, warnings);
        return new CroppedPictures(
            whole with
            {
                Mask = PictureSource.FromBytes(CropMask(mask, choice).ToPng(), Path.GetFileNameWithoutExtension(request.Mask!.Name) + ".png"),
                Header = new PictureHeader(PictureFormat.Png, choice.Width, choice.Height),
            },
            choice.Part);
    }

    private static string MinSizeText(ProviderCapabilities capabilities) =>
        capabilities.WorkingSize is { } model ? $", at least {model.MinimumEdge} pixels wide and high for good results," : "";

    /// <summary>Pads each region by itself: two spots at opposite ends of a picture need no wider surroundings than one.</summary>
    private static PixelRect Surroundings(IReadOnlyList<MaskRegion> regions, int? padding) => regions.Aggregate(
        default(PixelRect),

        // At least one pixel: the edge of a region lies between two.
        (all, region) => all.Union(region.Box.Inflate(Math.Max(1, padding ?? CropGeometry.DefaultPadding(region.Box)))));

    private static CropChoice Choose(PixelRect surroundings, Mask mask, InpaintRequest request, ProviderCapabilities capabilities) =>
        CropGeometry.Choose(surroundings, mask.Width, mask.Height, capabilities.WorkingSize, request.Size);

    private static void AddWarningAboutSeparateJobs(InpaintRequest request, Mask mask, IReadOnlyList<MaskRegion> regions, long sent, ProviderCapabilities capabilities, List<string> warnings)
    {
        if (!capabilities.IsPaid || request.Size is not null || regions.Count is <= 1 or > MaxSeparateRegions)
        {
            return;
        }

        long separately = regions.Sum(region => Choose(Surroundings([region], request.Padding), mask, request, capabilities).Pixels);
        if (separately <= MaxWorthwhileShare * sent)
        {
            warnings.Add(FormattableString.Invariant(
                $"{request.Mask!.Name} marks {regions.Count} separate regions. One job for each, with its own mask and the result of the job before as its picture, would send {separately / 1e6:0.00} megapixels instead of {sent / 1e6:0.00}."));
        }
    }

    /// <summary>Crops and scales the mask. Where it is scaled down it is grown first by what a pixel of the smaller picture covers, so that a thin line does not fall between two of them.</summary>
    private static Mask CropMask(Mask mask, CropChoice choice)
    {
        Mask part = RasterCrop.Crop(mask, choice.Part);
        int lost = (int)Math.Floor(0.5 * Math.Max((double)choice.Part.Width / choice.Width, (double)choice.Part.Height / choice.Height));
        return (lost > 0 ? MaskMorphology.Grow(part, lost) : part).Resize(choice.Width, choice.Height);
    }
}
