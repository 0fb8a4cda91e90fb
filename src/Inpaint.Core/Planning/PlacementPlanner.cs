using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

namespace Inpaint.Planning;

/// <summary>How the pictures of a job will be composited, with everything that must be on disk before the job is paid for.</summary>
/// <param name="Original">The picture into which they will be composited.</param>
/// <param name="Part">The part of it that is sent.</param>
/// <param name="MaskPart">The part of it that the mask covers.</param>
/// <param name="Mask">What is repainted within that part, as a PNG.</param>
/// <param name="Feather">The width of the blend inside the mask, in pixels.</param>
/// <param name="Format">The format of the finished picture.</param>
internal sealed record PlannedPlacement(PictureSource Original, PixelRect Part, PixelRect MaskPart, ReadOnlyMemory<byte> Mask, int Feather, PictureFormat Format)
{
    /// <summary>Creates the placement that the job keeps. Its original has no path when it was copied into the state folder.</summary>
    public InpaintPlacement ToJob(bool isCopied) => new()
    {
        OriginalPath = isCopied ? null : Original.FilePath,
        OriginalDigest = Original.GetDigest(),
        X = Part.X,
        Y = Part.Y,
        Width = Part.Width,
        Height = Part.Height,
        MaskX = MaskPart.X,
        MaskY = MaskPart.Y,
        Feather = Feather,
        Format = Format,
    };
}

/// <summary>Plans how the pictures of a job that keeps its unmasked part will be composited.</summary>
internal static class PlacementPlanner
{
    /// <summary>The widest blend, in pixels.</summary>
    public const int MaxFeather = 1000;

    // A blend that is wide for a thin mark would leave nothing of what was repainted, and what was to go would show through.
    private const int MinFeather = 1;
    private const int MaxDefaultFeather = 16;

    /// <summary>The depth of a mark in its middle, as a multiple of the blend.</summary>
    private const int DepthPerFeather = 16;

    // Dots do not decide the blend, and of many marks the largest are enough.
    private const int MinMarkPixels = 4;
    private const int MaxMarks = 32;

    /// <summary>Fills in what is implied, and requests a lossless result where the provider offers one and the user has requested no format, so that the picture is not compressed twice.</summary>
    public static InpaintRequest Complete(InpaintRequest request, ProviderCapabilities capabilities)
    {
        bool isKept = request.Operation == InpaintOperation.Inpaint && (request.KeepUnmasked || request.CropToMask);
        bool isLossy = isKept && request.OutputFormat is null && capabilities.Find("OutputFormat") is { Default: not "png" } format && format.Values.Contains("png");
        return request with { KeepUnmasked = isKept, CropToMask = isKept && request.CropToMask, OutputFormat = isLossy ? "png" : request.OutputFormat };
    }

    /// <summary>Ensures that picture and mask can be read here, where that is needed.</summary>
    /// <exception cref="InpaintException">InvalidParameter: picture or mask is remote.</exception>
    public static void EnsureLocal(InpaintRequest request)
    {
        if (!request.KeepUnmasked)
        {
            return;
        }

        string parameter = request.CropToMask ? "CropToMask" : "KeepUnmasked";
        foreach (PictureSource source in new[] { request.Image!, request.Mask! })
        {
            if (source.IsRemote)
            {
                throw new InpaintException(InpaintErrorId.InvalidParameter, $"{parameter} needs the pixels of {source}, which are not on this machine. Nothing was sent.")
                {
                    Parameter = source == request.Image ? "Image" : "Mask",
                    Subject = source.Url,
                    RecommendedAction = "Download it, and use the file.",
                };
            }
        }
    }

    /// <summary>Plans the placement of a checked request whose pictures can be read here, given the part that is sent, or null for the whole.</summary>
    /// <returns>The placement; null when nothing is composited.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the blend is out of range, or there is a padding and nothing is cropped.</exception>
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
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"Padding {request.Padding} requires CropToMask, without which the whole picture would be sent. Nothing was sent.")
            {
                Parameter = "Padding",
                RecommendedAction = "Set CropToMask, or leave Padding out.",
            };
        }

        if (!request.KeepUnmasked)
        {
            if (request.Feather is not null)
            {
                warnings.Add("Feather has no effect without KeepUnmasked.");
            }

            return null;
        }

        if (request.Feather is < 0 or > MaxFeather)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"Feather {request.Feather} is out of range: it takes 0 to {MaxFeather} pixels.") { Parameter = "Feather" };
        }

        PictureFormat requested = PictureFormats.OfName("." + request.OutputFormat);
        PictureFormat format = PictureFormats.CanWrite(requested) ? requested : PictureFormat.Png;
        if (!PictureFormats.IsLossless(format))
        {
            warnings.Add($"OutputFormat {request.OutputFormat} recompresses the unmasked part as well; only png keeps it bit for bit.");
            if (pictures.HasAlpha && !PictureFormats.HasAlpha(format))
            {
                warnings.Add($"JPEG has no transparency: that of {request.Image!.Name} will be lost. OutputFormat png keeps it.");
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
            pictures.Original!.Source,
            part ?? whole,
            maskPart,
            marked.ToPng(),
            request.Feather ?? (capabilities.KeepsUnmasked ? 0 : DefaultFeather(marked, maskPart, mask.Regions)),
            format);
    }

    /// <summary>The default blend, which suits the thinnest mark: a scratch is thin, whatever the rectangle around it.</summary>
    private static int DefaultFeather(Mask mask, PixelRect place, IReadOnlyList<MaskRegion> regions)
    {
        const int Reach = MaxDefaultFeather * DepthPerFeather;
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

        int thinnest = regions.Where(region => region.Pixels >= MinMarkPixels).Take(MaxMarks).Select(region => Deepest(region.Box with { X = region.Box.X - place.X, Y = region.Box.Y - place.Y })).DefaultIfEmpty(0).Min();
        return thinnest == DistanceField.Unreachable ? MaxDefaultFeather : Math.Clamp((int)Math.Sqrt(thinnest) / DepthPerFeather, MinFeather, MaxDefaultFeather);
    }
}
