using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

namespace Inpaint.Planning;

/// <summary>
/// Looks at a mask before anything is paid: that it marks something and not everything, and that what it marks is likely what was meant. One that is not the plain
/// black and white that providers expect is made so here.
/// </summary>
internal static class MaskPreflight
{
    // What a brush does not make, but dust, a lossy file or a wrong threshold does.
    private const int SpeckPixels = 4;

    // Soft edges are what brushes make. Grays as many as a quarter of what is marked are a gradient, a photograph or something else than a mask.
    private const double MostGrays = 0.25;

    // Rounding to whole pixels is none; beyond that a mask was made for another picture.
    private const double MostStretch = 0.05;

    /// <summary>Prepares a mask that can be read here.</summary>
    /// <param name="request">The request, whose mask is on this machine.</param>
    /// <param name="maskHeader">Format and size of the mask.</param>
    /// <param name="size">The size of the picture; null to keep the mask's own.</param>
    /// <param name="warnings">Receives what is worth knowing before paying.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The mask as it is sent, and its pixels.</returns>
    /// <exception cref="InpaintException">ImageUnsupported, ImageTooLarge: it cannot be decoded. InvalidParameter: its mode does not fit it. MaskEmpty, MaskFull.</exception>
    public static (PictureSource Sent, Mask Marked) Prepare(
        InpaintRequest request,
        PictureHeader maskHeader,
        (int Width, int Height)? size,
        List<string> warnings,
        CancellationToken cancellationToken)
    {
        PictureSource source = request.Mask!;
        Raster raster = PicturePreflight.Decode(source, cancellationToken);

        // Resized first: what is very thin may be gone afterwards.
        Mask Read(MaskMode mode)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Mask read = MaskReader.FromRaster(raster, source.Name, mode);
            return size is (int width, int height) ? read.Resize(width, height) : read;
        }

        Mask mask = Read(request.MaskMode);

        // The other modes with which the file would be a mask. Looked into only where there is something to be said: a large mask takes its time.
        IEnumerable<(MaskMode Mode, Mask Mask)> others = new[] { MaskMode.Alpha, MaskMode.White, MaskMode.Black }
            .Where(mode => mode != request.MaskMode && (mode != MaskMode.Alpha || raster.HasAlpha))
            .Select(mode => (mode, Read(mode)))
            .Where(other => !other.Item2.IsEmpty && !other.Item2.IsFull);
        DemandUsable(mask, source, request.MaskMode, others);
        cancellationToken.ThrowIfCancellationRequested();
        AddSuspicions(mask, maskHeader, source, request.MaskMode, raster.HasAlpha, others, warnings);

        // Alpha never goes out: a service that drops it sees whatever colour lies below, often white all over.
        bool isPlain = mask.WasBinary && !raster.HasAlpha && raster.BitDepth == 8;
        bool goesAsItIs = size is null && isPlain && request.MaskMode == MaskMode.White && maskHeader.Format == PictureFormat.Png;
        return (goesAsItIs ? source : PictureSource.FromBytes(mask.ToPng(), Path.GetFileNameWithoutExtension(source.Name) + ".png"), mask);
    }

    private static void DemandUsable(Mask mask, PictureSource source, MaskMode mode, IEnumerable<(MaskMode Mode, Mask Mask)> others)
    {
        if (!mask.IsEmpty && !mask.IsFull)
        {
            return;
        }

        // A mode is named only when it would make a mask of this file, and of several the one that marks least: of strokes on an empty layer, the other one marks the layer.
        string another = others.OrderBy(other => other.Mask.CoverageShare).Select(other => $"Use -MaskMode {other.Mode}, with which it marks {Percent(other.Mask)} of the picture, or ").FirstOrDefault("");
        string How(string white, string black, string alpha)
        {
            string advice = mode switch { MaskMode.White => white, MaskMode.Black => black, _ => alpha };
            return another + (another.Length > 0 ? char.ToLowerInvariant(advice[0]) + advice[1..] : advice);
        }

        throw mask.IsEmpty
            ? new InpaintException(InpaintErrorId.MaskEmpty, $"{source.Name} marks nothing to repaint (-MaskMode {mode}). Nothing was sent.")
            {
                RecommendedAction = How("Paint what is to change white.", "Paint what is to change black.", "Make what is to change transparent."),
            }
            : new InpaintException(InpaintErrorId.MaskFull, $"{source.Name} marks the whole picture (-MaskMode {mode}), so that nothing of it would be kept. Nothing was sent.")
            {
                RecommendedAction = How("Paint what is to stay black.", "Paint what is to stay white.", "Make what is to stay opaque."),
            };
    }

    private static void AddSuspicions(
        Mask mask,
        PictureHeader header,
        PictureSource source,
        MaskMode mode,
        bool hasAlpha,
        IEnumerable<(MaskMode Mode, Mask Mask)> others,
        List<string> warnings)
    {
        if (mask.CoverageShare > 0.5)
        {
            string remedy = others.Select(other => $"use -MaskMode {other.Mode}").FirstOrDefault("swap it with New-InpaintMask -Invert");
            warnings.Add($"{source.Name} marks {Percent(mask)} of the picture. If the wrong part would be repainted, {remedy}.");
        }
        else if (hasAlpha && others.FirstOrDefault() is (MaskMode.Alpha, Mask transparent) && !MarksAllBut(mask, transparent))
        {
            // What is mostly transparent is an empty layer that somebody has painted on.
            warnings.Add(transparent.CoverageShare > 0.5
                ? $"{source.Name} is painted in several colours on a transparent layer, and -MaskMode {mode} marks only some of them. If all that is painted is to be repainted, make a mask of it: New-InpaintMask {source.Name} -FromAlpha -Invert."
                : $"{source.Name} has transparent parts ({Percent(transparent)} of it), which -MaskMode {mode} keeps. If those are what is to be repainted, use -MaskMode Alpha.");
        }

        double stretch = (double)mask.Width * header.Height / ((double)mask.Height * header.Width);
        if (Math.Abs(Math.Log(stretch)) > MostStretch)
        {
            warnings.Add($"{source.Name} is {header.Width}x{header.Height} and is scaled to {mask.Width}x{mask.Height}, another shape: what it marks is stretched.");
        }

        if (mask.GrayShare > MostGrays * mask.CoverageShare)
        {
            warnings.Add($"{source.Name} has many grays, which are decided at half brightness: it is sent as plain black and white.");
        }

        IReadOnlyList<MaskRegion> regions = MaskRegions.Find(mask);
        int specks = regions.Count(r => r.Pixels < SpeckPixels);
        if (specks > 0 && regions.Count > 1)
        {
            warnings.Add($"{specks} of the {regions.Count} regions that {source.Name} marks have fewer than {SpeckPixels} pixels, as stray dots or a lossy file leave them behind.");
        }
    }

    /// <summary>Whether everything is marked that is not transparent: what was painted on an empty layer, where the rest is transparent because nobody touched it.</summary>
    private static bool MarksAllBut(Mask mask, Mask transparent)
    {
        for (int i = 0; i < mask.Coverage.Length; i++)
        {
            if (mask.Coverage[i] == 0 && transparent.Coverage[i] == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Never 0 % of what marks something, nor 100 % of what keeps something.</summary>
    private static string Percent(Mask mask)
    {
        double share = mask.CoverageShare * 100;
        return FormattableString.Invariant($"{(share < 1 ? Math.Max(0.01, Math.Round(share, 2)) : Math.Min(99, Math.Round(share))):0.##} %");
    }
}
