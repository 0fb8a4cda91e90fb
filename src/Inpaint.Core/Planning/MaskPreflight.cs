using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

namespace Inpaint.Planning;

/// <summary>
/// Checks a mask before anything is paid: that it marks something and not everything, and warns about probable mistakes. A mask that is not the plain black and white that
/// providers expect is converted.
/// </summary>
internal static class MaskPreflight
{
    // Fewer pixels than a brush makes: dust, artifacts of a lossy file, or a wrong threshold.
    private const int SpeckPixels = 4;

    // Brushes make soft edges. Grays that amount to a quarter of what is marked are a gradient, a photograph or something else that is not a mask.
    private const double MaxGrayShare = 0.25;

    // More than rounding to whole pixels: the mask was made for another picture.
    private const double MaxStretch = 0.05;

    /// <summary>Checks and converts the mask of a request, which is on this machine.</summary>
    /// <returns>The pictures with the mask as it is sent, and its pixels.</returns>
    /// <exception cref="InpaintException">ImageUnsupported, ImageTooLarge: it cannot be decoded. InvalidParameter: it has no alpha for its mode. MaskEmpty, MaskFull.</exception>
    public static PreparedPictures Prepare(InpaintRequest request, RequestPictures pictures, PreparedPictures prepared, List<string> warnings, CancellationToken cancellationToken)
    {
        PictureSource source = request.Mask!;
        PictureSnapshot file = pictures.MaskFile!;

        // Resized before it is checked: very thin parts may be gone afterwards.
        Mask mask = pictures.ReadMask(prepared.Header, cancellationToken);
        PictureTraits traits = file.GetTraits(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();

        // The other modes with which the file would be a usable mask. Enumerated only when there is a warning, because a large mask takes time.
        PictureHeader? imageHeader = prepared.Header;
        IEnumerable<(MaskMode Mode, Mask Mask)> Others()
        {
            foreach (MaskMode mode in new[] { MaskMode.Alpha, MaskMode.White, MaskMode.Black })
            {
                if (mode != request.MaskMode && (mode != MaskMode.Alpha || traits.HasAlpha) && pictures.ReadMask(mode, imageHeader, cancellationToken) is { IsEmpty: false, IsFull: false } other)
                {
                    yield return (mode, other);
                }
            }
        }

        EnsureUsable(mask, source, request.MaskMode, Others());
        cancellationToken.ThrowIfCancellationRequested();
        AddWarnings(mask, file.Header, source, request.MaskMode, traits.HasAlpha, Others(), warnings);

        // Alpha is never sent: a service that drops it sees whatever colour is below, often white everywhere.
        bool isPlain = mask.WasBinary && !traits.HasAlpha && traits.BitDepth == 8;
        bool isResized = mask.Width != file.Header.Width || mask.Height != file.Header.Height;
        prepared = prepared with { Marked = mask };
        return prepared.WithMask(!isResized && isPlain && request.MaskMode == MaskMode.White && file.Header.Format == PictureFormat.Png
            ? file
            : file.Convert($"{request.MaskMode} {mask.Width}x{mask.Height}", () => PictureSnapshot.Of(mask, Path.GetFileNameWithoutExtension(source.Name) + ".png")));
    }

    private static void EnsureUsable(Mask mask, PictureSource source, MaskMode mode, IEnumerable<(MaskMode Mode, Mask Mask)> others)
    {
        if (!mask.IsEmpty && !mask.IsFull)
        {
            return;
        }

        // Another mode is suggested only when it would make a mask of this file; of several, the one that marks least: with strokes on an empty layer, the other marks the layer.
        string another = others.OrderBy(other => other.Mask.CoverageShare).Select(other => $"Use MaskMode {other.Mode}, with which it marks {Percent(other.Mask)} of the picture, or ").FirstOrDefault("");
        string Advice(string white, string black, string alpha)
        {
            string advice = mode switch { MaskMode.White => white, MaskMode.Black => black, _ => alpha };
            return another + (another.Length > 0 ? char.ToLowerInvariant(advice[0]) + advice[1..] : advice);
        }

        throw mask.IsEmpty
            ? new InpaintException(InpaintErrorId.MaskEmpty, $"{source.Name} marks nothing to repaint (MaskMode {mode}). Nothing was sent.")
            {
                Parameter = "Mask",
                Subject = source.Name,
                RecommendedAction = Advice("Paint the part to repaint white.", "Paint the part to repaint black.", "Make the part to repaint transparent."),
            }
            : new InpaintException(InpaintErrorId.MaskFull, $"{source.Name} marks the whole picture (MaskMode {mode}), so nothing of it would be kept. Nothing was sent.")
            {
                Parameter = "Mask",
                Subject = source.Name,
                RecommendedAction = Advice("Paint the part to keep black.", "Paint the part to keep white.", "Make the part to keep opaque."),
            };
    }

    private static void AddWarnings(
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
            string remedy = others.Select(other => $"use MaskMode {other.Mode}").FirstOrDefault("invert the mask");
            warnings.Add($"{source.Name} marks {Percent(mask)} of the picture. If the wrong part would be repainted, {remedy}.");
        }
        else if (hasAlpha && others.FirstOrDefault() is (MaskMode.Alpha, Mask transparent) && !MarksAllBut(mask, transparent))
        {
            // A mostly transparent picture is an empty layer that was painted on.
            warnings.Add(transparent.CoverageShare > 0.5
                ? $"{source.Name} is painted in several colours on a transparent layer, and MaskMode {mode} marks only some of them. If everything that is painted is to be repainted, make a mask of its transparency and invert it."
                : $"{source.Name} has transparent parts ({Percent(transparent)} of it), which MaskMode {mode} keeps. If those are to be repainted, use MaskMode Alpha.");
        }

        double stretch = (double)mask.Width * header.Height / ((double)mask.Height * header.Width);
        if (Math.Abs(Math.Log(stretch)) > MaxStretch)
        {
            warnings.Add($"{source.Name} is {header.Width}x{header.Height} and is resized to {mask.Width}x{mask.Height}, which has another aspect ratio: what it marks is stretched.");
        }

        if (mask.GrayShare > MaxGrayShare * mask.CoverageShare)
        {
            warnings.Add($"{source.Name} contains many gray values; they are thresholded at 50 %, and the mask is sent as plain black and white.");
        }

        IReadOnlyList<MaskRegion> regions = mask.Regions;
        int specks = regions.Count > 1 ? regions.Count(r => r.Pixels < SpeckPixels) : 0;
        if (specks > 0)
        {
            warnings.Add($"{specks} of the {regions.Count} regions that {source.Name} marks have fewer than {SpeckPixels} pixels, like stray dots or the artifacts of a lossy file.");
        }
    }

    /// <summary>Whether everything that is not transparent is marked: a layer on which only the mask was painted.</summary>
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

    /// <summary>The marked share; never 0 % for a mask that marks something, nor 100 % for one that keeps something.</summary>
    private static string Percent(Mask mask)
    {
        double share = mask.CoverageShare * 100;
        return FormattableString.Invariant($"{(share < 1 ? Math.Max(0.01, Math.Round(share, 2)) : Math.Min(99, Math.Round(share))):0.##} %");
    }
}

/// <summary>Inverts a mask for a model that repaints what is black.</summary>
internal static class MaskInverter
{
    /// <summary>Inverts the mask of pictures that are ready to be sent.</summary>
    /// <exception cref="InpaintException">InvalidParameter: the mask is at a URL, where it is not read here.</exception>
    public static PreparedPictures Invert(PreparedPictures pictures, string model, CancellationToken cancellationToken)
    {
        if (pictures.Mask is not { } mask)
        {
            return pictures;
        }

        if (pictures.MaskSnapshot is not { } snapshot)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"{model} repaints what is black in the mask, and the remote mask {mask} cannot be inverted here. Nothing was sent.")
            {
                Parameter = "Mask",
                Subject = mask.Url,
                RecommendedAction = "Download it first, and use the file.",
            };
        }

        return pictures.WithMask(MaskMorphology.Invert(snapshot.ReadMask(cancellationToken)), mask.Name);
    }
}

/// <summary>Reports what the preflight would say about a mask, and what it contains.</summary>
internal static class MaskInspector
{
    /// <summary>Inspects the mask of a request.</summary>
    public static MaskReport Inspect(InpaintRequest request, InpaintProvider provider, ProviderCapabilities capabilities, CancellationToken cancellationToken)
    {
        RequestPictures pictures = new(request);
        PictureHeader? imageHeader = HeaderOf(() => pictures.Image);
        PictureHeader? maskHeader = HeaderOf(() => pictures.MaskFile);
        MaskReport report = Begin(request, provider) with
        {
            ImageWidth = imageHeader?.Width,
            ImageHeight = imageHeader?.Height,
            MaskWidth = maskHeader?.Width,
            MaskHeight = maskHeader?.Height,
        };
        try
        {
            report = report with { Warnings = PicturePreflight.Check(request, pictures, provider, capabilities, cancellationToken).Warnings };
        }
        catch (InpaintException e)
        {
            report = WithFailure(report, e);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return maskHeader is not null && ReadMask(pictures, imageHeader, cancellationToken) is { } mask ? Describe(report, mask) : report;
    }

    /// <summary>Reports that a picture cannot be had.</summary>
    public static MaskReport Failed(InpaintRequest request, InpaintProvider provider, InpaintException failure) => WithFailure(Begin(request, provider), failure);

    private static MaskReport Begin(InpaintRequest request, InpaintProvider provider) => new()
    {
        Image = $"{request.Image}",
        Mask = $"{request.Mask}",
        MaskMode = request.MaskMode,
        Provider = provider.Name,
    };

    private static MaskReport WithFailure(MaskReport report, InpaintException failure) =>
        report with { ErrorId = failure.ErrorId, Error = failure.Message, Parameter = failure.Parameter, Subject = failure.Subject, RecommendedAction = failure.RecommendedAction };

    private static MaskReport Describe(MaskReport report, Mask mask)
    {
        IReadOnlyList<MaskRegion> regions = mask.Regions;
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

    private static PictureHeader? HeaderOf(Func<PictureSnapshot?> read)
    {
        try
        {
            return read()?.Header;
        }
        catch (InpaintException)
        {
            // The preflight reports what is wrong with it.
            return null;
        }
    }

    private static Mask? ReadMask(RequestPictures pictures, PictureHeader? image, CancellationToken cancellationToken)
    {
        try
        {
            return pictures.ReadMask(image, cancellationToken);
        }
        catch (InpaintException)
        {
            // The preflight has reported that, or another failure before it.
            return null;
        }
    }
}
