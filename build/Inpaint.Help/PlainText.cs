using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Inpaint.Help;

/// <summary>Writes Markdown as plain text, which is what the console shows.</summary>
internal static class PlainText
{
    /// <summary>Writes a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="width">The number of columns after which lines break; <see cref="int.MaxValue"/> leaves that to the reader.</param>
    /// <returns>Its lines, joined by line feeds.</returns>
    public static string Of(Block block, int width = int.MaxValue) => block switch
    {
        LeafBlock { Inline: { } inline } => Wrap(Of(inline), width, ""),
        ListBlock list => string.Join('\n', list.Cast<ListItemBlock>().Select(item => OfItem(list, item, width))),
        FencedCodeBlock code => string.Join('\n', CodeOf(code).Split('\n').Select(l => l.Length == 0 ? l : "    " + l)),
        Table table => OfTable(table),
        _ => throw new ArgumentException($"A {block.GetType().Name} is not text.", nameof(block)),
    };

    /// <summary>Writes what stands within a line; the URL of a link to the web follows its text.</summary>
    public static string Of(Inline inline) => inline switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LineBreakInline => " ",
        HtmlEntityInline entity => entity.Transcoded.ToString(),
        AutolinkInline link => link.Url,
        LinkInline link when MarkdownPage.IsWeb(link) && OfAll(link) is string text && text != link.Url => $"{text} ({link.Url})",
        ContainerInline container => OfAll(container),
        _ => throw new ArgumentException($"A {inline.GetType().Name} is not text.", nameof(inline)),
    };

    /// <summary>The lines of fenced code.</summary>
    /// <returns>The lines, joined by line feeds.</returns>
    public static string CodeOf(FencedCodeBlock code) => code.Lines.ToString().ReplaceLineEndings("\n");

    private static string OfAll(ContainerInline container) => string.Concat(container.Select(Of));

    private static string OfItem(ListBlock list, ListItemBlock item, int width)
    {
        string mark = list.IsOrdered ? $"{item.Order}." : "-";
        return $"{mark} {Wrap(Of(item[0]), width - mark.Length - 1, new string(' ', mark.Length + 1))}";
    }

    private static string OfTable(Table table)
    {
        string[][] rows = [.. table.Cast<TableRow>().Select(row => row.Cast<TableCell>().Select(cell => string.Join(' ', cell.Select(b => Of(b)))).ToArray())];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length))];
        List<string> lines = [.. rows.Select(r => string.Join("  ", r.Select((cell, c) => cell.PadRight(widths[c]))).TrimEnd())];
        lines.Insert(1, string.Join("  ", rows[0].Select((cell, c) => new string('-', cell.Length).PadRight(widths[c]))).TrimEnd());
        return string.Join('\n', lines);
    }

    private static string Wrap(string text, int width, string hanging)
    {
        List<string> lines = [];
        string line = "";
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                lines.Add(line);
                line = word;
            }
            else
            {
                line = line.Length == 0 ? word : line + " " + word;
            }
        }

        lines.Add(line);
        return string.Join('\n' + hanging, lines);
    }
}
