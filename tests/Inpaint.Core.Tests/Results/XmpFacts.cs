using System.Text;
using System.Xml.Linq;
using Xunit;

namespace Inpaint.Tests.Results;

/// <summary>The simple properties of an XMP packet, by the prefixes that their namespaces usually have; fails for one that is said twice.</summary>
internal sealed class XmpFacts
{
    private static readonly XNamespace Rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    private static readonly Dictionary<string, string> Prefixes = new(StringComparer.Ordinal)
    {
        ["http://purl.org/dc/elements/1.1/"] = "dc",
        ["http://ns.adobe.com/xap/1.0/"] = "xmp",
        ["urn:inpaint:making:1.0/"] = "inpaint",
    };

    private readonly Dictionary<string, string> properties = new(StringComparer.Ordinal);

    /// <summary>What each description is about.</summary>
    public List<string> Subjects { get; } = [];

    public string? this[string name] => properties.GetValueOrDefault(name);

    public static XmpFacts Read(byte[] packet)
    {
        string text = Encoding.UTF8.GetString(packet);
        Assert.StartsWith("<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>", text, StringComparison.Ordinal);
        Assert.EndsWith("<?xpacket end=\"w\"?>", text, StringComparison.Ordinal);
        XmpFacts facts = new();
        foreach (XElement about in XDocument.Parse(text, LoadOptions.PreserveWhitespace).Root!.Element(Rdf + "RDF")!.Elements(Rdf + "Description"))
        {
            facts.Subjects.Add((string)about.Attribute(Rdf + "about")!);
            foreach (XAttribute attribute in about.Attributes().Where(a => !a.IsNamespaceDeclaration && a.Name.Namespace != Rdf))
            {
                facts.properties.Add(NameOf(attribute.Name), attribute.Value);
            }

            foreach (XElement property in about.Elements())
            {
                facts.properties.Add(NameOf(property.Name), (property.Element(Rdf + "Alt")?.Element(Rdf + "li") ?? property).Value);
            }
        }

        return facts;
    }

    private static string NameOf(XName name) => $"{Prefixes[name.NamespaceName]}:{name.LocalName}";
}
