using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Inpaint.Imaging.Metadata;

/// <summary>Removes pictures that programs write into XMP as base64: <c>xmp:Thumbnails</c>, the original and the depth map of phones, and any other value that begins like a picture file.</summary>
internal static class XmpPreviews
{
    // The first bytes of JPEG, PNG, GIF, RIFF (WebP) and TIFF in base64.
    private static readonly string[] PictureStarts = ["/9j/", "iVBORw0KGgo", "R0lGOD", "UklGR", "SUkqA", "TU0AK"];

    private const int MinPictureLength = 100;

    private static readonly XNamespace Rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    private static readonly XNamespace Basic = "http://ns.adobe.com/xap/1.0/";
    private static readonly XNamespace Note = "http://ns.adobe.com/xmp/note/";

    /// <summary>Whether a text is a picture, or the beginning of one.</summary>
    public static bool IsPicture(string text)
    {
        ReadOnlySpan<char> value = text.AsSpan().TrimStart();
        return value.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase) || (value.Length >= MinPictureLength && StartsAsPicture(value));
    }

    /// <summary>Removes the pictures.</summary>
    /// <param name="packet">The packet; null for none.</param>
    /// <returns>The packet itself when there are none; null when it cannot be parsed and may contain one.</returns>
    public static byte[]? Without(byte[]? packet)
    {
        if (packet is null)
        {
            return null;
        }

        if (XmpXml.Read(packet) is not { } root)
        {
            string text = Encoding.UTF8.GetString(packet);
            return PictureStarts.Any(start => text.Contains(start, StringComparison.Ordinal)) ? null : packet;
        }

        // This note refers to further segments, which are not kept.
        XAttribute[] attributes = [.. root.DescendantsAndSelf().Attributes().Where(a => a.Name == Note + "HasExtendedXMP" || IsPicture(a.Value))];
        XElement[] elements = [.. root.Descendants().Where(e => e.Name == Basic + "Thumbnails" || e.Name == Note + "HasExtendedXMP" || (!e.HasElements && IsPicture(e.Value)))];
        if (attributes.Length + elements.Length == 0)
        {
            return packet;
        }

        attributes.Remove();
        foreach (XElement element in elements)
        {
            Remove(element);
        }

        return XmpXml.Serialize(root);
    }

    private static bool StartsAsPicture(ReadOnlySpan<char> value)
    {
        foreach (string start in PictureStarts)
        {
            if (value.StartsWith(start, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    // An array or structure that is left empty is removed as well.
    private static void Remove(XElement element)
    {
        XElement? parent = element.Parent;
        if (parent is not null)
        {
            element.Remove();
            if (!parent.HasElements && parent.Name != Rdf + "Description" && parent.Name != Rdf + "RDF")
            {
                Remove(parent);
            }
        }
    }
}

/// <summary>An XMP packet (ISO 16684-1) as XML, and back.</summary>
internal static class XmpXml
{
    private static readonly XName Rdf = (XNamespace)"http://www.w3.org/1999/02/22-rdf-syntax-ns#" + "RDF";

    /// <summary>Reads a packet.</summary>
    /// <param name="packet">The packet; null for none.</param>
    /// <returns>The root, which contains RDF; null when it cannot be parsed.</returns>
    public static XElement? Read(byte[]? packet)
    {
        if (packet is null)
        {
            return null;
        }

        try
        {
            // Some programs pad with zeros. Entities are prohibited: they could include other files, or expand to gigabytes.
            using MemoryStream stream = new(packet.AsSpan().TrimEnd((byte)0).ToArray());
            using XmlReader reader = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            XElement? root = XDocument.Load(reader, LoadOptions.PreserveWhitespace).Root;
            return root?.DescendantsAndSelf(Rdf).Any() == true ? root : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>Writes a packet.</summary>
    /// <returns>The packet, UTF-8.</returns>
    public static byte[] Serialize(XElement root)
    {
        using MemoryStream stream = new();
        XmlWriterSettings settings = new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), ConformanceLevel = ConformanceLevel.Fragment, NewLineHandling = NewLineHandling.Entitize };
        using (XmlWriter writer = XmlWriter.Create(stream, settings))
        {
            // Programs find a packet in any file by this id and the byte order mark before it.
            writer.WriteProcessingInstruction("xpacket", "begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"");
            root.WriteTo(writer);
            writer.WriteProcessingInstruction("xpacket", "end=\"w\"");
        }

        return stream.ToArray();
    }
}
