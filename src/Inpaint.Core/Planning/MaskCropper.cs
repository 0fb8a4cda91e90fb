using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

namespace Inpaint.Planning;

/// <summary>What is sent in place of whole pictures.</summary>
/// <param name="Sent">The mask as it is sent, and the size of the picture, which is cut only when it is (<see cref="PictureCutter"/>).</param>
/// <param name="Part">The part of the original that they show; null when there was nothing to save, and they are whole.</param>
internal sealed record CroppedPictures(PreparedPictures Sent, PixelRect? Part);

/// <summary>Decides what of a picture a model needs in order to repaint the marked part, and cuts the mask.</summary>
internal static class MaskCropper
{
    /// <summary>The widest surroundings that are taken, in pixels.</summary>
    public const int LargestPadding = 10_000;

    // Below this scale it shows that the repainted part was made smaller than the rest.
    private const double SmallestSharpScale = 0.5;

    // Several jobs are more trouble than one, and a smaller picture is less sharp: neither is worth it for less than a quarter.
    private const double WorthwhileShare = 0.75;

    // More marks than that are strokes or dots rather than things apart.
    private const int MostSeparateRegions = 8;

    /// <summary>Decides.</summary>
    /// <param name="request">The checked request.</param>
    /// <param name="whole">Its pictures, which can be read here.</param>
    /// <param name="provider">Where they are to go.</param>
    /// <param name="capabilities">What that provider takes.</param>
    /// <param name="warnings">Receives what is worth knowing before paying.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What is to be sent.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the padding is out of range; ImageUnsupported, ImageTooLarge: of a picture that cannot be decoded, or not be sent.</exception>
    public static CroppedPictures Crop(
        InpaintRequest request,
        PreparedPictures whole,
        InpaintProvider provider,
        ProviderCapabilities capabilities,
        List<string> warnings,
        CancellationToken cancellationToken)
    {
        if (request.Padding is < 0 or > LargestPadding)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"-Padding {request.Padding} is out of range: it takes 0 to {LargestPadding} pixels.");
        }

        Mask mask = whole.Marked!;
        IReadOnlyList<MaskRegion> regions = MaskRegions.Find(mask);
        cancellationToken.ThrowIfCancellationRequested();
        CropChoice choice = Choose(Surroundings(regions, request.Padding), mask, request, capabilities);
        bool isWhole = choice.Part == new PixelRect(0, 0, mask.Width, mask.Height);
        long pixels = (long)mask.Width * mask.Height;
        if (request.Size is not null ? isWhole : choice.Pixels >= (isWhole ? WorthwhileShare * pixels : pixels))
        {
            warnings.Add(isWhole
                ? $"-CropToMask saves nothing for {request.Image!.Name}: what is marked and its surroundings, {(request.Size is null ? Smallest(capabilities) : "")}are the whole picture, which is sent as it is."
                : $"-CropToMask saves nothing for {request.Image!.Name}: what is marked and its surroundings would be sent as {choice.Width}x{choice.Height}, no less than the whole picture, which is sent as it is.");
            AddHintOfSeparateJobs(request, mask, regions, pixels, capabilities, warnings);
            return new CroppedPictures(PicturePreflight.Check(request with { CropToMask = false }, provider, capabilities, cancellationToken), Part: null);
        }

        if (choice.Scale < SmallestSharpScale)
        {
            warnings.Add(FormattableString.Invariant(
                $"The part of {request.Image!.Name} around the mask is sent at {choice.Scale * 100:0} % of its size ({choice.Part.Width}x{choice.Part.Height} as {choice.Width}x{choice.Height}), so that what is repainted will be less sharp than the rest."));
        }

        AddHintOfSeparateJobs(request, mask, regions, choice.Pixels, capabilities, warnings);
        return new CroppedPictures(
            whole with
            {
                Mask = PictureSource.FromBytes(CutMask(mask, choice).ToPng(), Path.GetFileNameWithoutExtension(request.Mask!.Name) + ".png"),
                Header = new PictureHeader(PictureFormat.Png, choice.Width, choice.Height),
            },
            choice.Part);
    }

    private static string Smallest(ProviderCapabilities capabilities) =>
        capabilities.WorkingSize is { } model ? $"{model.MinimumEdge} pixels wide and high at least for the model to do well, " : "";

    /// <summary>Around each region what it needs by itself: two spots at the ends of a picture need no more of it than one.</summary>
    private static PixelRect Surroundings(IReadOnlyList<MaskRegion> regions, int? padding) => regions.Aggregate(
        default(PixelRect),

        // One pixel is always seen: the edge of what is marked lies between two.
        (all, region) => all.Union(region.Box.Inflate(Math.Max(1, padding ?? CropGeometry.UsualPadding(region.Box)))));

    private static CropChoice Choose(PixelRect surroundings, Mask mask, InpaintRequest request, ProviderCapabilities capabilities) =>
        CropGeometry.Choose(surroundings, mask.Width, mask.Height, capabilities.WorkingSize, request.Size);

    private static void AddHintOfSeparateJobs(InpaintRequest request, Mask mask, IReadOnlyList<MaskRegion> regions, long sent, ProviderCapabilities capabilities, List<string> warnings)
    {
        if (!capabilities.IsPaid || request.Size is not null || regions.Count is <= 1 or > MostSeparateRegions)
        {
            return;
        }

        long apart = regions.Sum(region => Choose(Surroundings([region], request.Padding), mask, request, capabilities).Pixels);
        if (apart <= WorthwhileShare * sent)
        {
            warnings.Add(FormattableString.Invariant(
                $"{request.Mask!.Name} marks {regions.Count} regions that lie apart. A job for each, with a mask of its own and the result of the one before as its picture, would send {apart / 1e6:0.00} megapixels instead of {sent / 1e6:0.00}."));
        }
    }

    /// <summary>Where the part shrinks, the mask grows by what a pixel of the smaller picture covers: a thin line must not fall between two of them.</summary>
    private static Mask CutMask(Mask mask, CropChoice choice)
    {
        Mask part = RasterCrop.Crop(mask, choice.Part);
        int lost = (int)Math.Floor(0.5 * Math.Max((double)choice.Part.Width / choice.Width, (double)choice.Part.Height / choice.Height));
        return (lost > 0 ? MaskMorphology.Grow(part, lost) : part).Resize(choice.Width, choice.Height);
    }
}
