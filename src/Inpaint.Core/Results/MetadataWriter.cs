using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Inpaint.Files;

namespace Inpaint.Results;

/// <summary>Writes metadata about how a picture was made: into the file as text and XMP, or into a JSON file beside it. Pixels are not changed.</summary>
internal static class MetadataWriter
{
    private const string SidecarAdvice = "Set Metadata to Sidecar, which leaves the picture file unmodified.";

    /// <summary>Embeds metadata in the picture file.</summary>
    /// <param name="path">The file, not yet under its final name.</param>
    /// <param name="format">Its format.</param>
    /// <param name="image">The picture.</param>
    /// <returns>A warning about what could not be written; null when everything was.</returns>
    /// <exception cref="InpaintException">ImageUnsupported: the format is not supported, or the file cannot be parsed.</exception>
    public static string? Embed(string path, PictureFormat format, InpaintImage image)
    {
        if (format is not (PictureFormat.Png or PictureFormat.Jpeg))
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"Metadata cannot be embedded in a {format} picture.") { Parameter = "Metadata", RecommendedAction = SidecarAdvice };
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
            return isWhole ? null : "The prompt is longer than a JPEG has room for, and was truncated; a sidecar file would contain all of it.";
        }
        catch (InpaintException e)
        {
            throw new InpaintException(e.ErrorId, $"Metadata cannot be embedded in the picture from {image.Url}: {e.Message}", e) { Parameter = "Metadata", RecommendedAction = SidecarAdvice };
        }
        finally
        {
            File.Delete(rewritten);
        }
    }

    /// <summary>The path of a picture's JSON file; it keeps the picture's extension, so that dog.png and dog.jpg do not share one.</summary>
    public static string SidecarOf(string path) => path + ".json";

    /// <summary>Writes a JSON file beside the picture.</summary>
    /// <param name="path">The picture's final path.</param>
    /// <param name="image">The picture.</param>
    /// <param name="overwrite">Whether a file of that name is replaced.</param>
    /// <returns>The JSON file's path.</returns>
    /// <exception cref="IOException">It cannot be written, or exists and may not be replaced.</exception>
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

    /// <summary>How a picture was made, as JSON in UTF-8.</summary>
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
