using System.Runtime.InteropServices;
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
        IReadOnlyList<MaskRegion> regions = mask.Regions;
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
            return new CroppedPictures(PicturePreflight.PrepareWhole(whole, provider, capabilities, cancellationToken), Part: null);
        }

        if (choice.Scale < MinSharpScale)
        {
            warnings.Add(FormattableString.Invariant(
                $"The part of {request.Image!.Name} around the mask is sent at {choice.Scale * 100:0} % of its size ({choice.Part.Width}x{choice.Part.Height} as {choice.Width}x{choice.Height}), so the repainted part will be less sharp than the rest."));
        }

        AddWarningAboutSeparateJobs(request, mask, regions, choice.Pixels, capabilities, warnings);
        return new CroppedPictures(
            whole.WithMask(CropMask(mask, choice), request.Mask!.Name) with { Header = new PictureHeader(PictureFormat.Png, choice.Width, choice.Height) },
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

/// <summary>A part of a picture, and the size to which it is scaled before it is sent, in pixels.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CropChoice(PixelRect Part, int Width, int Height)
{
    /// <summary>How many pixels are sent.</summary>
    public long Pixels => (long)Width * Height;

    /// <summary>The scale, below 1 when the part is scaled down.</summary>
    public double Scale => Math.Sqrt((double)Pixels / ((long)Part.Width * Part.Height));
}

/// <summary>
/// Chooses the part of a picture that is sent instead of the whole. It is sent unscaled wherever the model takes that: scaling down loses detail, and scaling up is paid for.
/// Where the model requires longer edges, more of the picture is sent rather than a stretched part.
/// </summary>
internal static class CropGeometry
{
    private const int MinPadding = 64;

    /// <summary>The default padding around a marked rectangle, in pixels: the model must see what it is to continue.</summary>
    public static int DefaultPadding(PixelRect box) => Math.Max(MinPadding, Math.Min(box.Width, box.Height) / 2);

    /// <summary>Chooses the part and its size.</summary>
    /// <param name="surroundings">The marked rectangle with its padding; it may reach beyond the picture.</param>
    /// <param name="width">The picture's width.</param>
    /// <param name="height">The picture's height.</param>
    /// <param name="model">The sizes at which the model works well; null for any.</param>
    /// <param name="requested">The size that the user requested; null for a fitting one.</param>
    public static CropChoice Choose(PixelRect surroundings, int width, int height, WorkingSize? model, ImageSize? requested)
    {
        PixelRect picture = new(0, 0, width, height);

        PixelRect part = surroundings.Intersect(picture);
        if (requested is not null)
        {
            return new CropChoice(WithAspectRatio(part, requested.Width, requested.Height, picture), requested.Width, requested.Height);
        }

        if (model is null)
        {
            return new CropChoice(part, part.Width, part.Height);
        }

        part = Extend(part, RoundUp(model, part.Width), RoundUp(model, part.Height), picture);
        double scale = new[] { 1, Math.Sqrt((double)model.MaximumPixels / ((long)part.Width * part.Height)), (double)model.MaximumEdge / part.Width, (double)model.MaximumEdge / part.Height }.Min();
        int sentWidth = Edge(model, part.Width * scale, width * scale);
        int sentHeight = Edge(model, part.Height * scale, height * scale);
        return new CropChoice(WithAspectRatio(part, sentWidth, sentHeight, picture), sentWidth, sentHeight);
    }

    private static int RoundUp(WorkingSize model, int edge) => Math.Max(model.MinimumEdge, (edge + model.MultipleOf - 1) / model.MultipleOf * model.MultipleOf);

    /// <summary>An edge of a long thin part may fall below the model's minimum; it is extended as far as the picture reaches.</summary>
    private static int Edge(WorkingSize model, double wanted, double available)
    {
        double edge = Math.Max(wanted, Math.Min(model.MinimumEdge, available));
        return Math.Max(1, (int)(edge + 1e-6) / model.MultipleOf) * model.MultipleOf;
    }

    /// <summary>Extends the part at two opposite sides, so that it has the aspect ratio of the size to which it is scaled.</summary>
    private static PixelRect WithAspectRatio(PixelRect part, int width, int height, PixelRect picture)
    {
        long byWidth = (long)part.Height * width;
        long byHeight = (long)part.Width * height;
        return byWidth > byHeight
            ? Extend(part, (int)Math.Min(picture.Width, (byWidth + (height / 2)) / height), part.Height, picture)
            : Extend(part, part.Width, (int)Math.Min(picture.Height, (byHeight + (width / 2)) / width), picture);
    }

    private static PixelRect Extend(PixelRect part, int width, int height, PixelRect picture)
    {
        int w = Math.Min(picture.Width, Math.Max(width, part.Width));
        int h = Math.Min(picture.Height, Math.Max(height, part.Height));
        return new PixelRect(
            Math.Clamp(part.X - ((w - part.Width) / 2), 0, picture.Width - w),
            Math.Clamp(part.Y - ((h - part.Height) / 2), 0, picture.Height - h),
            w,
            h);
    }
}
