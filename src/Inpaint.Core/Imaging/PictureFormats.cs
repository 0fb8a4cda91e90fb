namespace Inpaint.Imaging;

/// <summary>The properties of each format: its names, and what it supports.</summary>
internal static class PictureFormats
{
    private static readonly HashSet<string> Unsupported = new(
        [".bmp", ".heic", ".heif", ".jxl", ".jp2", ".j2k", ".ico", ".svg", ".psd", ".pdf", ".tga", ".exr", ".hdr", ".ppm", ".pgm", ".pbm", ".pnm", ".qoi", ".raw", ".dng", ".apng"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The formats that are read, for messages.</summary>
    public const string Readable = "PNG, JPEG, WebP, AVIF, GIF or TIFF";

    /// <summary>The formats that are written, for messages.</summary>
    public const string Writable = "PNG, JPEG, WebP, AVIF or TIFF";

    /// <summary>Whether pictures can be written in a format.</summary>
    public static bool CanWrite(PictureFormat format) => format is PictureFormat.Png or PictureFormat.Jpeg or PictureFormat.WebP or PictureFormat.Avif or PictureFormat.Tiff;

    /// <summary>Whether a file written in a format keeps every sample unchanged.</summary>
    public static bool IsLossless(PictureFormat format) => format is PictureFormat.Png or PictureFormat.Tiff;

    /// <summary>Whether a format supports transparency.</summary>
    public static bool HasAlpha(PictureFormat format) => format != PictureFormat.Jpeg;

    /// <summary>The longest side in pixels that a format supports.</summary>
    public static int MaxSide(PictureFormat format) => format switch
    {
        PictureFormat.Jpeg => 65_535,
        PictureFormat.WebP => 16_383,
        PictureFormat.Avif => 16_384,
        _ => int.MaxValue,
    };

    /// <summary>The extension for new files, with its dot; empty for an unknown format.</summary>
    public static string ExtensionOf(PictureFormat format) => format switch
    {
        PictureFormat.Png => ".png",
        PictureFormat.Jpeg => ".jpg",
        PictureFormat.WebP => ".webp",
        PictureFormat.Gif => ".gif",
        PictureFormat.Avif => ".avif",
        PictureFormat.Tiff => ".tif",
        _ => "",
    };

    /// <summary>The format that a file's extension names; <see cref="PictureFormat.Unknown"/> when it names none that is known here.</summary>
    public static PictureFormat OfName(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".PNG" => PictureFormat.Png,
        ".JPG" or ".JPEG" or ".JPE" or ".JFIF" => PictureFormat.Jpeg,
        ".WEBP" => PictureFormat.WebP,
        ".GIF" => PictureFormat.Gif,
        ".AVIF" => PictureFormat.Avif,
        ".TIF" or ".TIFF" => PictureFormat.Tiff,
        _ => PictureFormat.Unknown,
    };

    /// <summary>The format that a file's extension requests; <see cref="PictureFormat.Unknown"/> for a picture format that is not supported, null when it requests none.</summary>
    public static PictureFormat? RequestedBy(string name) =>
        OfName(name) is not PictureFormat.Unknown and var format ? format : Unsupported.Contains(Path.GetExtension(name)) ? PictureFormat.Unknown : null;

    /// <summary>Finds a value among those that a service knows, in any case; jpg and jpeg are the same format.</summary>
    /// <returns>The service's spelling; null when it does not know the value.</returns>
    public static string? Spelled(IReadOnlyList<string> known, string? name) =>
        known.FirstOrDefault(k => string.Equals(k, name, StringComparison.OrdinalIgnoreCase))
        ?? known.FirstOrDefault(k => OfName("." + k) is not PictureFormat.Unknown and var format && format == OfName("." + name));

    /// <summary>The media type of a format; null for an unknown one.</summary>
    public static string? MediaTypeOf(PictureFormat format) => format switch
    {
        PictureFormat.Png => "image/png",
        PictureFormat.Jpeg => "image/jpeg",
        PictureFormat.WebP => "image/webp",
        PictureFormat.Gif => "image/gif",
        PictureFormat.Avif => "image/avif",
        PictureFormat.Tiff => "image/tiff",
        _ => null,
    };
}
