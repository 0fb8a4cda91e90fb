using Inpaint.Imaging.Metadata;
using NetVips;

namespace Inpaint.Imaging.Vips;

/// <summary>Decodes files. The loader is chosen here, by the file's content, and not left to the library.</summary>
internal static class VipsReader
{
    /// <summary>Reads a file's header.</summary>
    /// <exception cref="VipsException">It is broken.</exception>
    public static PictureHeader ReadHeader(byte[] file, PictureFormat format)
    {
        using Source source = Source.NewFromMemory(file);
        using Image image = Open(source, format, Enums.FailOn.None);
        return HeaderOf(image, format, () => format == PictureFormat.Png ? PngMetadataReader.ReadHead(new MemoryStream(file, writable: false)) : null);
    }

    /// <summary>Decodes a file, or a part of it, given in pixels of the upright picture.</summary>
    /// <exception cref="VipsException">It is broken.</exception>
    /// <exception cref="InpaintException">ImageUnsupported: truncated, samples of another type, or a part outside the picture. ImageTooLarge.</exception>
    public static Raster Decode(byte[] file, PictureFormat format, string name, PictureLimits limits, PixelRect? part, CancellationToken cancellationToken)
    {
        // Read first, because its errors are more specific.
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
            // By the profile, or by a common one where the file has none. It does not apply to the resulting RGB.
            chain.Then(image => image.IccTransform("srgb", embedded: true, inputProfile: "cmyk", intent: Enums.Intent.Relative, blackPointCompensation: true, depth: image.Format == Enums.BandFormat.Uchar ? 8 : 16));
            metadata = metadata with { IccProfile = null };
        }

        if (format == PictureFormat.Tiff && TiffMetadataReader.IsNegativeToVips(file))
        {
            chain.Then(image => image.Invert());
        }

        ToRasterLayout(chain, name);
        if (part is { } requested && new PixelRect(0, 0, header.Width, header.Height).Intersect(requested) != requested)
        {
            throw Pictures.Broken(name, $"it has {header.Width}x{header.Height} pixels, and {requested} does not lie in them");
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

    /// <summary>Refuses a size that a file of this length cannot contain.</summary>
    private static void EnsurePlausible(string name, PictureHeader header, long length)
    {
        // Deflate expands two bits to at most 258 bytes, and a byte holds up to eight pixels. A JPEG has at least one bit for each block of 64 samples, which may cover four times
        // as many pixels.
        long maxPixelsPerByte = header.Format switch
        {
            PictureFormat.Png => 1032 * 8,
            PictureFormat.Jpeg => 8 * 64 * 4,
            _ => long.MaxValue / Math.Max(1, length),
        };
        if ((long)header.Width * header.Height > maxPixelsPerByte * length)
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
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There is no loader for this format."),
    };

    private static PictureHeader HeaderOf(Image image, PictureFormat format, Func<PictureMetadata?> readMetadata)
    {
        // For PNG, the library reads EXIF in one place only, and some programs write it to another.
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
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{name} has samples of the type {chain.Current.Format}; only 8 and 16 bits are supported.")
            {
                RecommendedAction = "Save it with 16 bits per sample.",
            };
        }

        // Channels after colour and alpha are masks and spot colours of other programs.
        bool isGray = chain.Current.Interpretation is Enums.Interpretation.Bw or Enums.Interpretation.Grey16;
        int maxBands = isGray ? 2 : 4;
        if (chain.Current.Bands > maxBands)
        {
            chain.Then(image => image.ExtractBand(0, maxBands));
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

    // The library prepends JPEG's head in every format.
    private static byte[]? WithoutHead(byte[]? exif) => exif is not null && exif.AsSpan().StartsWith(JpegMarker.ExifHead) ? exif[JpegMarker.ExifHead.Length..] : exif;

    // The library counts in millimetres; one pixel per millimetre is its default.
    private static (int X, int Y)? ReadDensity(Image image) =>
        image.Xres is > 0 and not 1 and < 1e6 && image.Yres is > 0 and < 1e6 ? ((int)Math.Round(image.Xres * 1000), (int)Math.Round(image.Yres * 1000)) : null;

    private static int? ReadNumber(Image image, string field) => image.Contains(field) && image.Get(field) is int number ? number : null;

    private static byte[]? ReadBytes(Image image, string field) => image.Contains(field) && image.Get(field) is byte[] { Length: > 0 and <= PictureLimits.MaxMetadataBytes } bytes ? bytes : null;
}
