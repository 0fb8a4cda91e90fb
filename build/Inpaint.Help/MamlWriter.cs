using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Inpaint.Help;

/// <summary>Writes pages as MAML, the format of Get-Help: https://learn.microsoft.com/powershell/scripting/developer/help/writing-help-for-windows-powershell-cmdlets.</summary>
internal static class MamlWriter
{
    private static readonly XNamespace Msh = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>Writes the help file of a module.</summary>
    /// <param name="path">The file.</param>
    /// <param name="pages">The pages with their commands.</param>
    public static void Write(string path, IEnumerable<(HelpPage Page, CommandModel Command)> pages)
    {
        XElement root = new(Msh + "helpItems", new XAttribute("schema", "maml"), pages.Select(p => CommandElement(p.Page, p.Command)));
        XmlWriterSettings settings = new() { Indent = true, NewLineChars = "\n", Encoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false) };
        using XmlWriter writer = XmlWriter.Create(path, settings);
        new XDocument(root).Save(writer);
    }

    private static XElement CommandElement(HelpPage page, CommandModel command)
    {
        string[] nameParts = command.Name.Split('-');
        return new XElement(
            Command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Maml.NamespaceName),
            new XAttribute(XNamespace.Xmlns + "command", Command.NamespaceName),
            new XAttribute(XNamespace.Xmlns + "dev", Dev.NamespaceName),
            new XElement(
                Command + "details",
                new XElement(Command + "name", command.Name),
                new XElement(Command + "verb", nameParts[0]),
                new XElement(Command + "noun", nameParts[1]),
                new XElement(Maml + "description", Paragraph(page.Synopsis))),
            new XElement(Maml + "description", Paragraphs(page.Description)),
            new XElement(Command + "syntax", SetsOf(command).Select(set => SyntaxItem(page, command, set))),
            new XElement(
                Command + "parameters",
                command.Parameters.OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Select(p => ParameterElement(page, p, ParameterTable.Overall(p), isSyntax: false))),
            new XElement(Command + "inputTypes", page.Inputs.Select(i => TypeElement(Command + "inputType", i))),
            new XElement(Command + "returnValues", page.Outputs.Select(o => TypeElement(Command + "returnValue", o))),
            new XElement(Maml + "alertSet", new XElement(Maml + "alert", Paragraphs(page.Notes))),
            new XElement(Command + "examples", page.Examples.Select(Example)),
            new XElement(Command + "relatedLinks", page.Links.Select(LinkElement)));
    }

    private static IEnumerable<string> SetsOf(CommandModel command)
    {
        string[] sets = command.Parameters.SelectMany(p => p.Roles).Select(r => r.Set).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        return sets.Length == 0 ? [command.DefaultSet ?? ""] : sets.OrderByDescending(s => s == command.DefaultSet);
    }

    private static XElement SyntaxItem(HelpPage page, CommandModel command, string set) => new(
        Command + "syntaxItem",
        new XElement(Maml + "name", command.Name),
        command.Parameters
            .Select(p => (Parameter: p, Role: p.In(set)))
            .Where(p => p.Role is not null)
            .OrderBy(p => p.Role!.Position ?? int.MaxValue)
            .ThenByDescending(p => p.Role!.IsRequired)
            .ThenBy(p => p.Parameter.Name, StringComparer.OrdinalIgnoreCase)
            .Select(p => ParameterElement(page, p.Parameter, p.Role!, isSyntax: true)));

    private static XElement ParameterElement(HelpPage page, ParameterModel parameter, ParameterRole role, bool isSyntax)
    {
        Entry? entry = page.Parameters.FirstOrDefault(p => p.Title == parameter.Name);
        XElement element = new(
            Command + "parameter",
            new XAttribute("required", XmlConvert.ToString(role.IsRequired)),
            new XAttribute("variableLength", XmlConvert.ToString(parameter.TypeName.EndsWith("[]", StringComparison.Ordinal))),
            new XAttribute("globbing", XmlConvert.ToString(parameter.TakesWildcards)),
            new XAttribute("pipelineInput", role.PipelineInput),
            new XAttribute("position", role.Position?.ToString(CultureInfo.InvariantCulture) ?? "named"),
            new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
            new XElement(Maml + "name", parameter.Name),
            new XElement(Maml + "description", entry is null ? null : Paragraphs(ParameterTable.ProseOf(entry))));
        if (isSyntax && parameter.Values.Count > 0)
        {
            element.Add(new XElement(Command + "parameterValueGroup", parameter.Values.Select(v => ParameterValue(v, isRequired: false))));
        }

        if (!parameter.IsSwitch || !isSyntax)
        {
            element.Add(ParameterValue(parameter.TypeName, !parameter.IsSwitch));
        }

        element.Add(
            new XElement(Dev + "type", new XElement(Maml + "name", parameter.FullTypeName), new XElement(Maml + "uri")),
            new XElement(Dev + "defaultValue", entry is null ? "None" : ParameterTable.DefaultOf(entry)));
        return element;
    }

    private static XElement ParameterValue(string name, bool isRequired) =>
        new(Command + "parameterValue", new XAttribute("required", XmlConvert.ToString(isRequired)), new XAttribute("variableLength", "false"), name);

    private static XElement TypeElement(XName name, Entry entry) => new(
        name,
        new XElement(Dev + "type", new XElement(Maml + "name", entry.Title)),
        new XElement(Maml + "description", Paragraphs(entry.Body)));

    private static XElement Example(Entry entry) => new(
        Command + "example",
        new XElement(Maml + "title", $"---- {entry.Title} ----"),
        new XElement(Dev + "code", string.Join("\n\n", entry.Body.OfType<FencedCodeBlock>().Select(PlainText.CodeOf))),
        // The empty paragraph keeps the next example at a distance.
        new XElement(Dev + "remarks", Paragraphs(entry.Body.Where(b => b is not FencedCodeBlock)), Paragraph("")));

    private static XElement LinkElement(LinkInline link) => new(
        Maml + "navigationLink",
        new XElement(Maml + "linkText", string.Concat(link.Select(PlainText.Of))),
        new XElement(Maml + "uri", MarkdownPage.IsWeb(link) ? link.Url : ""));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<Block> blocks) => blocks.Select(b => Paragraph(PlainText.Of(b)));

    private static XElement Paragraph(string text) => new(Maml + "para", text);
}
