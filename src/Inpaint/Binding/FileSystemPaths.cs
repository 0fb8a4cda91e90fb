using System.Management.Automation;
using Inpaint.Loading;

namespace Inpaint.Binding;

/// <summary>Reads paths as the shell does: relative to the shell's own location, which is not the process's, and through its drives.</summary>
internal static class FileSystemPaths
{
    /// <summary>
    /// Turns a path of the shell into one of the file system; it need not exist, and wildcards are taken literally. Brackets that completion has escaped are
    /// understood where only that leads anywhere.
    /// </summary>
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

        throw new InpaintException(InpaintErrorId.ImageNotFound, $"No file matches '{path}'.") { RecommendedAction = "Correct the path. If the name contains brackets, use -LiteralPath." };
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

/// <summary>
/// Where a command writes. What ends in a slash or exists as a folder is a folder, and so is a name without extension; what exists as a file, or has a picture's
/// extension, is a file. Any other name (<c>results-2024.06</c>) may be either, and both are said.
/// </summary>
/// <param name="Folder">The folder's full path; null for what is a file.</param>
/// <param name="File">The file's full path; null for what is a folder.</param>
internal sealed record OutputTarget(string? Folder, string? File)
{
    /// <summary>Whether only the number of the pictures tells what is meant.</summary>
    public bool IsEither => Folder is not null && File is not null;

    /// <summary>Reads a path of the shell.</summary>
    /// <param name="paths">The session's paths.</param>
    /// <param name="path">The path, without wildcards.</param>
    /// <param name="folder">The folder below which a relative path lies; null for the current location.</param>
    /// <exception cref="InpaintException">OutputWriteFailed: not to the file system, or to a folder that is a file.</exception>
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

    /// <summary>Refuses a file that the command has written already: the second would take the place of the first.</summary>
    /// <param name="path">The file's full path.</param>
    /// <param name="written">What the command has written.</param>
    /// <param name="parameter">The parameter that says where.</param>
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
