using System.Management.Automation;

namespace Inpaint.Pipeline;

/// <summary>
/// The files that a command writes, as Get-Item returns them: with the properties by which the next command in the pipeline binds them. For a path the shell looks through all
/// mounted drives, which costs more than all else about a small file; it is therefore asked for the drive once per folder.
/// </summary>
internal sealed class FileItems(PSCmdlet command)
{
    private string? folder;
    private string? qualifiedFolder;
    private object? drive;

    /// <summary>Gets a file that exists.</summary>
    /// <param name="path">Its full path.</param>
    public PSObject Get(string path)
    {
        string name = Path.GetFileName(path);
        if (qualifiedFolder is null || folder != path[..^name.Length])
        {
            PSObject first = Read(path);
            string qualified = (string)first.Properties["PSPath"].Value;
            folder = path[..^name.Length];
            qualifiedFolder = qualified.EndsWith(name, StringComparison.Ordinal) ? qualified[..^name.Length] : null;
            drive = first.Properties["PSDrive"]?.Value;
            return first;
        }

        PSObject file = Read(qualifiedFolder + name);
        if (drive is not null && file.Properties["PSDrive"] is null)
        {
            file.Properties.Add(new PSNoteProperty("PSDrive", drive));
        }

        return file;
    }

    private PSObject Read(string path) => command.InvokeProvider.Item.Get([path], force: true, literalPath: true)[0];
}
