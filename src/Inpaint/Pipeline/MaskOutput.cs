using System.Management.Automation;

namespace Inpaint.Pipeline;

/// <summary>Masks as the commands emit them that make them.</summary>
internal static class MaskOutput
{
    /// <summary>Marks the files that this module's commands have made, so that the next command knows a mask from a picture.</summary>
    public const string MadeHere = "System.IO.FileInfo#InpaintMask";

    /// <summary>Writes a mask as Get-Item gives it, with notes of what it is: <c>Mask</c>, its own path, and <c>Image</c>, the picture that it was made for.</summary>
    /// <param name="command">The command.</param>
    /// <param name="path">The mask's path.</param>
    /// <param name="image">The picture; null when it was made for none.</param>
    public static void Write(PSCmdlet command, string path, PictureSource? image)
    {
        foreach (PSObject item in command.InvokeProvider.Item.Get([path], force: true, literalPath: true))
        {
            item.TypeNames.Insert(0, MadeHere);
            item.Properties.Add(new PSNoteProperty("Mask", path));
            if (image is not null)
            {
                // A path as text outlives the session; the picture of an earlier result is called by what that was made from.
                bool isPlainFile = image.FilePath is { } file && image.Name == Path.GetFileName(file);
                item.Properties.Add(new PSNoteProperty("Image", isPlainFile ? image.FilePath : image));
            }

            command.WriteObject(item);
        }
    }
}
