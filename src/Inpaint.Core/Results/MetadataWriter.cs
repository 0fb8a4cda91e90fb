using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using Inpaint.Files;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Results;

/// <summary>Writes metadata about how a picture was made: into the file as text and XMP, or into a JSON file beside it. Pixels are not changed.</summary>
internal static class MetadataWriter
{
    private const string SidecarAdvice = "Set Metadata to Sidecar, which leaves the picture file unmodified.";

    /// <summary>Embeds metadata in the picture file.</summary>
    /// <param name="path">The file, not yet under its final name.</param>
    /// <param name="format">Its format.</param>
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
            return isWhole ? null : "The prompt is too long for a JPEG and was truncated; a sidecar file would contain all of it.";
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

/// <summary>
/// Writes how a picture was made as XMP (ISO 16684-1), which picture managers read: the prompt as description, time and program as standard properties, and everything in a
/// namespace of its own. What a photograph's packet contains already is kept: its description is its photographer's.
/// </summary>
internal static class XmpPacket
{
    private const string Creator = EmbeddedMetadata.Name;

    private static readonly XNamespace Own = "urn:inpaint:making:1.0/";
    private static readonly XNamespace Meta = "adobe:ns:meta/";
    private static readonly XNamespace Rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    private static readonly XNamespace Dublin = "http://purl.org/dc/elements/1.1/";
    private static readonly XNamespace Basic = "http://ns.adobe.com/xap/1.0/";
    private static readonly XName Description = Dublin + "description";
    private static readonly XName CreateDate = Basic + "CreateDate";
    private static readonly XName CreatorTool = Basic + "CreatorTool";

    /// <summary>Makes a packet.</summary>
    /// <param name="existing">The picture's packet; null for none. One that cannot be parsed is replaced.</param>
    /// <param name="maximumBytes">The maximum length; a long prompt is truncated to fit.</param>
    /// <param name="isWhole">Whether nothing was truncated.</param>
    /// <returns>The packet, UTF-8; null when the existing one leaves no room.</returns>
    public static byte[]? Make(byte[]? existing, InpaintImage image, int maximumBytes, out bool isWhole)
    {
        string prompt = ReplaceInvalid(image.Origin.Prompt ?? "");
        for (int length = prompt.Length; ; length /= 2)
        {
            byte[] packet = Write(existing, image.Origin, Truncate(prompt, length));
            if (packet.Length <= maximumBytes || length == 0)
            {
                isWhole = packet.Length <= maximumBytes && length == prompt.Length;
                return packet.Length <= maximumBytes ? packet : null;
            }
        }
    }

    /// <summary>Reads the properties that <see cref="Make"/> has written; empty for none.</summary>
    public static IReadOnlyDictionary<string, string> ReadOwn(byte[]? packet) =>
        XmpXml.Read(packet)?.Descendants().Where(e => e.Name.Namespace == Own).DistinctBy(e => e.Name).ToDictionary(e => e.Name.LocalName, e => e.Value)
        ?? [];

    /// <summary>Removes what <see cref="Make"/> has written.</summary>
    /// <returns>The packet itself when there is nothing to remove; null when nothing else is left.</returns>
    public static byte[]? RemoveOwn(byte[]? packet)
    {
        if (XmpXml.Read(packet) is not { } root || !root.Descendants().Any(e => e.Name.Namespace == Own))
        {
            return packet;
        }

        XElement rdf = root.DescendantsAndSelf(Rdf + "RDF").First();
        RemoveOwn(rdf);
        return rdf.Elements(Rdf + "Description").Any() ? XmpXml.Serialize(root) : null;
    }

    private static byte[] Write(byte[]? existing, ImageOrigin origin, string prompt)
    {
        XElement root = XmpXml.Read(existing) ?? new XElement(Meta + "xmpmeta", new XAttribute(XNamespace.Xmlns + "x", Meta), new XElement(Rdf + "RDF", new XAttribute(XNamespace.Xmlns + "rdf", Rdf)));
        XElement rdf = root.DescendantsAndSelf(Rdf + "RDF").First();
        RemoveOwn(rdf);

        XElement about = new(
            Rdf + "Description",
            new XAttribute(Rdf + "about", rdf.Elements(Rdf + "Description").Select(d => (string?)d.Attribute(Rdf + "about")).FirstOrDefault() ?? ""),
            new XAttribute(XNamespace.Xmlns + "dc", Dublin),
            new XAttribute(XNamespace.Xmlns + "xmp", Basic),
            new XAttribute(XNamespace.Xmlns + "inpaint", Own));
        string? time = origin.CreatedAt?.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
        if (prompt.Length > 0 && !Has(rdf, Description))
        {
            about.Add(new XElement(Description, new XElement(Rdf + "Alt", new XElement(Rdf + "li", new XAttribute(XNamespace.Xml + "lang", "x-default"), prompt))));
        }

        AddIfMissing(rdf, about, CreatorTool, Creator);
        AddIfMissing(rdf, about, CreateDate, time);
        foreach ((string name, string? value) in new (string, string?)[]
        {
            ("Prompt", prompt),
            ("Provider", origin.Provider),
            ("Model", origin.Model),
            ("Seed", origin.Seed?.ToString(CultureInfo.InvariantCulture)),
            ("RequestID", origin.JobId),
            ("Source", origin.SourceName),
            ("CreatedAt", time),
        })
        {
            if (!string.IsNullOrEmpty(value))
            {
                about.Add(new XElement(Own + name, ReplaceInvalid(value)));
            }
        }

        rdf.Add(about);
        return XmpXml.Serialize(root);
    }

    /// <summary>Removes what Inpaint has written about an earlier picture, such as the source of this one.</summary>
    private static void RemoveOwn(XElement rdf)
    {
        foreach (XElement about in rdf.Elements(Rdf + "Description").ToArray())
        {
            XElement[] old = [.. about.Elements().Where(e => e.Name.Namespace == Own)];
            if (old.Length == 0)
            {
                continue;
            }

            string? prompt = (string?)about.Element(Own + "Prompt");
            string? time = (string?)about.Element(Own + "CreatedAt");
            about.Elements(Description).Where(e => e.Value == prompt).Remove();
            about.Elements(CreateDate).Where(e => e.Value == time).Remove();
            about.Elements(CreatorTool).Where(e => e.Value == Creator).Remove();
            old.Remove();
            if (!about.HasElements && about.Attributes().All(a => a.IsNamespaceDeclaration || a.Name == Rdf + "about"))
            {
                about.Remove();
            }
        }
    }

    // A property may be an element or an attribute of a description.
    private static bool Has(XElement rdf, XName property) =>
        rdf.Elements(Rdf + "Description").Any(about => about.Element(property) is not null || about.Attribute(property) is not null);

    private static void AddIfMissing(XElement rdf, XElement about, XName property, string? value)
    {
        if (value is not null && !Has(rdf, property))
        {
            about.Add(new XElement(property, value));
        }
    }

    private static string Truncate(string text, int length) =>
        length >= text.Length ? text : text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + "…";

    /// <summary>Replaces what XML cannot contain: most control characters, and halves of surrogate pairs.</summary>
    private static string ReplaceInvalid(string text)
    {
        StringBuilder valid = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            bool isPair = i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]);
            if (isPair)
            {
                valid.Append(text[i]).Append(text[++i]);
            }
            else
            {
                valid.Append(XmlConvert.IsXmlChar(text[i]) ? text[i] : '\uFFFD');
            }
        }

        return valid.ToString();
    }
}
