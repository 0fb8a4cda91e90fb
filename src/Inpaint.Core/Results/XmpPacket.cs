using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Results;

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
    /// <param name="image">The picture.</param>
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
