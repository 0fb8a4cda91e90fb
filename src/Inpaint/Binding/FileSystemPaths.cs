using System.Management.Automation;
using Inpaint.Loading;

namespace Inpaint.Binding;

/// <summary>Resolves paths as the shell does: relative to the shell's current location, which is not the process's, and through its drives.</summary>
internal static class FileSystemPaths
{
    /// <summary>
    /// Turns a path of the shell into one of the file system; it need not exist, and wildcards are taken literally. Brackets that completion has escaped are
    /// unescaped only where that names an existing file.
    /// </summary>
    /// <returns>The full path; null when it is not on a file system drive.</returns>
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

    /// <summary>Finds the files that match a path with wildcards. A path without wildcards returns its file, which need not exist, and a URL its picture.</summary>
    /// <exception cref="InpaintException">ImageNotFound: nothing matches.</exception>
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
            // There is no such drive or folder.
        }

        throw new InpaintException(InpaintErrorId.ImageNotFound, $"No file matches '{path}'.") { RecommendedAction = "Correct the path. If the name contains brackets, use -LiteralPath." };
    }

    /// <summary>
    /// Whether a path means the same to the shell and to the system, where the shell is in the file system. The shell searches all mounted drives for each path, which is the most expensive step
    /// of reading a row.
    /// </summary>
    private static bool IsPlain(string path) => path is [.., not '/'] && !path.AsSpan().ContainsAny(":\\~`") && !path.Contains("//", StringComparison.Ordinal);

    private static string? ResolveLiteral(PathIntrinsics paths, string path)
    {
        try
        {
            if (IsPlain(path) && paths.CurrentLocation is { Provider.Name: "FileSystem", Drive.Root: "/" } location)
            {
                // The shell works out the folder of its location anew each time.
                return path.StartsWith('/') ? Path.GetFullPath(path) : Path.GetFullPath(path, location.ProviderPath);
            }

            string resolved = paths.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            return string.Equals(provider.Name, "FileSystem", StringComparison.OrdinalIgnoreCase) ? resolved : null;
        }
        catch (Exception e) when (e is SessionStateException or ProviderInvocationException or NotSupportedException or PSArgumentException)
        {
            // There is no such drive or provider.
            return null;
        }
    }
}

/// <summary>
/// The destination of a command's output. A path that ends in a slash, an existing folder, and a name without an extension are folders; an existing file and a name with the
/// extension of a picture are files. Any other name (<c>results-2024.06</c>) may be either, and both properties are set.
/// </summary>
/// <param name="Folder">The folder's full path; null for a file.</param>
/// <param name="File">The file's full path; null for a folder.</param>
internal sealed record OutputTarget(string? Folder, string? File)
{
    /// <summary>Whether the number of pictures decides: one goes to a file, several go to a folder.</summary>
    public bool IsEither => Folder is not null && File is not null;

    /// <summary>Resolves a path of the shell.</summary>
    /// <param name="paths">The session's paths.</param>
    /// <param name="path">The path, without wildcards.</param>
    /// <param name="folder">The base of a relative path; null for the current location.</param>
    /// <exception cref="InpaintException">OutputWriteFailed: it is not on a file system drive, or its folder is a file.</exception>
    public static OutputTarget Resolve(PathIntrinsics paths, string path, string? folder = null)
    {
        string? resolved = folder is null || Path.IsPathFullyQualified(path) ? FileSystemPaths.Resolve(paths, path) : Path.GetFullPath(path, folder);
        string target = Path.TrimEndingDirectorySeparator(resolved
            ?? throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' is not a path in the file system."));
        if (Directory.Exists(target))
        {
            return new OutputTarget(target, File: null);
        }

        bool isFile = System.IO.File.Exists(target);
        if (Path.EndsInDirectorySeparator(path))
        {
            return isFile ? throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{target}' is a file, not a folder.") { RecommendedAction = "Omit the slash to replace the file, or choose another folder." } : new OutputTarget(target, File: null);
        }

        return isFile || ModuleEngine.Shared.FormatOfName(target) is not null ? new OutputTarget(Folder: null, target)
            : Path.GetExtension(target).Length == 0 ? new OutputTarget(target, File: null) : new OutputTarget(target, target);
    }

    /// <summary>Refuses a file that the command has already written, because the second picture would replace the first.</summary>
    /// <param name="path">The file's full path.</param>
    /// <param name="written">The files that the command has written.</param>
    /// <param name="parameter">The parameter that named the destination.</param>
    /// <exception cref="InpaintException">OutputExists.</exception>
    public void EnsureNew(string path, IReadOnlySet<string> written, string parameter)
    {
        if (written.Contains(path))
        {
            throw new InpaintException(InpaintErrorId.OutputExists, $"'{path}' was written by this command already and was not replaced.")
            {
                RecommendedAction = File is not null
                    ? $"Specify a folder as -{parameter}, in which each file is named after its picture."
                    : "Specify all shapes of a picture in one row. If two pictures have the same name, write one of the masks to another folder with a separate command.",
            };
        }
    }
}
