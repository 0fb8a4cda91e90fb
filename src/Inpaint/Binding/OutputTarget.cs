using System.Management.Automation;
using Inpaint.Imaging;

namespace Inpaint.Binding;

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
    /// <param name="folder">The folder below which a relative path lies; null for the present location.</param>
    /// <returns>The target.</returns>
    /// <exception cref="InpaintException">OutputWriteFailed: not to the file system, or to a folder that is a file.</exception>
    public static OutputTarget Resolve(PathIntrinsics paths, string path, string? folder = null)
    {
        string? resolved = folder is null || Path.IsPathFullyQualified(path) ? FileSystemPaths.Resolve(paths, path) : Path.GetFullPath(path, folder);
        string target = Path.TrimEndingDirectorySeparator(resolved
            ?? throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' does not lead to a folder or file of the file system."));
        if (Directory.Exists(target))
        {
            return new OutputTarget(target, File: null);
        }

        bool isFile = System.IO.File.Exists(target);
        if (Path.EndsInDirectorySeparator(path))
        {
            return isFile ? throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{target}' is a file, not a folder.") { RecommendedAction = "Leave the slash out to replace the file, or choose another folder." } : new OutputTarget(target, File: null);
        }

        return isFile || PictureFormats.RequestedBy(target) is not null ? new OutputTarget(Folder: null, target)
            : Path.GetExtension(target).Length == 0 ? new OutputTarget(target, File: null) : new OutputTarget(target, target);
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
