using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Inpaint.Tests.Imaging;

/// <summary>
/// Collections of pictures that others have made to test their programs with, or to look at. Each lies in a folder of its name in the one that INPAINT_PICTURES names, or is
/// fetched into it with the package manager that serves it; whatever else is in that folder is a collection too.
/// </summary>
internal static class PictureCollections
{
    /// <summary>Pictures that are always there: the samples, and those that may lie beside the repository.</summary>
    public const string Own = "samples";

    // Sources: PngSuite and libpng's own; Pillow's, libtiff's, Exiv2's, ExifTool's, Leptonica's and others' inputs of tests, the broken ones among them. The rest are backgrounds.
    private static readonly string[] DebianSources = ["libpng1.6", "pillow", "tiff", "exiv2", "libimage-exiftool-perl", "leptonlib", "libjpeg-turbo", "giflib", "libwebp", "libexif", "libheif"];
    private static readonly string[] DebianPackages = ["plasma-workspace-wallpapers", "mate-backgrounds", "gnome-backgrounds", "lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04"];
    private static readonly string[] NpmPackages = ["gifwrap", "lwip", "pngparse", "exif-parser", "resemblejs", "blink-diff"];
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".avif"];

    private static readonly string? Root = Environment.GetEnvironmentVariable("INPAINT_PICTURES") is { Length: > 0 } named ? Path.GetFullPath(named) : null;

    /// <summary>The names of all collections.</summary>
    public static IEnumerable<string> Names
    {
        get
        {
            string[] listed = [Own, .. DebianSources, .. DebianPackages, .. NpmPackages];
            return Root is null || !Directory.Exists(Root) ? listed : listed.Union(Directory.EnumerateDirectories(Root).Select(folder => Path.GetFileName(folder)));
        }
    }

    /// <summary>The pictures of a collection.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="missing">Why there are none; null when there are.</param>
    public static string[] Find(string name, out string? missing)
    {
        missing = null;
        if (name == Own)
        {
            return PicturesIn(RepositoryFile("samples/pictures"));
        }

        string[] found = Root is null ? [] : PicturesIn(Path.Combine(Root, name));
        if (found.Length > 0)
        {
            return found;
        }

        missing = Root is null ? $"INPAINT_PICTURES names no folder to fetch the pictures of {name} into" : Fetch(name);
        return missing is null ? PicturesIn(Path.Combine(Root!, name)) : [];
    }

    private static string[] PicturesIn(string folder) => !Directory.Exists(folder)
        ? []
        : [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => Extensions.Contains(Path.GetExtension(path).ToLowerInvariant())).Order(StringComparer.Ordinal)];

    private static string RepositoryFile(string path, [CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../..", path));

    private static string? Fetch(string name)
    {
        string fetch = DebianSources.Contains(name) ? $"apt-get source --download-only {name} && tar -xf {name}_*.orig.tar.*[!c]"
            : DebianPackages.Contains(name) ? $"apt-get download {name} && dpkg -x {name}_*.deb ."
            : $"npm pack --silent {name} && tar -xzf {name}-*.tgz";
        string target = Path.Combine(Root!, name);
        try
        {
            Directory.CreateDirectory(target);
            (int code, _, string error) = OtherProgram.Run("sh", [], ["-c", $"cd \"$0\" && {fetch}", target]);
            return code == 0 ? null : $"{fetch}: {error.Trim().Split('\n')[^1]}";
        }
        catch (Win32Exception e)
        {
            return $"{fetch}: {e.Message}";
        }
    }
}
