using System.Management.Automation;

namespace Inpaint.Pipeline;

/// <summary>Writes masks to the pipeline, for the commands that create them.</summary>
internal static class MaskOutput
{
    /// <summary>The type name of masks that this module's commands have written, by which the next command tells a mask from a picture.</summary>
    public const string TypeName = "System.IO.FileInfo#InpaintMask";

    /// <summary>Writes a mask as Get-Item does, with note properties: <c>Mask</c>, its own path, and <c>Image</c>, the picture that it is for.</summary>
    /// <param name="command">The command.</param>
    /// <param name="path">The mask's path.</param>
    /// <param name="image">The picture; null for none.</param>
    public static void Write(PSCmdlet command, string path, PictureSource? image)
    {
        foreach (PSObject item in command.InvokeProvider.Item.Get([path], force: true, literalPath: true))
        {
            item.TypeNames.Insert(0, TypeName);
            item.Properties.Add(new PSNoteProperty("Mask", path));
            if (image is not null)
            {
                // A path as text outlives the session; the picture of an earlier result keeps the name of its source.
                bool isPlainFile = image.FilePath is { } file && image.Name == Path.GetFileName(file);
                item.Properties.Add(new PSNoteProperty("Image", isPlainFile ? image.FilePath : image));
            }

            command.WriteObject(item);
        }
    }
}
