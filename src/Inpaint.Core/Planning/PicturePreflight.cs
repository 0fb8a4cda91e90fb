using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Planning;

/// <summary>The pictures as they will be sent.</summary>
/// <param name="Image">The picture; null for text to image.</param>
/// <param name="Mask">The mask, white to repaint and of the picture's size; null for text to image.</param>
/// <param name="Header">Format and size of the picture; null when it is remote or there is none.</param>
/// <param name="Warnings">What is worth knowing before paying.</param>
/// <param name="HasAlpha">Whether the picture has transparency; false when it was not looked into.</param>
/// <param name="Marked">The mask's pixels; null when it was not looked into.</param>
internal sealed record PreparedPictures(PictureSource? Image, PictureSource? Mask, PictureHeader? Header, IReadOnlyList<string> Warnings, bool HasAlpha = false, Mask? Marked = null)
{
    /// <summary>What is sent otherwise than it was given, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>
/// Looks at picture and mask before anything is paid: that they are whole pictures which the provider reads, of one size, and no larger than it takes; what the
/// mask marks is looked at by <see cref="MaskPreflight"/>. What a service would not read as it is meant is converted (<see cref="UploadConverter"/>).
/// </summary>
internal static class PicturePreflight
{
    /// <summary>Checks and prepares.</summary>
    /// <param name="request">The request.</param>
    /// <param name="provider">Where it is to go.</param>
    /// <param name="capabilities">What that provider takes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What will be sent.</returns>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported, ImageTooLarge, MaskSizeMismatch, MaskEmpty, MaskFull.</exception>
    public static PreparedPictures Check(InpaintRequest request, InpaintProvider provider, ProviderCapabilities capabilities, CancellationToken cancellationToken)
    {
        List<string> warnings = [];
        List<string> notes = [];
        DemandReachable(request, provider, capabilities);
        PictureHeader? imageHeader = Look(request.Image, capabilities, provider);
        AddWhatIsLost(request, imageHeader, warnings);
        PictureHeader? lookedAt = Look(request.Mask, capabilities, provider);

        // A picture with a hole is its own mask.
        if (request.Mask is not null && request.MaskMode != MaskMode.Alpha && request.Image?.IsSameAs(request.Mask) == true)
        {
            throw SamePicture(request.Image, request.Mask);
        }

        if (request.Mask is null || lookedAt is not { } maskHeader)
        {
            if (request.Mask is not null && request.MaskMode != MaskMode.White)
            {
                throw new InpaintException(InpaintErrorId.InvalidParameter, $"-MaskMode {request.MaskMode} cannot be applied to the remote mask {request.Mask}: it is not read here. Download it, or turn it into a white-to-repaint mask.");
            }

            if (request.Mask is not null && request.ResizeMask)
            {
                warnings.Add($"-ResizeMask does nothing for the remote mask {request.Mask}, whose size is not known here.");
            }

            PreparedPictures alone = PrepareImage(request, imageHeader, provider, capabilities, notes, cancellationToken);
            return alone with { Mask = request.Mask, Warnings = warnings, Notes = notes };
        }

        (PictureSource mask, Mask marked) = PrepareMask(request, maskHeader, imageHeader, warnings, cancellationToken);

        // A copy in black and white may be meant: a mask that is repainted itself. A copy of a photograph is none.
        if (!marked.WasBinary && request.MaskMode != MaskMode.Alpha && request.Image is { IsRemote: false } picture && picture.HasContentOf(request.Mask))
        {
            throw SamePicture(picture, request.Mask);
        }

        PreparedPictures prepared = PrepareImage(request, imageHeader, provider, capabilities, notes, cancellationToken);
        DemandFitTogether(request, prepared.Image, mask, provider, capabilities);
        return prepared with { Mask = mask, Marked = marked, Warnings = warnings, Notes = notes };
    }

    /// <summary>The failure for a picture that is its own mask.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="mask">The mask.</param>
    public static InpaintException SamePicture(PictureSource image, PictureSource mask)
    {
        string both = image.ToString() == mask.ToString() ? $"{image.Name} is given as the picture and as its mask" : $"The mask {mask.Name} is the picture {image.Name} itself";
        return new InpaintException(InpaintErrorId.InvalidParameter, $"{both}. Nothing was sent.")
        {
            RecommendedAction = $"Give the mask with -Mask, or make one with: New-InpaintMask {image.Name}. A script block that finds masks by name must change every name: {{ $_ -replace '\\.\\w+$', '_mask.png' }}. -MaskMode Alpha repaints what is transparent in the picture itself.",
        };
    }

    /// <summary>Decodes a picture whose pixels are needed before anything is sent.</summary>
    /// <param name="source">The picture, on this machine.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InpaintException">ImageUnsupported, ImageTooLarge.</exception>
    public static Raster Decode(PictureSource source, CancellationToken cancellationToken)
    {
        try
        {
            return LocalPictures.Decode(source, cancellationToken);
        }
        catch (InpaintException e)
        {
            throw new InpaintException(e.ErrorId, $"{e.Message} Nothing was sent.", e) { RecommendedAction = e.RecommendedAction };
        }
    }

    private static void DemandReachable(InpaintRequest request, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        if (!capabilities.TakesAddresses && new[] { request.Image, request.Mask }.FirstOrDefault(source => source?.IsRemote == true) is { } remote)
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{provider.Name} reads files, and {remote} is an address.")
            {
                RecommendedAction = $"Download it first: Invoke-WebRequest {remote} -OutFile {remote.Name}",
            };
        }
    }

    /// <summary>
    /// The picture as it is sent. A service takes one of which half is missing, or that nobody can decode, and fails at it when it is being paid: so it is decoded, whoever needs its pixels.
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
            DemandFits(source.Name, source.GetLength() ?? 0, provider, capabilities);
        }

        // What is cut here is sent as another file.
        (PictureSource sent, PictureHeader sentHeader) = capabilities.DecodesPictures || request.CropToMask
            ? (source, header)
            : UploadConverter.Convert(source, header, pixels, provider, capabilities, notes);
        return new PreparedPictures(sent, Mask: null, sentHeader, Warnings: [], pixels.HasAlpha);
    }

    private static void AddWhatIsLost(InpaintRequest request, PictureHeader? header, List<string> warnings)
    {
        if (header?.Frames > 1)
        {
            warnings.Add($"{request.Image!.Name} has {header.Frames} {(header.Format == PictureFormat.Tiff ? "pages" : "frames")}: the first is worked on, and one picture comes back.");
        }

        if (header?.IsCmyk == true)
        {
            warnings.Add($"{request.Image!.Name} has the colours of printing (CMYK): they are converted to sRGB, and so is what comes back.");
        }
    }

    private static void DemandFitTogether(InpaintRequest request, PictureSource? image, PictureSource mask, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        long together = (image?.GetLength() ?? 0) + (mask.GetLength() ?? 0);
        if (!request.CropToMask && capabilities.MaximumRequestBytes is long limit && together > limit)
        {
            throw new InpaintException(
                InpaintErrorId.ImageTooLarge,
                FormattableString.Invariant($"{provider.Name} takes pictures inside the request only, and {image?.Name} with its mask has {together / 1e6:0.0} MB of at most {limit / 1e6:0.#}. Nothing was sent."))
            { RecommendedAction = "Send a smaller picture or a JPEG, or put it online and give its https address." };
        }
    }

    private static PictureHeader? Look(PictureSource? source, ProviderCapabilities capabilities, InpaintProvider provider)
    {
        if (source is null || source.IsRemote)
        {
            return null;
        }

        if (!capabilities.TakesLocalPictures)
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{provider.Name} takes public addresses only; {source.Name} is a local picture. Put it online and give its https address.");
        }

        using Stream stream = source.OpenRead();
        return Pictures.ReadHeader(stream, source.Name);
    }

    /// <summary>Holds the length of a file that is to be sent against what the provider takes.</summary>
    /// <param name="name">The picture's name.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="provider">Where it is to go.</param>
    /// <param name="capabilities">What that provider takes.</param>
    /// <exception cref="InpaintException">ImageTooLarge.</exception>
    public static void DemandFits(string name, long length, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        if (capabilities.MaximumInputBytes is long limit && length > limit)
        {
            throw new InpaintException(
                InpaintErrorId.ImageTooLarge,
                FormattableString.Invariant($"{name} has {length / 1048576.0:0.0} MiB; {provider.Name} takes at most {limit / 1048576.0:0.#} MiB. Nothing was sent."))
            { RecommendedAction = "Send a smaller picture or a JPEG, or put it online and give its https address." };
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
                $"{source.Name} is {maskHeader.Width}x{maskHeader.Height}, {request.Image!.Name} is {imageHeader!.Width}x{imageHeader.Height}{AsSeen(imageHeader)}. The mask must have the size of the picture. Nothing was sent.")
            {
                RecommendedAction = $"Add -ResizeMask to scale the mask, or make one with: New-InpaintMask -Image {request.Image!.Name}",
            };
        }

        return MaskPreflight.Prepare(request, maskHeader, fits ? null : (imageHeader!.Width, imageHeader.Height), warnings, cancellationToken);
    }

    private static string AsSeen(PictureHeader header) => header.Orientation == ExifOrientation.Normal ? "" : " as a viewer shows it, turned as its EXIF data asks";
}
