using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Planning;

/// <summary>The pictures as they will be sent.</summary>
/// <param name="Image">The picture; null for text to image.</param>
/// <param name="Mask">The mask, white to repaint and of the picture's size; null for text to image.</param>
/// <param name="Header">Format and size of the picture; null when it is remote or there is none.</param>
/// <param name="Warnings">Warnings to show before paying.</param>
/// <param name="HasAlpha">Whether the picture has transparency; false when it was not decoded.</param>
/// <param name="Marked">The mask's pixels; null when it was not decoded.</param>
internal sealed record PreparedPictures(PictureSource? Image, PictureSource? Mask, PictureHeader? Header, IReadOnlyList<string> Warnings, bool HasAlpha = false, Mask? Marked = null)
{
    /// <summary>What is converted before it is sent, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>
/// Checks picture and mask before anything is paid: that they are complete pictures which the provider reads, of the same size, and within its limits; what the mask marks is
/// checked by <see cref="MaskPreflight"/>. What a service might not decode correctly is converted (<see cref="UploadConverter"/>).
/// </summary>
internal static class PicturePreflight
{
    private const string SizeAdvice = "Send a smaller picture or a JPEG, or upload it somewhere and give its https URL.";

    /// <summary>Checks and converts the pictures of a request.</summary>
    /// <returns>The pictures as they will be sent.</returns>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported, ImageTooLarge, MaskSizeMismatch, MaskEmpty, MaskFull.</exception>
    public static PreparedPictures Check(InpaintRequest request, InpaintProvider provider, ProviderCapabilities capabilities, CancellationToken cancellationToken)
    {
        List<string> warnings = [];
        List<string> notes = [];
        EnsureReadableByProvider(request, provider, capabilities);
        PictureHeader? imageHeader = ReadHeader(request.Image, capabilities, provider);
        AddWarningsAboutLosses(request, imageHeader, warnings);
        PictureHeader? readHeader = ReadHeader(request.Mask, capabilities, provider);

        // With MaskMode Alpha a picture with a hole may be its own mask.
        if (request.Mask is not null && request.MaskMode != MaskMode.Alpha && request.Image?.IsSameAs(request.Mask) == true)
        {
            throw SamePicture(request.Image, request.Mask);
        }

        if (request.Mask is null || readHeader is not { } maskHeader)
        {
            if (request.Mask is not null && request.MaskMode != MaskMode.White)
            {
                throw new InpaintException(InpaintErrorId.InvalidParameter, $"MaskMode {request.MaskMode} cannot be applied to the remote mask {request.Mask}, which is not read here. Download it, or convert it to a mask that is white where the picture is repainted.")
                {
                    Parameter = "MaskMode",
                    Subject = request.Mask.Url,
                };
            }

            if (request.Mask is not null && request.ResizeMask)
            {
                warnings.Add($"ResizeMask has no effect on the remote mask {request.Mask}, whose size is not known here.");
            }

            PreparedPictures alone = PrepareImage(request, imageHeader, provider, capabilities, notes, cancellationToken);
            return alone with { Mask = request.Mask, Warnings = warnings, Notes = notes };
        }

        (PictureSource mask, Mask marked) = PrepareMask(request, maskHeader, imageHeader, warnings, cancellationToken);

        // A black-and-white picture may deliberately be its own mask. A photograph is a mistake.
        if (!marked.WasBinary && request.MaskMode != MaskMode.Alpha && request.Image is { IsRemote: false } picture && picture.HasContentOf(request.Mask))
        {
            throw SamePicture(picture, request.Mask);
        }

        PreparedPictures prepared = PrepareImage(request, imageHeader, provider, capabilities, notes, cancellationToken);
        EnsureFitsRequest(request, prepared.Image, mask, provider, capabilities);
        return prepared with { Mask = mask, Marked = marked, Warnings = warnings, Notes = notes };
    }

    /// <summary>The failure for a picture that is its own mask.</summary>
    public static InpaintException SamePicture(PictureSource image, PictureSource mask)
    {
        string both = image.ToString() == mask.ToString() ? $"{image.Name} is given as the picture and as its mask" : $"The mask {mask.Name} is the picture {image.Name} itself";
        return new InpaintException(InpaintErrorId.InvalidParameter, $"{both}. Nothing was sent.")
        {
            Parameter = "Mask",
            Subject = image.Name,
            RecommendedAction = "Give another file as the mask, or make one. MaskMode Alpha repaints what is transparent in the picture itself.",
        };
    }

    /// <summary>Decodes a local picture before anything is sent.</summary>
    /// <exception cref="InpaintException">ImageUnsupported, ImageTooLarge.</exception>
    public static Raster Decode(PictureSource source, CancellationToken cancellationToken)
    {
        try
        {
            return LocalPictures.Decode(source, cancellationToken);
        }
        catch (InpaintException e)
        {
            throw e.WithMessage($"{e.Message} Nothing was sent.");
        }
    }

    private static void EnsureReadableByProvider(InpaintRequest request, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        if (!capabilities.TakesUrls && new[] { request.Image, request.Mask }.FirstOrDefault(source => source?.IsRemote == true) is { } remote)
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{provider.Name} reads files, and {remote} is a URL.")
            {
                Parameter = remote == request.Image ? "Image" : "Mask",
                Subject = remote.Url,
                RecommendedAction = "Download it first, and use the file.",
            };
        }
    }

    /// <summary>
    /// Prepares the picture. It is always decoded, because a service accepts a truncated or damaged picture, and fails when the job is already paid for.
    /// </summary>
    private static PreparedPictures PrepareImage(
        InpaintRequest request,
        PictureHeader? header,
        InpaintProvider provider,
        ProviderCapabilities capabilities,
        List<string> notes,
        CancellationToken cancellationToken)
    {
        if (header is null)
        {
            return new PreparedPictures(request.Image, Mask: null, Header: null, Warnings: []);
        }

        PictureSource source = request.Image!;
        Raster pixels = Decode(source, cancellationToken);
        if (capabilities.DecodesPictures && !request.CropToMask)
        {
            EnsureFits(source.Name, source.GetLength() ?? 0, provider, capabilities);
        }

        // A crop is sent as another file.
        (PictureSource sent, PictureHeader sentHeader) = capabilities.DecodesPictures || request.CropToMask
            ? (source, header)
            : UploadConverter.Convert(source, header, pixels, provider, capabilities, notes);
        return new PreparedPictures(sent, Mask: null, sentHeader, Warnings: [], pixels.HasAlpha);
    }

    private static void AddWarningsAboutLosses(InpaintRequest request, PictureHeader? header, List<string> warnings)
    {
        if (header?.Frames > 1)
        {
            warnings.Add($"{request.Image!.Name} has {header.Frames} {(header.Format == PictureFormat.Tiff ? "pages" : "frames")}: only the first is used, and one picture is returned.");
        }

        if (header?.IsCmyk == true)
        {
            warnings.Add($"{request.Image!.Name} is CMYK: it is converted to sRGB, and so is the result.");
        }
    }

    private static void EnsureFitsRequest(InpaintRequest request, PictureSource? image, PictureSource mask, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        long together = (image?.GetLength() ?? 0) + (mask.GetLength() ?? 0);
        if (!request.CropToMask && capabilities.MaximumRequestBytes is long limit && together > limit)
        {
            throw new InpaintException(
                InpaintErrorId.ImageTooLarge,
                FormattableString.Invariant($"{provider.Name} takes pictures only inside the request, at most {limit / 1e6:0.#} MB, and {image?.Name} with its mask has {together / 1e6:0.0} MB. Nothing was sent."))
            {
                Parameter = "Image",
                Subject = image?.Name,
                RecommendedAction = SizeAdvice,
            };
        }
    }

    private static PictureHeader? ReadHeader(PictureSource? source, ProviderCapabilities capabilities, InpaintProvider provider)
    {
        if (source is null || source.IsRemote)
        {
            return null;
        }

        if (!capabilities.TakesLocalPictures)
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{provider.Name} takes only public URLs, and {source.Name} is a local picture. Upload it somewhere, and give its https URL.") { Subject = source.Name };
        }

        using Stream stream = source.OpenRead();
        return Pictures.ReadHeader(stream, source.Name);
    }

    /// <summary>Checks the length of a file in bytes against the provider's limit.</summary>
    /// <exception cref="InpaintException">ImageTooLarge.</exception>
    public static void EnsureFits(string name, long length, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        if (capabilities.MaximumInputBytes is long limit && length > limit)
        {
            throw new InpaintException(
                InpaintErrorId.ImageTooLarge,
                FormattableString.Invariant($"{name} has {length / 1048576.0:0.0} MiB; {provider.Name} takes at most {limit / 1048576.0:0.#} MiB. Nothing was sent."))
            {
                Subject = name,
                RecommendedAction = SizeAdvice,
            };
        }
    }

    private static (PictureSource Source, Mask Marked) PrepareMask(
        InpaintRequest request,
        PictureHeader maskHeader,
        PictureHeader? imageHeader,
        List<string> warnings,
        CancellationToken cancellationToken)
    {
        PictureSource source = request.Mask!;
        bool fits = imageHeader is null || (maskHeader.Width == imageHeader.Width && maskHeader.Height == imageHeader.Height);
        if (!fits && !request.ResizeMask)
        {
            throw new InpaintException(
                InpaintErrorId.MaskSizeMismatch,
                $"{source.Name} is {maskHeader.Width}x{maskHeader.Height}, {request.Image!.Name} is {imageHeader!.Width}x{imageHeader.Height}{OrientationText(imageHeader)}. The mask must have the size of the picture. Nothing was sent.")
            {
                Parameter = "Mask",
                Subject = request.Image.Name,
                RecommendedAction = $"Set ResizeMask to resize the mask, or make one for {request.Image.Name}.",
            };
        }

        return MaskPreflight.Prepare(request, maskHeader, fits ? null : (imageHeader!.Width, imageHeader.Height), warnings, cancellationToken);
    }

    private static string OrientationText(PictureHeader header) => header.Orientation == ExifOrientation.Normal ? "" : " with its EXIF orientation applied";
}
