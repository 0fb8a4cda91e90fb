namespace Inpaint.Imaging.Masks;

/// <summary>Finds masks by their names: <c>dog_mask.png</c> is the mask of <c>dog.jpg</c> in the same folder.</summary>
internal static class MaskBesidePicture
{
    /// <summary>Finds the mask of a picture.</summary>
    /// <exception cref="InpaintException">InvalidParameter: there is none, or more than one; or the picture is not a file, so that it has no folder.</exception>
    public static PictureSource Find(PictureSource image)
    {
        string name = Path.GetFileNameWithoutExtension(image.Name) + MaskFactory.Suffix;
        string[] found = image.Folder is { } folder ? [.. In(folder).Where(file => HasStem(file, name) && PictureFormats.OfName(file) != PictureFormat.Unknown).Order(StringComparer.Ordinal)] : [];
        return found switch
        {
            [string path] => PictureSource.FromFile(path),
            [] => throw new InpaintException(
                InpaintErrorId.InvalidParameter,
                image.Folder is null ? $"{image.Name} has no mask, and is not a file in whose folder one could be found. Nothing was sent." : $"{image.Name} has no mask, and there is no {name}.* in its folder. Nothing was sent.")
            {
                Parameter = "Mask",
                Subject = image.ToString(),
            },
            _ => throw new InpaintException(InpaintErrorId.InvalidParameter, $"There are several masks for {image.Name}: {string.Join(", ", found.Select(Path.GetFileName))}. Nothing was sent.")
            {
                Parameter = "Mask",
                RecommendedAction = "Specify one of them as the mask.",
            },
        };
    }

    /// <summary>Whether a file has the name of a mask for a picture in the same folder.</summary>
    /// <param name="path">The file's full path; null when it is not a file.</param>
    public static bool IsMask(string? path)
    {
        string stem = Path.GetFileNameWithoutExtension(path ?? "");
        return stem.EndsWith(MaskFactory.Suffix, StringComparison.OrdinalIgnoreCase) && Path.GetDirectoryName(path) is { } folder && In(folder).Any(file => HasStem(file, stem[..^MaskFactory.Suffix.Length]));
    }

    private static IEnumerable<string> In(string folder) => Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : [];

    private static bool HasStem(string file, string stem) => Path.GetFileNameWithoutExtension(file.AsSpan()).Equals(stem, StringComparison.OrdinalIgnoreCase);
}
