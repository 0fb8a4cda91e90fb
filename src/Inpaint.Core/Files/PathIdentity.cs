namespace Inpaint.Files;

/// <summary>Whether two paths lead to one file, whatever links lie on the way and however the names are written.</summary>
internal static class PathIdentity
{
    /// <summary>Whether a file that is written under one path would take the place of what another path leads to.</summary>
    /// <param name="written">The full path that is written. A link of that name would be replaced itself, so that it is not followed; the folders above it are.</param>
    /// <param name="read">The full path that is read; null for what is no file.</param>
    public static bool WouldReplace(string written, string? read)
    {
        if (read is null)
        {
            return false;
        }

        string target = Path.Combine(Follow(Path.GetDirectoryName(written) ?? written), Path.GetFileName(written));

        // Whatever the case of its letters: on many file systems that is the same file.
        return Same(target, Path.Combine(Follow(Path.GetDirectoryName(read) ?? read), Path.GetFileName(read))) || Same(target, Follow(read));
    }

    /// <summary>Whether two full paths lead to one file; names that differ in case only may be two where the file system minds it.</summary>
    /// <param name="one">A full path.</param>
    /// <param name="other">Another.</param>
    public static bool LeadToOne(string one, string other) => Same(Follow(one), Follow(other));

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    /// <summary>The path without links. What does not exist, or cannot be looked at, stands for itself.</summary>
    private static string Follow(string path)
    {
        string? parent = Path.GetDirectoryName(path);
        if (string.IsNullOrEmpty(parent))
        {
            return path;
        }

        string here = Path.Combine(Follow(parent), Path.GetFileName(path));
        try
        {
            FileSystemInfo item = Directory.Exists(here) ? new DirectoryInfo(here) : new FileInfo(here);
            return item.LinkTarget is not null && item.ResolveLinkTarget(returnFinalTarget: true) is { } end ? Follow(end.FullName) : here;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return here;
        }
    }
}
