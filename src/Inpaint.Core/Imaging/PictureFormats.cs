namespace Inpaint.Imaging;

/// <summary>What is known of each format: its names, and what it can hold.</summary>
internal static class PictureFormats
{
    private static readonly HashSet<string> Foreign = new(
        [".bmp", ".heic", ".heif", ".jxl", ".jp2", ".j2k", ".ico", ".svg", ".psd", ".pdf", ".tga", ".exr", ".hdr", ".ppm", ".pgm", ".pbm", ".pnm", ".qoi", ".raw", ".dng", ".apng"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The formats that are read, for messages.</summary>
    public const string Readable = "PNG, JPEG, WebP, AVIF, GIF or TIFF";

    /// <summary>The formats that are written, for messages.</summary>
    public const string Writable = "PNG, JPEG, WebP, AVIF or TIFF";

    /// <summary>Whether pictures are written in a format.</summary>
    /// <param name="format">The format.</param>
    public static bool CanWrite(PictureFormat format) => format is PictureFormat.Png or PictureFormat.Jpeg or PictureFormat.WebP or PictureFormat.Avif or PictureFormat.Tiff;

    /// <summary>Whether a file that is written here holds every sample as it was.</summary>
    /// <param name="format">The format.</param>
    public static bool IsLossless(PictureFormat format) => format is PictureFormat.Png or PictureFormat.Tiff;

    /// <summary>Whether a format has transparency.</summary>
    /// <param name="format">The format.</param>
    public static bool HasAlpha(PictureFormat format) => format != PictureFormat.Jpeg;

    /// <summary>The largest side in pixels that a format can say.</summary>
    /// <param name="format">The format.</param>
    public static int LargestSide(PictureFormat format) => format switch
    {
        PictureFormat.Jpeg => 65_535,
        PictureFormat.WebP => 16_383,
        PictureFormat.Avif => 16_384,
        _ => int.MaxValue,
    };

    /// <summary>The extension of files made here.</summary>
    /// <param name="format">The format.</param>
    /// <returns>The extension with its dot; empty for an unknown format.</returns>
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

    /// <summary>The format that a file's name asks for.</summary>
    /// <param name="path">The file's path.</param>
    /// <returns>The format; <see cref="PictureFormat.Unknown"/> when the extension is none of a picture's.</returns>
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

    /// <summary>The format that a file's name asks for.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The format; <see cref="PictureFormat.Unknown"/> when it is one that is not known here, null when the name asks for none.</returns>
    public static PictureFormat? AskedFor(string name) =>
        OfName(name) is not PictureFormat.Unknown and var format ? format : Foreign.Contains(Path.GetExtension(name)) ? PictureFormat.Unknown : null;

    /// <summary>Finds a name among those that a service knows, in any case: jpg and jpeg are one format.</summary>
    /// <param name="known">The service's names.</param>
    /// <param name="name">The name.</param>
    /// <returns>As the service spells it; null when it has no such name.</returns>
    public static string? Spelled(IReadOnlyList<string> known, string? name) =>
        known.FirstOrDefault(k => string.Equals(k, name, StringComparison.OrdinalIgnoreCase))
        ?? known.FirstOrDefault(k => OfName("." + k) is not PictureFormat.Unknown and var format && format == OfName("." + name));

    /// <summary>The media type of a format.</summary>
    /// <param name="format">The format.</param>
    /// <returns>The type; null for an unknown format.</returns>
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
