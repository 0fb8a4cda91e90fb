using Inpaint.Imaging.Metadata;
using NetVips;

namespace Inpaint.Imaging.Vips;

/// <summary>Decodes files. The loader is chosen by the file's content; the library itself never guesses.</summary>
internal static class VipsReader
{
    /// <summary>Reads a file's header.</summary>
    /// <param name="file">The file, or as much of it as the header takes.</param>
    /// <param name="format">What it begins as.</param>
    /// <exception cref="VipsException">It is broken.</exception>
    public static PictureHeader ReadHeader(byte[] file, PictureFormat format)
    {
        using Source source = Source.NewFromMemory(file);
        using Image image = Open(source, format, Enums.FailOn.None);
        return HeaderOf(image, format, () => format == PictureFormat.Png ? PngMetadataReader.ReadHead(new MemoryStream(file, writable: false)) : null);
    }

    /// <summary>Decodes a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="format">What it begins as.</param>
    /// <param name="name">Its name for messages.</param>
    /// <param name="limits">What is agreed to be decoded.</param>
    /// <param name="part">The part that is wanted, in the picture as it is to be seen; null for all.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="VipsException">It is broken.</exception>
    /// <exception cref="InpaintException">ImageUnsupported: it is cut off, or has samples of another kind. ImageTooLarge.</exception>
    public static Raster Decode(byte[] file, PictureFormat format, string name, PictureLimits limits, PixelRect? part, CancellationToken cancellationToken)
    {
        // First of all, because it says better what is wrong.
        PictureMetadata? ownMetadata = ReadMetadata(file, format, name);
        if (format == PictureFormat.Jpeg)
        {
            file = JpegMarker.WithoutStrayBytes(file);
        }

        using Source source = Source.NewFromMemory(file);
        using ImageChain chain = new(Open(source, format, Enums.FailOn.Warning));
        PictureHeader header = HeaderOf(chain.Current, format, () => ownMetadata);
        limits.Check(name, header.Width, header.Height, 4 * (header.BitDepth / 8));
        EnsurePlausible(name, header, file.Length);
        if (!PictureEnd.IsThere(new MemoryStream(file, writable: false), format))
        {
            throw Pictures.Broken(name, $"the file is truncated (at byte {file.Length})");
        }

        PictureMetadata metadata = ownMetadata ?? ReadMetadata(chain.Current);
        if (format == PictureFormat.Tiff)
        {
            metadata = TiffMetadataReader.Complete(metadata, file);
        }
        if (header.IsCmyk)
        {
            // The profile says how; a file without one is taken for what most printers use. It says nothing about the RGB that comes of it.
            chain.Then(image => image.IccTransform("srgb", embedded: true, inputProfile: "cmyk", intent: Enums.Intent.Relative, blackPointCompensation: true, depth: image.Format == Enums.BandFormat.Uchar ? 8 : 16));
            metadata = metadata with { IccProfile = null };
        }

        if (format == PictureFormat.Tiff && TiffMetadataReader.IsNegativeToVips(file))
        {
            chain.Then(image => image.Invert());
        }

        ToRasterLayout(chain, name);
        if (part is { } seen && new PixelRect(0, 0, header.Width, header.Height).Intersect(seen) != seen)
        {
            throw Pictures.Broken(name, $"it has {header.Width}x{header.Height} pixels, in which {seen} does not lie");
        }

        bool isUpright = header.Orientation == ExifOrientation.Normal;
        if (isUpright && part is { } area)
        {
            chain.Then(image => image.ExtractArea(area.X, area.Y, area.Width, area.Height));
        }

        Raster stored = new(chain.Current.Width, chain.Current.Height, chain.Current.Bands, chain.Current.Format == Enums.BandFormat.Ushort ? 16 : 8) { Metadata = metadata };
        VipsRaster.CopyRows(chain.Current, stored, cancellationToken);
        if (isUpright)
        {
            return stored;
        }

        Raster turned = VipsTransforms.TurnUpright(stored, header.Orientation, cancellationToken);
        return part is { } cut ? RasterCrop.Crop(turned, cut) : turned;
    }

    /// <summary>Believes what a file claims only as far as its bytes can go.</summary>
    private static void EnsurePlausible(string name, PictureHeader header, long length)
    {
        // Deflate makes at most 258 bytes of two bits, and a byte may hold eight pixels. A JPEG has a bit for each block of 64 samples at least, and may have them for a quarter
        // of the pixels.
        long most = header.Format switch
        {
            PictureFormat.Png => 1032 * 8,
            PictureFormat.Jpeg => 8 * 64 * 4,
            _ => long.MaxValue / Math.Max(1, length),
        };
        if ((long)header.Width * header.Height > most * length)
        {
            throw Pictures.Broken(name, $"the file is truncated: {length} bytes cannot hold {header.Width}x{header.Height} pixels");
        }
    }

    private static Image Open(Source source, PictureFormat format, Enums.FailOn failOn) => format switch
    {
        PictureFormat.Png => Image.PngloadSource(source, access: Enums.Access.Sequential, failOn: failOn),
        PictureFormat.Jpeg => Image.JpegloadSource(source, access: Enums.Access.Sequential, failOn: failOn),
        PictureFormat.WebP => Image.WebploadSource(source, access: Enums.Access.Sequential, failOn: failOn),
        PictureFormat.Gif => Image.GifloadSource(source, access: Enums.Access.Sequential, failOn: failOn),
        PictureFormat.Avif => Image.HeifloadSource(source, access: Enums.Access.Sequential, failOn: failOn),
        PictureFormat.Tiff => Image.TiffloadSource(source, access: Enums.Access.Sequential, failOn: failOn),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "No loader."),
    };

    private static PictureHeader HeaderOf(Image image, PictureFormat format, Func<PictureMetadata?> readMetadata)
    {
        // Of a PNG, the library knows the one place of EXIF, and other programs write it to another.
        int orientation = ReadNumber(image, "orientation") ?? (format == PictureFormat.Png ? ExifOrientation.Read(readMetadata()?.Exif) : ExifOrientation.Normal);
        orientation = orientation is >= 1 and <= 8 ? orientation : ExifOrientation.Normal;
        bool swaps = ExifOrientation.SwapsSides(orientation);
        return new PictureHeader(format, swaps ? image.Height : image.Width, swaps ? image.Width : image.Height, orientation)
        {
            Frames = Math.Max(1, ReadNumber(image, "n-pages") ?? 1),
            IsCmyk = image.Interpretation == Enums.Interpretation.Cmyk,
            BitDepth = image.Format == Enums.BandFormat.Uchar ? 8 : 16,
        };
    }

    private static void ToRasterLayout(ImageChain chain, string name)
    {
        if (chain.Current.Interpretation is Enums.Interpretation.Lab or Enums.Interpretation.Labq or Enums.Interpretation.Labs or Enums.Interpretation.Xyz)
        {
            chain.Then(image => image.Colourspace(Enums.Interpretation.Srgb));
        }

        if (chain.Current.Format is not (Enums.BandFormat.Uchar or Enums.BandFormat.Ushort))
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{name} has samples of the kind {chain.Current.Format}; those of 8 and 16 bits are read.")
            {
                RecommendedAction = "Save it with 16 bits per sample.",
            };
        }

        // What comes after colour and alpha are masks and spot colours of other programs.
        bool isGray = chain.Current.Interpretation is Enums.Interpretation.Bw or Enums.Interpretation.Grey16;
        int most = isGray ? 2 : 4;
        if (chain.Current.Bands > most)
        {
            chain.Then(image => image.ExtractBand(0, most));
        }
    }

    private static PictureMetadata? ReadMetadata(byte[] file, PictureFormat format, string name) => format switch
    {
        PictureFormat.Png => PngMetadataReader.Read(new ByteSource(new MemoryStream(file, writable: false), name)),
        PictureFormat.Jpeg => JpegMetadataReader.Read(new ByteSource(new MemoryStream(file, writable: false), name)),
        _ => null,
    };

    private static PictureMetadata ReadMetadata(Image image) => new()
    {
        IccProfile = ReadBytes(image, "icc-profile-data"),
        Exif = WithoutHead(ReadBytes(image, "exif-data")),
        Xmp = ReadBytes(image, "xmp-data"),
        ImageResources = ReadBytes(image, "photoshop-data"),
        PixelsPerMetre = ReadDensity(image),
    };

    // As a JPEG keeps it, whatever the format.
    private static byte[]? WithoutHead(byte[]? exif) => exif is not null && exif.AsSpan().StartsWith(JpegMarker.ExifHead) ? exif[JpegMarker.ExifHead.Length..] : exif;

    // The library's millimetres; one pixel for each is what it says when the file says nothing.
    private static (int X, int Y)? ReadDensity(Image image) =>
        image.Xres is > 0 and not 1 and < 1e6 && image.Yres is > 0 and < 1e6 ? ((int)Math.Round(image.Xres * 1000), (int)Math.Round(image.Yres * 1000)) : null;

    private static int? ReadNumber(Image image, string field) => image.Contains(field) && image.Get(field) is int number ? number : null;

    private static byte[]? ReadBytes(Image image, string field) => image.Contains(field) && image.Get(field) is byte[] { Length: > 0 and <= PictureLimits.MaxMetadataBytes } bytes ? bytes : null;
}
