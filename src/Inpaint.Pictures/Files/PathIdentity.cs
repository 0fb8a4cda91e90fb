namespace Inpaint.Files;

/// <summary>Compares paths by the file to which they lead, following links and ignoring case.</summary>
internal static class PathIdentity
{
    /// <summary>Whether writing a file to one path would replace the file to which another path leads.</summary>
    /// <param name="written">The full path that is written. A link of that name would itself be replaced, so it is not followed; the folders above it are.</param>
    /// <param name="read">The full path that is read; null when there is no file.</param>
    public static bool WouldReplace(string written, string? read)
    {
        if (read is null)
        {
            return false;
        }

        string target = Path.Combine(Follow(Path.GetDirectoryName(written) ?? written), Path.GetFileName(written));

        // Ignoring case: on many file systems that is the same file.
        return Same(target, Path.Combine(Follow(Path.GetDirectoryName(read) ?? read), Path.GetFileName(read))) || Same(target, Follow(read));
    }

    /// <summary>Whether two full paths lead to the same file. Case is ignored, although some file systems distinguish it.</summary>
    public static bool LeadToOne(string one, string other) => Same(Follow(one), Follow(other));

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    /// <summary>Resolves the links in a path. A component that does not exist, or cannot be read, is left as it is.</summary>
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
