using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Inpaint.Imaging.Metadata;

/// <summary>An XMP packet (ISO 16684-1) as XML, and back.</summary>
internal static class XmpXml
{
    private static readonly XName Rdf = (XNamespace)"http://www.w3.org/1999/02/22-rdf-syntax-ns#" + "RDF";

    /// <summary>Reads a packet.</summary>
    /// <param name="packet">The packet; null for none.</param>
    /// <returns>Its root, in which there is RDF; null when it cannot be read.</returns>
    public static XElement? Read(byte[]? packet)
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
            return root?.DescendantsAndSelf(Rdf).Any() == true ? root : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>Writes a packet.</summary>
    /// <param name="root">Its root.</param>
    /// <returns>The packet, UTF-8.</returns>
    public static byte[] Serialize(XElement root)
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
}
