using Inpaint.Imaging;

namespace Inpaint.Requests;

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

    // Several jobs are more trouble than one; a quarter less is worth a word.
    private const double WorthwhileShare = 0.75;

    // More marks than that are strokes or dots rather than things apart.
    private const int MostSeparateRegions = 8;

    /// <summary>Decides.</summary>
    /// <param name="request">The checked request.</param>
    /// <param name="whole">Its pictures, which can be read here.</param>
    /// <param name="provider">Where they are to go.</param>
    /// <param name="capabilities">What that provider takes.</param>
    /// <param name="warnings">Receives what is worth knowing before paying.</param>
    /// <returns>What is to be sent.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the padding is out of range; ImageUnsupported, ImageTooLarge: of a picture that cannot be decoded, or not be sent.</exception>
    public static CroppedPictures Crop(InpaintRequest request, PreparedPictures whole, InpaintProvider provider, ProviderCapabilities capabilities, List<string> warnings)
    {
        if (request.Padding is < 0 or > LargestPadding)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"-Padding {request.Padding} is out of range: it takes 0 to {LargestPadding} pixels.");
        }

        Mask mask = whole.Marked!;
        PixelRect box = mask.BoundingBox;
        CropChoice choice = Choose(box, mask, request, capabilities);
        long pixels = (long)mask.Width * mask.Height;
        if (choice.Part == new PixelRect(0, 0, mask.Width, mask.Height) || (request.Size is null && choice.Pixels >= pixels))
        {
            warnings.Add($"-CropToMask saves nothing for {request.Image!.Name}: what is marked and its surroundings are nearly the whole picture, which is sent as it is.");
            return new CroppedPictures(PicturePreflight.Check(request with { CropToMask = false }, provider, capabilities), Part: null);
        }

        AddCautions(request, mask, choice, capabilities, warnings);
        return new CroppedPictures(
            whole with
            {
                Mask = PictureSource.FromBytes(CutMask(mask, choice).ToPng(), Path.GetFileNameWithoutExtension(request.Mask!.Name) + ".png"),
                Header = new PictureHeader(PictureFormat.Png, choice.Width, choice.Height),
            },
            choice.Part);
    }

    private static CropChoice Choose(PixelRect box, Mask mask, InpaintRequest request, ProviderCapabilities capabilities) =>
        CropGeometry.Choose(box, mask.Width, mask.Height, request.Padding ?? CropGeometry.UsualPadding(box), capabilities.WorkingSize, request.Size);

    private static void AddCautions(InpaintRequest request, Mask mask, CropChoice choice, ProviderCapabilities capabilities, List<string> warnings)
    {
        if (choice.Scale < SmallestSharpScale)
        {
            warnings.Add(FormattableString.Invariant(
                $"The part of {request.Image!.Name} around the mask is sent at {choice.Scale * 100:0} % of its size ({choice.Part.Width}x{choice.Part.Height} as {choice.Width}x{choice.Height}), so that what is repainted will be less sharp than the rest."));
        }

        IReadOnlyList<MaskRegion> regions = capabilities.IsPaid && request.Size is null ? MaskRegions.Find(mask) : [];
        if (regions.Count is > 1 and <= MostSeparateRegions)
        {
            long apart = regions.Sum(region => Choose(region.Box, mask, request, capabilities).Pixels);
            if (apart <= WorthwhileShare * choice.Pixels)
            {
                warnings.Add(FormattableString.Invariant(
                    $"{request.Mask!.Name} marks {regions.Count} regions that lie apart. A job for each, with a mask of its own and the result of the one before as its picture, would send {apart / 1e6:0.00} megapixels instead of {choice.Pixels / 1e6:0.00}."));
            }
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
