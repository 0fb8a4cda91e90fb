using System.Management.Automation;

namespace Inpaint.Binding;

/// <summary>Reads paths as the shell does: relative to the shell's own location, which is not the process's, and through its drives.</summary>
internal static class FileSystemPaths
{
    /// <summary>
    /// Turns a path of the shell into one of the file system; it need not exist, and wildcards are taken literally. Brackets that completion has escaped are
    /// understood where only that leads anywhere.
    /// </summary>
    /// <param name="paths">The session's paths.</param>
    /// <param name="path">The path.</param>
    /// <returns>The full path; null when it does not lead to the file system.</returns>
    public static string? Resolve(PathIntrinsics paths, string path)
    {
        string? literal = ResolveLiteral(paths, path);
        if (!path.Contains('`', StringComparison.Ordinal) || literal is null || Path.Exists(literal))
        {
            return literal;
        }

        string? unescaped = ResolveLiteral(paths, WildcardPattern.Unescape(path));
        bool leads = Path.Exists(unescaped) || (!Path.Exists(Path.GetDirectoryName(literal)) && Path.Exists(Path.GetDirectoryName(unescaped)));
        return leads ? unescaped : literal;
    }

    /// <summary>Finds the files that a path with wildcards names. A path without any names its file, which need not exist, and a URL its picture.</summary>
    /// <param name="paths">The session's paths.</param>
    /// <param name="path">The path.</param>
    /// <returns>The files, as pictures.</returns>
    /// <exception cref="InpaintException">ImageNotFound: there is none.</exception>
    public static IReadOnlyList<PictureSource> Expand(PathIntrinsics paths, string path)
    {
        if (path.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || path.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || !WildcardPattern.ContainsWildcardCharacters(path))
        {
            return [PictureSourceTransformationAttribute.Read(path, paths)];
        }

        try
        {
            string[] files = [.. paths.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider).Where(File.Exists)];
            if (files.Length > 0 && string.Equals(provider.Name, "FileSystem", StringComparison.OrdinalIgnoreCase))
            {
                return [.. files.Select(PictureSource.FromFile)];
            }
        }
        catch (Exception e) when (e is SessionStateException or ProviderInvocationException or NotSupportedException or PSArgumentException or WildcardPatternException)
        {
            // No such drive or folder.
        }

        throw new InpaintException(InpaintErrorId.ImageNotFound, $"No file matches '{path}'.") { RecommendedAction = "Correct the path; give one with brackets in its name as -LiteralPath." };
    }

    /// <summary>Whether a path means the same to the shell and to the system: the shell looks through all mounted drives for each path, which costs more than all else about a row.</summary>
    private static bool IsPlain(string path) => path is ['/', .., not '/'] && !path.AsSpan().ContainsAny(":\\~`") && !path.Contains("//", StringComparison.Ordinal);

    private static string? ResolveLiteral(PathIntrinsics paths, string path)
    {
        try
        {
            if (IsPlain(path) && paths.CurrentLocation is { Provider.Name: "FileSystem", Drive.Root: "/" })
            {
                return Path.GetFullPath(path);
            }

            string resolved = paths.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            return string.Equals(provider.Name, "FileSystem", StringComparison.OrdinalIgnoreCase) ? resolved : null;
        }
        catch (Exception e) when (e is SessionStateException or ProviderInvocationException or NotSupportedException or PSArgumentException)
        {
            // No such drive or provider.
            return null;
        }
    }
}
