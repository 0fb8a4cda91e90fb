using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Planning;

/// <summary>The pictures of a request, each of which is read once, when it is first asked for. A remote one is not read here.</summary>
internal sealed class RequestPictures(InpaintRequest request)
{
    private Mask? marked;

    /// <summary>The picture; null when it is remote or there is none.</summary>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported, ImageTooLarge.</exception>
    public PictureSnapshot? Image => field ??= Take(request.Image);

    /// <summary>The mask's file; null when it is remote or there is none.</summary>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported, ImageTooLarge.</exception>
    public PictureSnapshot? MaskFile => field ??= request.Mask?.FilePath is { } path && path == request.Image?.FilePath ? Image : Take(request.Mask);

    /// <summary>Reads the mask as a job would have it: by its mode, and resized to the picture where that is requested.</summary>
    /// <exception cref="InpaintException">ImageUnsupported, ImageTooLarge: it cannot be decoded. InvalidParameter: it has no alpha for its mode.</exception>
    public Mask ReadMask(PictureHeader? image, CancellationToken cancellationToken) => marked ??= ReadMask(request.MaskMode, image, cancellationToken);

    /// <summary>Reads the mask by another mode.</summary>
    /// <exception cref="InpaintException">ImageUnsupported, ImageTooLarge: it cannot be decoded. InvalidParameter: it has no alpha for this mode.</exception>
    public Mask ReadMask(MaskMode mode, PictureHeader? image, CancellationToken cancellationToken)
    {
        PicturePreflight.TraitsOf(MaskFile!, cancellationToken);
        return MaskFile!.ReadMask(mode, request.ResizeMask && image is not null ? image : MaskFile.Header, cancellationToken);
    }

    private static PictureSnapshot? Take(PictureSource? source) => source is null || source.IsRemote ? null : PictureSnapshot.Share(source);
}

/// <summary>The pictures as they will be sent.</summary>
/// <param name="Image">The picture; null for text to image.</param>
/// <param name="Mask">The mask, white to repaint and of the picture's size; null for text to image.</param>
/// <param name="Header">Format and size of the picture; null when it is remote or there is none.</param>
internal sealed record PreparedPictures(PictureSource? Image, PictureSource? Mask, PictureHeader? Header)
{
    /// <summary>The picture as it was given; null when it is remote or there is none.</summary>
    public PictureSnapshot? Original { get; init; }

    /// <summary>The picture as it is sent; null when it is remote or there is none.</summary>
    public PictureSnapshot? ImageSnapshot { get; init; }

    /// <summary>The mask as it is sent; null when it is remote or there is none.</summary>
    public PictureSnapshot? MaskSnapshot { get; init; }

    /// <summary>The mask's pixels in the picture's size; null when it is remote or there is none.</summary>
    public Mask? Marked { get; init; }

    /// <summary>Whether the picture has transparency; false when it was not decoded.</summary>
    public bool HasAlpha { get; init; }

    /// <summary>Warnings to show before paying, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What is converted before it is sent, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The same pictures with a mask that was made here.</summary>
    public PreparedPictures WithMask(Mask mask, string name) => WithMask(PictureSnapshot.Of(mask, Path.GetFileNameWithoutExtension(name) + ".png"));

    /// <summary>The same pictures with another mask.</summary>
    public PreparedPictures WithMask(PictureSnapshot snapshot) => this with { Mask = snapshot.Source, MaskSnapshot = snapshot };
}

/// <summary>
/// Checks picture and mask before anything is paid: that they are complete pictures which the provider reads, of the same size, and within its limits; what the mask marks is
/// checked by <see cref="MaskPreflight"/>. What a service might not decode correctly is converted (<see cref="UploadConverter"/>).
/// </summary>
internal static class PicturePreflight
{
    private const string SizeAdvice = "Send a smaller picture or a JPEG, or upload it somewhere and give its https URL.";

    /// <summary>Checks and converts the pictures of a request. A picture that will be cropped is converted when that is done.</summary>
    /// <returns>The pictures as they will be sent.</returns>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported, ImageTooLarge, MaskSizeMismatch, MaskEmpty, MaskFull.</exception>
    public static PreparedPictures Check(InpaintRequest request, RequestPictures pictures, InpaintProvider provider, ProviderCapabilities capabilities, CancellationToken cancellationToken)
    {
        List<string> warnings = [];
        EnsureReadableByProvider(request, provider, capabilities);
        PictureSnapshot? image = pictures.Image;
        AddWarningsAboutLosses(request, image?.Header, warnings);
        PictureSnapshot? maskFile = pictures.MaskFile;

        // With MaskMode Alpha a picture with a hole may be its own mask.
        if (request.Mask is not null && request.MaskMode != MaskMode.Alpha && image?.Digest == maskFile?.Digest && (image?.Source ?? request.Image)?.IsSameAs(maskFile?.Source ?? request.Mask) == true)
        {
            throw SamePicture(request.Image!, request.Mask);
        }

        PreparedPictures prepared = new(image?.Source ?? request.Image, request.Mask, image?.Header) { Original = image, ImageSnapshot = image };
        if (maskFile is null)
        {
            AddWarningsAboutRemoteMask(request, warnings);
        }
        else
        {
            EnsureSameSize(request, maskFile.Header, image?.Header);
            prepared = MaskPreflight.Prepare(request, pictures, prepared, warnings, cancellationToken);

            // A black-and-white picture may deliberately be its own mask. A photograph is a mistake.
            if (!prepared.Marked!.WasBinary && request.MaskMode != MaskMode.Alpha && image?.Source.HasContentOf(maskFile.Source) == true)
            {
                throw SamePicture(request.Image!, request.Mask!);
            }
        }

        if (image is not null)
        {
            // Decoded in any case: a service accepts a truncated or damaged picture, and fails when the job is already paid for.
            prepared = prepared with { HasAlpha = TraitsOf(image, cancellationToken).HasAlpha };
        }

        prepared = request.CropToMask ? prepared : PrepareWhole(prepared, provider, capabilities, cancellationToken);
        return prepared with { Warnings = warnings };
    }

    /// <summary>Converts the picture where it is needed, and ensures that picture and mask are within the provider's limits.</summary>
    /// <exception cref="InpaintException">ImageTooLarge.</exception>
    public static PreparedPictures PrepareWhole(PreparedPictures pictures, InpaintProvider provider, ProviderCapabilities capabilities, CancellationToken cancellationToken)
    {
        if (pictures.ImageSnapshot is { } image)
        {
            List<string> notes = [];
            PictureSnapshot sent = capabilities.DecodesPictures ? image : UploadConverter.Convert(image, provider, capabilities, notes, cancellationToken);
            EnsureFits(image.Source.Name, sent.Length, provider, capabilities);
            pictures = pictures with { Image = sent.Source, ImageSnapshot = sent, Header = sent.Header, Notes = notes };
        }

        EnsureMaskFits(pictures.Image, pictures.Mask, provider, capabilities);
        return pictures;
    }

    /// <summary>The failure for a picture that is its own mask.</summary>
    public static InpaintException SamePicture(PictureSource image, PictureSource mask)
    {
        string both = image.ToString() == mask.ToString() ? $"{image.Name} is specified both as the picture and as its mask" : $"The mask {mask.Name} is the picture {image.Name} itself";
        return new InpaintException(InpaintErrorId.InvalidParameter, $"{both}. Nothing was sent.")
        {
            Parameter = "Mask",
            Subject = image.Name,
            RecommendedAction = "Specify another file as the mask, or make one. MaskMode Alpha repaints the transparent part of the picture itself.",
        };
    }

    /// <summary>Decodes a local picture before anything is sent, if that has not been done yet.</summary>
    /// <exception cref="InpaintException">ImageUnsupported, ImageTooLarge.</exception>
    public static PictureTraits TraitsOf(PictureSnapshot picture, CancellationToken cancellationToken)
    {
        try
        {
            return picture.GetTraits(cancellationToken);
        }
        catch (InpaintException e)
        {
            throw e.WithMessage($"{e.Message} Nothing was sent.");
        }
    }

    private static void EnsureReadableByProvider(InpaintRequest request, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        if (!capabilities.TakesLocalPictures && new[] { request.Image, request.Mask }.FirstOrDefault(source => source?.IsRemote == false) is { } local)
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{provider.Name} takes only public URLs, and {local.Name} is a local picture. Upload it somewhere, and give its https URL.") { Subject = local.Name };
        }

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

    private static void AddWarningsAboutRemoteMask(InpaintRequest request, List<string> warnings)
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

    /// <summary>Ensures that the mask, and picture and mask together where they go into the request itself, are within the provider's limits.</summary>
    /// <exception cref="InpaintException">ImageTooLarge.</exception>
    public static void EnsureMaskFits(PictureSource? image, PictureSource? mask, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        if (mask is not null)
        {
            EnsureFits(mask.Name, mask.GetLength() ?? 0, provider, capabilities);
        }

        long together = (image?.GetLength() ?? 0) + (mask?.GetLength() ?? 0);
        if (capabilities.MaximumRequestBytes is long limit && together > limit)
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

    private static void EnsureSameSize(InpaintRequest request, PictureHeader mask, PictureHeader? image)
    {
        if (image is not null && !request.ResizeMask && (mask.Width != image.Width || mask.Height != image.Height))
        {
            throw new InpaintException(
                InpaintErrorId.MaskSizeMismatch,
                $"{request.Mask!.Name} is {mask.Width}x{mask.Height}, {request.Image!.Name} is {image.Width}x{image.Height}{OrientationText(image)}. The mask must have the size of the picture. Nothing was sent.")
            {
                Parameter = "Mask",
                Subject = request.Image.Name,
                RecommendedAction = $"Set ResizeMask to resize the mask, or make one for {request.Image.Name}.",
            };
        }
    }

    private static string OrientationText(PictureHeader header) => header.Orientation == ExifOrientation.Normal ? "" : " with its EXIF orientation applied";
}
