using Inpaint.Imaging;

namespace Inpaint.Requests;

/// <summary>The pictures as they will be sent.</summary>
/// <param name="Image">The picture; null for text to image.</param>
/// <param name="Mask">The mask, white to repaint and of the picture's size; null for text to image.</param>
/// <param name="Header">Format and size of the picture; null when it is remote or there is none.</param>
/// <param name="Warnings">What is worth knowing before paying.</param>
/// <param name="HasAlpha">Whether the picture has transparency; false when it was not looked into.</param>
/// <param name="Marked">The mask's pixels; null when it was not looked into.</param>
internal sealed record PreparedPictures(PictureSource? Image, PictureSource? Mask, PictureHeader? Header, IReadOnlyList<string> Warnings, bool HasAlpha = false, Mask? Marked = null);

/// <summary>
/// Looks at picture and mask before anything is paid: that they are whole pictures which the provider reads, of one size, and no larger than it takes; what the
/// mask marks is looked at by <see cref="MaskPreflight"/>. A photograph whose EXIF data asks for turning is turned.
/// </summary>
internal static class PicturePreflight
{
    // A photograph is written a second time only here, so that what that takes away must not be seen.
    private const int UprightQuality = 95;

    /// <summary>Checks and prepares.</summary>
    /// <param name="request">The request.</param>
    /// <param name="provider">Where it is to go.</param>
    /// <param name="capabilities">What that provider takes.</param>
    /// <returns>What will be sent.</returns>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported, ImageTooLarge, MaskSizeMismatch, MaskEmpty, MaskFull.</exception>
    public static PreparedPictures Check(InpaintRequest request, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        List<string> warnings = [];
        DemandReachable(request, provider, capabilities);
        PictureHeader? imageHeader = Look(request.Image, provider, capabilities, request.CropToMask);
        PictureSource? image = imageHeader is null || imageHeader.Orientation == ExifOrientation.Normal || capabilities.TurnsPictures || request.CropToMask
            ? request.Image
            : TurnUpright(request.Image!, provider, capabilities);
        if (request.Mask is null || request.Mask.IsRemote)
        {
            if (request.Mask is not null && request.MaskMode != MaskMode.White)
            {
                throw new InpaintException(InpaintErrorId.InvalidParameter, $"-MaskMode {request.MaskMode} cannot be applied to the remote mask {request.Mask}: it is not read here. Download it, or turn it into a white-to-repaint mask.");
            }

            if (request.Mask is not null && request.ResizeMask)
            {
                warnings.Add($"-ResizeMask does nothing for the remote mask {request.Mask}, whose size is not known here.");
            }

            return new PreparedPictures(image, request.Mask, imageHeader, warnings, LookWhole(request, image, imageHeader));
        }

        PictureHeader maskHeader = Look(request.Mask, provider, capabilities, request.CropToMask)!;
        (PictureSource mask, Mask? marked) = PrepareMask(request, maskHeader, imageHeader, warnings);
        bool hasAlpha = LookWhole(request, image, imageHeader);
        DemandFitTogether(request, image, mask, provider, capabilities);
        return new PreparedPictures(image, mask, imageHeader, warnings, hasAlpha, marked);
    }

    /// <summary>Decodes a picture whose pixels are needed before anything is sent.</summary>
    /// <param name="source">The picture, on this machine.</param>
    /// <exception cref="InpaintException">ImageUnsupported, ImageTooLarge.</exception>
    public static Raster Decode(PictureSource source)
    {
        try
        {
            return LocalPictures.Decode(source, CancellationToken.None);
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

    /// <summary>A service takes a picture of which half is missing, or that nobody can decode, and fails at it when it is being paid.</summary>
    /// <returns>Whether it has transparency; one that was turned upright was decoded for that, and is a JPEG, which has none.</returns>
    private static bool LookWhole(InpaintRequest request, PictureSource? image, PictureHeader? header) =>
        header is not null && IsReadable(header.Format) && ReferenceEquals(image, request.Image) && Decode(image!).HasAlpha;

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

    /// <summary>What is cut here is sent as another file, to which the limits apply in its place.</summary>
    private static PictureHeader? Look(PictureSource? source, InpaintProvider provider, ProviderCapabilities capabilities, bool isCut)
    {
        if (source is null || source.IsRemote)
        {
            return null;
        }

        if (!capabilities.TakesLocalPictures)
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{provider.Name} takes public addresses only; {source.Name} is a local picture. Put it online and give its https address.");
        }

        PictureHeader header;
        long length;
        using (Stream stream = source.OpenRead())
        {
            length = stream.Length;
            header = PictureHeaderReader.Read(stream, source.Name);
        }

        if (!isCut && capabilities.InputFormats.Count > 0 && !capabilities.InputFormats.Contains(header.Format))
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{source.Name} is a picture of the format {header.Format}; {provider.Name} reads {string.Join(", ", capabilities.InputFormats)}. Nothing was sent.");
        }

        if (!isCut)
        {
            DemandFits(source.Name, length, provider, capabilities);
        }

        return header;
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

    /// <summary>
    /// The photograph as a viewer shows it, which is what its mask was painted over. Some services look at the stored rows and would repaint another part, and
    /// return the picture lying on its side.
    /// </summary>
    private static PictureSource TurnUpright(PictureSource source, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        Raster upright = Decode(source);
        using MemoryStream written = new();
        PictureCodec.Encode(upright, PictureFormat.Jpeg, written, UprightQuality);
        DemandFits(source.Name, written.Length, provider, capabilities);
        return PictureSource.FromBytes(written.ToArray(), source.Name);
    }

    private static (PictureSource Source, Mask? Marked) PrepareMask(InpaintRequest request, PictureHeader maskHeader, PictureHeader? imageHeader, List<string> warnings)
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

        if (!IsReadable(maskHeader.Format))
        {
            if (!fits || request.MaskMode != MaskMode.White)
            {
                throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{source.Name} is a picture of the format {maskHeader.Format}, which cannot be resized or inverted here. Nothing was sent.")
                {
                    RecommendedAction = "Convert the mask to PNG.",
                };
            }

            warnings.Add($"{source.Name} is a picture of the format {maskHeader.Format} and was not looked into; it is sent as it is.");
            return (source, null);
        }

        return MaskPreflight.Prepare(request, maskHeader, fits ? null : (imageHeader!.Width, imageHeader.Height), warnings);
    }

    private static string AsSeen(PictureHeader header) => header.Orientation == ExifOrientation.Normal ? "" : " as a viewer shows it, turned as its EXIF data asks";

    private static bool IsReadable(PictureFormat format) => format is PictureFormat.Png or PictureFormat.Jpeg;
}
