using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Inpaint.Imaging;
using Inpaint.Imaging.Png;

namespace Inpaint.Results;

/// <summary>Writes down how a picture was made: into PNG text chunks, into a JPEG comment, or into a JSON file beside it. Pixels are never touched.</summary>
internal static class MetadataWriter
{
    /// <summary>Longest comment that a JPEG segment takes.</summary>
    private const int MaximumJpegComment = 65_533;

    /// <summary>In characters: one may take six bytes when it is escaped.</summary>
    private const int LongestPromptInJpeg = 8_000;

    /// <summary>Writes into the picture file.</summary>
    /// <param name="path">The file; not yet under its final name.</param>
    /// <param name="format">What it is.</param>
    /// <param name="image">The picture.</param>
    /// <exception cref="InpaintException">ImageUnsupported: the format has no place for it.</exception>
    public static void Embed(string path, PictureFormat format, InpaintImage image)
    {
        if (format is not (PictureFormat.Png or PictureFormat.Jpeg))
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"Metadata cannot be embedded into a {format} picture. Use -Metadata Sidecar.");
        }

        string rewritten = path + ".meta";
        try
        {
            using (FileStream source = File.OpenRead(path))
            using (FileStream target = new(rewritten, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                if (format == PictureFormat.Png)
                {
                    EmbedInPng(source, target, image);
                }
                else
                {
                    EmbedInJpeg(source, target, image);
                }

                source.CopyTo(target);
                target.Flush(flushToDisk: true);
            }

            File.Move(rewritten, path, overwrite: true);
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
        string temporary = Path.Combine(Path.GetDirectoryName(path)!, $".inpaint-{Guid.NewGuid():N}.tmp");
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                WriteJson(stream, image, isIndented: true);
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

    private static void EmbedInPng(FileStream source, FileStream target, InpaintImage image)
    {
        // Signature (8) and IHDR (4 length + 4 type + 13 content + 4 checksum) have a fixed size and always come first.
        Span<byte> head = stackalloc byte[33];
        source.ReadExactly(head);
        target.Write(head);
        foreach ((string keyword, string value) in Facts(image))
        {
            PngMetadataWriter.WriteText(target, new PictureText(keyword, value));
        }
    }

    private static void EmbedInJpeg(FileStream source, FileStream target, InpaintImage image)
    {
        Span<byte> start = stackalloc byte[2];
        source.ReadExactly(start);
        target.Write(start);
        CopyApplicationHead(source, target);
        using MemoryStream json = new();
        WriteJson(json, image, isIndented: false);
        if (json.Length > MaximumJpegComment)
        {
            // Half a JSON text is none; the prompt is what is long.
            json.SetLength(0);
            string prompt = image.Origin.Prompt ?? "";
            WriteJson(json, image with { Origin = image.Origin with { Prompt = prompt[..Math.Min(prompt.Length, LongestPromptInJpeg)] + "…" } }, isIndented: false);
        }

        int length = (int)json.Length;
        target.Write([0xFF, 0xFE, (byte)((length + 2) >> 8), (byte)(length + 2)]);
        target.Write(json.GetBuffer(), 0, length);
    }

    /// <summary>JFIF and EXIF readers expect their segment to come first, so that the comment goes behind it.</summary>
    private static void CopyApplicationHead(FileStream source, FileStream target)
    {
        Span<byte> segment = stackalloc byte[4];
        while (true)
        {
            long position = source.Position;
            if (source.ReadAtLeast(segment, 4, throwOnEndOfStream: false) < 4 || segment[0] != 0xFF || segment[1] is not (0xE0 or 0xE1))
            {
                source.Position = position;
                return;
            }

            byte[] content = new byte[(segment[2] << 8 | segment[3]) - 2];
            source.ReadExactly(content);
            target.Write(segment);
            target.Write(content);
        }
    }

    private static IEnumerable<(string Keyword, string Value)> Facts(InpaintImage image)
    {
        ImageOrigin origin = image.Origin;
        yield return ("Software", "Inpaint");
        foreach ((string keyword, string? value) in new (string, string?)[]
        {
            ("Description", origin.Prompt),
            ("Creation Time", origin.CreatedAt?.ToString("O", CultureInfo.InvariantCulture)),
            ("Provider", origin.Provider),
            ("Model", origin.Model),
            ("Seed", origin.Seed?.ToString(CultureInfo.InvariantCulture)),
            ("Request ID", origin.JobId),
            ("Source", origin.Source is null ? null : Path.GetFileName(origin.Source)),
        })
        {
            if (!string.IsNullOrEmpty(value))
            {
                yield return (keyword, value);
            }
        }
    }

    private static void WriteJson(Stream stream, InpaintImage image, bool isIndented)
    {
        ImageOrigin origin = image.Origin;
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
        writer.WriteString("source", origin.Source is null ? null : Path.GetFileName(origin.Source));
        writer.WriteNumber("index", image.Index);
        writer.WriteBoolean("flagged", image.IsFlagged);
        writer.WriteString("createdAt", origin.CreatedAt?.ToString("O", CultureInfo.InvariantCulture));
        writer.WriteEndObject();
    }
}
