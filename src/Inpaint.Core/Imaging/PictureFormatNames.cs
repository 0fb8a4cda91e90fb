namespace Inpaint.Imaging;

/// <summary>What picture formats are called: in file names, and where people write them.</summary>
internal static class PictureFormatNames
{
    private static readonly Dictionary<string, PictureFormat> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        [".png"] = PictureFormat.Png,
        [".jpg"] = PictureFormat.Jpeg,
        [".jpeg"] = PictureFormat.Jpeg,
        [".jpe"] = PictureFormat.Jpeg,
        [".jfif"] = PictureFormat.Jpeg,
        [".webp"] = PictureFormat.WebP,
        [".gif"] = PictureFormat.Gif,
        [".avif"] = PictureFormat.Avif,
    };

    private static readonly HashSet<string> Foreign = new(
        [".bmp", ".tif", ".tiff", ".heic", ".heif", ".jxl", ".jp2", ".j2k", ".ico", ".svg", ".psd", ".pdf", ".tga", ".exr", ".hdr", ".ppm", ".pgm", ".pbm", ".pnm", ".qoi", ".raw", ".dng", ".apng"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The extension of files made here.</summary>
    /// <param name="format">The format.</param>
    /// <returns>The extension with its dot; empty for an unknown format.</returns>
    public static string ExtensionOf(PictureFormat format) => Extensions.FirstOrDefault(e => e.Value == format).Key ?? "";

    /// <summary>The format that a file's name asks for.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The format; <see cref="PictureFormat.Unknown"/> when it asks for one that is not known here, null when it asks for none.</returns>
    public static PictureFormat? AskedFor(string name)
    {
        string extension = Path.GetExtension(name);
        return Extensions.TryGetValue(extension, out PictureFormat format) ? format : Foreign.Contains(extension) ? PictureFormat.Unknown : null;
    }

    /// <summary>Finds a name among those that a service knows, in any case: jpg and jpeg are one format.</summary>
    /// <param name="known">The service's names.</param>
    /// <param name="name">The name.</param>
    /// <returns>As the service spells it; null when it has no such name.</returns>
    public static string? Spelled(IReadOnlyList<string> known, string? name) =>
        known.FirstOrDefault(k => string.Equals(k, name, StringComparison.OrdinalIgnoreCase))
        ?? known.FirstOrDefault(k => IsJpeg(k) && IsJpeg(name));

    private static bool IsJpeg(string? name) => name is not null && (name.Equals("jpg", StringComparison.OrdinalIgnoreCase) || name.Equals("jpeg", StringComparison.OrdinalIgnoreCase));
}
