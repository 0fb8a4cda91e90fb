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

    /// <summary>Refuses a file that the command has written already: the second would take the place of the first.</summary>
    /// <param name="path">The file's full path.</param>
    /// <param name="written">What the command has written.</param>
    /// <param name="parameter">The parameter that says where.</param>
    /// <exception cref="InpaintException">OutputExists.</exception>
    public void DemandNew(string path, IReadOnlySet<string> written, string parameter)
    {
        if (written.Contains(path))
        {
            throw new InpaintException(InpaintErrorId.OutputExists, $"'{path}' was written by this command already and was not replaced.")
            {
                RecommendedAction = File is not null
                    ? $"Give a folder as -{parameter}, in which each file is named after its picture."
                    : "Give all shapes of one picture in one row; of two pictures of one name, write one with a command of its own, to another folder.",
            };
        }
    }
}
