using System.ComponentModel;
using System.Management.Automation;

namespace Inpaint.Pipeline;

/// <summary>
/// The files that a command writes, as Get-Item returns them: with the properties by which the next command in the pipeline binds them. The shell looks through all mounted drives
/// for each path, which costs more than all else about a small file; it is therefore asked once per folder, and the other files of the folder get the same properties.
/// </summary>
internal sealed class FileItems(PSCmdlet command)
{
    // What the tables show of a file on Unix. The shell's function is not public; without it, the shell is asked for each file.
    private static readonly Func<string, object>? ReadUnixStat = typeof(PSObject).Assembly.GetType("System.Management.Automation.Platform+Unix")?.GetMethod("GetLStat", [typeof(string)])?.CreateDelegate<Func<string, object>>();

    private string? folder;
    private string? qualifiedFolder;
    private PSNoteProperty[] notes = [];

    /// <summary>Gets a file that exists.</summary>
    /// <param name="path">Its full path.</param>
    public PSObject Get(string path)
    {
        string name = Path.GetFileName(path);
        if (qualifiedFolder is not null && folder == path[..^name.Length])
        {
            return Create(path, name, qualifiedFolder);
        }

        PSObject first = command.InvokeProvider.Item.Get([path], force: true, literalPath: true)[0];
        string qualified = (string)first.Properties["PSPath"].Value;
        notes = [.. first.Properties.OfType<PSNoteProperty>()];
        folder = path[..^name.Length];
        qualifiedFolder = qualified.EndsWith(name, StringComparison.Ordinal) && notes.All(note => IsKnown(note.Name)) ? qualified[..^name.Length] : null;
        return first;
    }

    private static bool IsKnown(string property) =>
        property is "PSPath" or "PSParentPath" or "PSChildName" or "PSDrive" or "PSProvider" or "PSIsContainer" || (property == "UnixStat" && ReadUnixStat is not null);

    private PSObject Create(string path, string name, string qualified)
    {
        // Read at once, as the shell does, so that the object stays as it is when the file changes.
        FileInfo read = new(path);
        read.Refresh();
        PSObject file = new(read);
        foreach (PSNoteProperty note in notes)
        {
            object? value = note.Name switch
            {
                "PSPath" => qualified + name,
                "PSChildName" => name,
                "UnixStat" => UnixStatOf(path),
                _ => note.Value,
            };
            file.Properties.Add(new PSNoteProperty(note.Name, value), preValidated: true);
        }

        return file;
    }

    private static object? UnixStatOf(string path)
    {
        try
        {
            return ReadUnixStat!(path);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
