using System.Management.Automation;

namespace Inpaint.Binding;

/// <summary>Where a command writes: what ends in a slash, exists as a folder, or has no extension is a folder, everything else a file.</summary>
/// <param name="Folder">The folder's full path; null for a file.</param>
/// <param name="File">The file's full path; null for a folder.</param>
internal sealed record OutputTarget(string? Folder, string? File)
{
    /// <summary>Reads a path of the shell.</summary>
    /// <param name="paths">The session's paths.</param>
    /// <param name="path">The path, without wildcards.</param>
    /// <returns>Where it leads.</returns>
    /// <exception cref="InpaintException">OutputWriteFailed: not to the file system.</exception>
    public static OutputTarget Resolve(PathIntrinsics paths, string path)
    {
        string target = FileSystemPaths.Resolve(paths, path)
            ?? throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' does not lead to a folder or file of the file system.");
        bool isFolder = Path.EndsInDirectorySeparator(path) || Directory.Exists(target) || Path.GetExtension(target).Length == 0;
        return isFolder ? new OutputTarget(target, File: null) : new OutputTarget(Folder: null, target);
    }
}
