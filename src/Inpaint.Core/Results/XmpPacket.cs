using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Inpaint.Results;

/// <summary>
/// Says how a picture was made in XMP (ISO 16684-1), which picture managers read: the prompt as description, time and program under the names that all use, and everything
/// under names of its own. What a photograph's packet says already stays: its description is its photographer's.
/// </summary>
internal static class XmpPacket
{
    private const string Creator = OwnNotes.Name;

    private static readonly XNamespace Own = "urn:inpaint:making:1.0/";
    private static readonly XNamespace Meta = "adobe:ns:meta/";
    private static readonly XNamespace Rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    private static readonly XNamespace Dublin = "http://purl.org/dc/elements/1.1/";
    private static readonly XNamespace Basic = "http://ns.adobe.com/xap/1.0/";
    // Properties that hold small pictures, or the picture as it was: Adobe's thumbnails, and what phones put beside a photograph that they have changed.
    private static readonly XName Thumbnails = Basic + "Thumbnails";
    private static readonly XNamespace[] PreviewNamespaces =
    [
        "http://ns.adobe.com/xap/1.0/g/img/",
        "http://ns.google.com/photos/1.0/image/",
        "http://ns.google.com/photos/1.0/depthmap/",
        "http://ns.google.com/photos/dd/1.0/device/",
        "http://ns.google.com/photos/dd/1.0/image/",
    ];

    private static readonly XName Description = Dublin + "description";
    private static readonly XName CreateDate = Basic + "CreateDate";
    private static readonly XName CreatorTool = Basic + "CreatorTool";

    /// <summary>Makes a packet.</summary>
    /// <param name="existing">The packet that the picture has; null for none. One that cannot be read is replaced.</param>
    /// <param name="image">The picture.</param>
    /// <param name="maximumBytes">The most that there is room for; a long prompt is shortened for it.</param>
    /// <param name="isWhole">Whether all could be said.</param>
    /// <returns>The packet, UTF-8; null when there is no room beside what is there already.</returns>
    public static byte[]? Make(byte[]? existing, InpaintImage image, int maximumBytes, out bool isWhole)
    {
        string prompt = Writable(image.Origin.Prompt ?? "");
        for (int length = prompt.Length; ; length /= 2)
        {
            byte[] packet = Write(existing, image.Origin, Shortened(prompt, length));
            if (packet.Length <= maximumBytes || length == 0)
            {
                isWhole = packet.Length <= maximumBytes && length == prompt.Length;
                return packet.Length <= maximumBytes ? packet : null;
            }
        }
    }

    /// <summary>What this module has said of a picture's making.</summary>
    /// <param name="packet">The packet; null for none.</param>
    /// <returns>Values by the names that <see cref="Make"/> gives them; empty when it has said nothing.</returns>
    public static IReadOnlyDictionary<string, string> ReadOwn(byte[]? packet) =>
        Read(packet)?.Descendants().Where(e => e.Name.Namespace == Own).DistinctBy(e => e.Name).ToDictionary(e => e.Name.LocalName, e => e.Value)
        ?? [];

    /// <summary>A packet without what this module has said, and without small pictures.</summary>
    /// <param name="packet">The packet; null for none.</param>
    /// <returns>The packet itself when it has neither; null when nothing else is said, or when it cannot be read, because it may hold a small picture.</returns>
    public static byte[]? Without(byte[]? packet)
    {
        if (packet is null || Read(packet) is not { } root)
        {
            return null;
        }

        if (!root.Descendants().Any(e => e.Name.Namespace == Own || IsPreview(e.Name) || e.Attributes().Any(a => IsPreview(a.Name))))
        {
            return packet;
        }

        XElement rdf = root.DescendantsAndSelf(Rdf + "RDF").First();
        Forget(rdf);
        rdf.Descendants().Attributes().Where(a => IsPreview(a.Name)).Remove();
        rdf.Descendants().Where(e => IsPreview(e.Name)).Remove();
        rdf.Elements(Rdf + "Description").Where(IsBare).Remove();
        return rdf.Elements(Rdf + "Description").Any() ? Serialize(root) : null;
    }

    private static byte[] Write(byte[]? existing, ImageOrigin origin, string prompt)
    {
        XElement root = Read(existing) ?? new XElement(Meta + "xmpmeta", new XAttribute(XNamespace.Xmlns + "x", Meta), new XElement(Rdf + "RDF", new XAttribute(XNamespace.Xmlns + "rdf", Rdf)));
        XElement rdf = root.DescendantsAndSelf(Rdf + "RDF").First();
        Forget(rdf);

        XElement about = new(
            Rdf + "Description",
            new XAttribute(Rdf + "about", rdf.Elements(Rdf + "Description").Select(d => (string?)d.Attribute(Rdf + "about")).FirstOrDefault() ?? ""),
            new XAttribute(XNamespace.Xmlns + "dc", Dublin),
            new XAttribute(XNamespace.Xmlns + "xmp", Basic),
            new XAttribute(XNamespace.Xmlns + "inpaint", Own));
        string? time = origin.CreatedAt?.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
        if (prompt.Length > 0 && !Says(rdf, Description))
        {
            about.Add(new XElement(Description, new XElement(Rdf + "Alt", new XElement(Rdf + "li", new XAttribute(XNamespace.Xml + "lang", "x-default"), prompt))));
        }

        AddUnlessSaid(rdf, about, CreatorTool, Creator);
        AddUnlessSaid(rdf, about, CreateDate, time);
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
                about.Add(new XElement(Own + name, Writable(value)));
            }
        }

        rdf.Add(about);
        return Serialize(root);
    }

    private static XElement? Read(byte[]? packet)
    {
        if (packet is null)
        {
            return null;
        }

        try
        {
            // Some writers pad with zeros. No entities: they could stand for other files, or for gigabytes.
            using MemoryStream stream = new(packet.AsSpan().TrimEnd((byte)0).ToArray());
            using XmlReader reader = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            XElement? root = XDocument.Load(reader, LoadOptions.PreserveWhitespace).Root;
            return root?.DescendantsAndSelf(Rdf + "RDF").Any() == true ? root : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>Takes out what this module has said of an earlier picture, such as the one that this was made of.</summary>
    private static void Forget(XElement rdf)
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
            if (IsBare(about))
            {
                about.Remove();
            }
        }
    }

    private static bool IsPreview(XName name) => name == Thumbnails || PreviewNamespaces.Contains(name.Namespace);

    private static bool IsBare(XElement about) => !about.HasElements && about.Attributes().All(a => a.IsNamespaceDeclaration || a.Name == Rdf + "about");

    // A property may be an element of a description or an attribute of it.
    private static bool Says(XElement rdf, XName property) =>
        rdf.Elements(Rdf + "Description").Any(about => about.Element(property) is not null || about.Attribute(property) is not null);

    private static void AddUnlessSaid(XElement rdf, XElement about, XName property, string? value)
    {
        if (value is not null && !Says(rdf, property))
        {
            about.Add(new XElement(property, value));
        }
    }

    private static byte[] Serialize(XElement root)
    {
        using MemoryStream stream = new();
        XmlWriterSettings settings = new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), ConformanceLevel = ConformanceLevel.Fragment, NewLineHandling = NewLineHandling.Entitize };
        using (XmlWriter writer = XmlWriter.Create(stream, settings))
        {
            // By this id, and the byte order mark before it, a packet is found in a file of any kind.
            writer.WriteProcessingInstruction("xpacket", "begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"");
            root.WriteTo(writer);
            writer.WriteProcessingInstruction("xpacket", "end=\"w\"");
        }

        return stream.ToArray();
    }

    private static string Shortened(string text, int length) =>
        length >= text.Length ? text : text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + "…";

    /// <summary>XML has no way to write most control characters, nor half of a surrogate pair.</summary>
    private static string Writable(string text)
    {
        StringBuilder writable = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            bool isPair = i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]);
            if (isPair)
            {
                writable.Append(text[i]).Append(text[++i]);
            }
            else
            {
                writable.Append(XmlConvert.IsXmlChar(text[i]) ? text[i] : '\uFFFD');
            }
        }

        return writable.ToString();
    }
}
