using Inpaint.Imaging;

namespace Inpaint.Requests;

/// <summary>The pictures as they will be sent.</summary>
/// <param name="Image">The picture; null for text to image.</param>
/// <param name="Mask">The mask, white to repaint and of the picture's size; null for text to image.</param>
/// <param name="Header">Format and size of the picture; null when it is remote or there is none.</param>
/// <param name="Warnings">What is worth knowing before paying.</param>
/// <param name="Marked">The mask's pixels; null when it was not looked into.</param>
internal sealed record PreparedPictures(PictureSource? Image, PictureSource? Mask, PictureHeader? Header, IReadOnlyList<string> Warnings, Mask? Marked = null);

/// <summary>
/// Looks at picture and mask before anything is paid: that they are pictures the provider reads, of one size, and that the mask marks something and not
/// everything. A mask that is not the plain black and white that providers expect is made so here, and a photograph whose EXIF data asks for turning is turned.
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

            return new PreparedPictures(image, request.Mask, imageHeader, warnings);
        }

        PictureHeader maskHeader = Look(request.Mask, provider, capabilities, request.CropToMask)!;
        (PictureSource mask, Mask? marked) = PrepareMask(request, maskHeader, imageHeader, warnings);
        return new PreparedPictures(image, mask, imageHeader, warnings, marked);
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
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{source.Name} is a {header.Format} picture; {provider.Name} reads {string.Join(", ", capabilities.InputFormats)}. Nothing was sent.");
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
        Raster upright;
        using (Stream stream = source.OpenRead())
        {
            upright = PictureCodec.Decode(stream, source.Name);
        }

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
                $"{source.Name} is {maskHeader.Width}x{maskHeader.Height}, {request.Image!.Name} is {imageHeader!.Width}x{imageHeader.Height}. The mask must have the size of the picture. Nothing was sent.")
            {
                RecommendedAction = $"Add -ResizeMask to scale the mask, or make one with: New-InpaintMask -Image {request.Image!.Name}",
            };
        }

        if (!IsReadable(maskHeader.Format))
        {
            if (!fits || request.MaskMode != MaskMode.White)
            {
                throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{source.Name} is a {maskHeader.Format} picture, which cannot be resized or inverted here. Convert the mask to PNG.");
            }

            warnings.Add($"{source.Name} is a {maskHeader.Format} picture and was not looked into; it is sent as it is.");
            return (source, null);
        }

        Raster raster;
        using (Stream stream = source.OpenRead())
        {
            raster = PictureCodec.Decode(stream, source.Name);
        }

        // Resized first: what is very thin may be gone afterwards.
        Mask mask = MaskReader.FromRaster(raster, source.Name, request.MaskMode);
        mask = fits ? mask : mask.Resize(imageHeader!.Width, imageHeader.Height);
        Judge(mask, source, request.MaskMode, warnings);

        // Alpha never goes out: a service that drops it sees whatever colour lies below, often white all over.
        bool isPlain = mask.WasBinary && !raster.HasAlpha && raster.BitDepth == 8;
        bool goesAsItIs = fits && isPlain && request.MaskMode == MaskMode.White && maskHeader.Format == PictureFormat.Png;
        return (goesAsItIs ? source : PictureSource.FromBytes(mask.ToPng(), Path.GetFileNameWithoutExtension(source.Name) + ".png"), mask);
    }

    private static void Judge(Mask mask, PictureSource source, MaskMode mode, List<string> warnings)
    {
        if (mask.IsEmpty)
        {
            throw new InpaintException(InpaintErrorId.MaskEmpty, $"{source.Name} marks nothing to repaint (-MaskMode {mode}). Nothing was sent.");
        }

        if (mask.IsFull)
        {
            throw new InpaintException(InpaintErrorId.MaskFull, $"{source.Name} marks the whole picture (-MaskMode {mode}), so that nothing of it would be kept. Nothing was sent.");
        }

        if (mask.CoverageShare > 0.5)
        {
            string other = mode == MaskMode.White ? "Black" : "White";
            warnings.Add(FormattableString.Invariant($"{source.Name} marks {mask.CoverageShare * 100:0} % of the picture. If the wrong part would be repainted, use -MaskMode {other}."));
        }
    }

    private static bool IsReadable(PictureFormat format) => format is PictureFormat.Png or PictureFormat.Jpeg;
}
