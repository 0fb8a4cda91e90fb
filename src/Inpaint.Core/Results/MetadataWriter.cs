using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Inpaint.Files;

namespace Inpaint.Results;

/// <summary>Writes down how a picture was made: into the file as text and XMP, or into a JSON file beside it. Pixels are never touched.</summary>
internal static class MetadataWriter
{
    /// <summary>Writes into the picture file.</summary>
    /// <param name="path">The file; not yet under its final name.</param>
    /// <param name="format">What it is.</param>
    /// <param name="image">The picture.</param>
    /// <returns>What could not be written, as a sentence; null when all was.</returns>
    /// <exception cref="InpaintException">ImageUnsupported: the format has no place for it.</exception>
    public static string? Embed(string path, PictureFormat format, InpaintImage image)
    {
        if (format is not (PictureFormat.Png or PictureFormat.Jpeg))
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"Metadata cannot be embedded into a picture of the format {format}. Use -Metadata Sidecar.");
        }

        bool isWhole = true;
        string rewritten = TemporaryFiles.NameIn(Path.GetDirectoryName(path)!);
        try
        {
            using (FileStream source = File.OpenRead(path))
            using (FileStream target = new(rewritten, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                if (format == PictureFormat.Png)
                {
                    PngMetadataEmbedder.Embed(source, target, image);
                }
                else
                {
                    isWhole = JpegMetadataEmbedder.Embed(source, target, image);
                }

                target.Flush(flushToDisk: true);
            }

            File.Move(rewritten, path, overwrite: true);
            return isWhole ? null : "The prompt is longer than a JPEG has room for, and was cut; -Metadata Sidecar writes all of it.";
        }
        catch (InpaintException e)
        {
            throw new InpaintException(e.ErrorId, $"Metadata cannot be embedded into what came from {image.Url}: {e.Message} Save it with -Metadata Sidecar, which leaves the file as it is.", e);
        }
        finally
        {
            File.Delete(rewritten);
        }
    }

    /// <summary>The JSON file that belongs to a picture; its name keeps the picture's extension, so that dog.png and dog.jpg do not share one.</summary>
    /// <param name="path">The picture's path.</param>
    /// <returns>The JSON file's path.</returns>
    public static string SidecarOf(string path) => path + ".json";

    /// <summary>Writes a JSON file beside the picture.</summary>
    /// <param name="path">The picture's final path.</param>
    /// <param name="image">The picture.</param>
    /// <param name="overwrite">Whether a file of that name is replaced.</param>
    /// <returns>The JSON file's path.</returns>
    /// <exception cref="IOException">It cannot be written, or is there and may not be replaced.</exception>
    public static string WriteSidecar(string path, InpaintImage image, bool overwrite)
    {
        string sidecar = SidecarOf(path);
        string temporary = TemporaryFiles.NameIn(Path.GetDirectoryName(path)!);
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                stream.Write(ToJson(image, isIndented: true));
                stream.Flush(flushToDisk: true);
            }

            if (overwrite)
            {
                File.Move(temporary, sidecar, overwrite: true);
            }
            else if (!ExclusiveMove.TryMove(temporary, sidecar))
            {
                throw new IOException($"'{sidecar}' exists.");
            }

            return sidecar;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>All that is known of a picture's making, as JSON.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="isIndented">Whether people read it.</param>
    /// <returns>UTF-8.</returns>
    public static byte[] ToJson(InpaintImage image, bool isIndented)
    {
        ImageOrigin origin = image.Origin;
        using MemoryStream stream = new();
        using Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = isIndented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        writer.WriteStartObject();
        writer.WriteString("software", "Inpaint");
        writer.WriteString("prompt", origin.Prompt);
        writer.WriteString("provider", origin.Provider);
        writer.WriteString("model", origin.Model);
        if (origin.Seed is long seed)
        {
            writer.WriteNumber("seed", seed);
        }

        writer.WriteString("requestId", origin.JobId);
        writer.WriteString("source", origin.SourceName);
        writer.WriteNumber("index", image.Index);
        writer.WriteBoolean("flagged", image.IsFlagged);
        writer.WriteString("createdAt", origin.CreatedAt?.ToString("O", CultureInfo.InvariantCulture));
        writer.WriteEndObject();
        writer.Flush();
        return stream.ToArray();
    }
}
