using System.Text.RegularExpressions;

namespace Inpaint.Help.Markdown;

/// <summary>
/// Reads the Markdown that help pages are written in: headings, paragraphs, flat lists, fences and tables. What the console could not show is refused
/// instead of being shown wrong.
/// </summary>
internal static partial class MarkdownReader
{
    /// <summary>Reads a page.</summary>
    /// <param name="text">The page.</param>
    /// <returns>Its blocks in order.</returns>
    /// <exception cref="PageException">A fence or the front matter is not closed, or a list is nested.</exception>
    public static IReadOnlyList<Block> Read(string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        List<Block> blocks = [];
        int index = SkipFrontMatter(lines);
        while (index < lines.Length)
        {
            string line = lines[index];
            if (string.IsNullOrWhiteSpace(line))
            {
                index++;
            }
            else if (line.StartsWith("```", StringComparison.Ordinal))
            {
                blocks.Add(ReadCode(lines, ref index));
            }
            else if (HeadingLine().Match(line) is { Success: true } heading)
            {
                blocks.Add(new Heading(++index, heading.Groups["marks"].Length, heading.Groups["text"].Value));
            }
            else if (ItemLine().IsMatch(line))
            {
                blocks.Add(ReadList(lines, ref index));
            }
            else if (line.StartsWith('|'))
            {
                blocks.Add(ReadTable(lines, ref index));
            }
            else
            {
                blocks.Add(ReadParagraph(lines, ref index));
            }
        }

        return blocks;
    }

    [GeneratedRegex(@"^(?<marks>#{1,6}) +(?<text>.+?) *$", RegexOptions.ExplicitCapture)]
    private static partial Regex HeadingLine();

    [GeneratedRegex(@"^(?<mark>-|[0-9]+\.) +(?<text>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex ItemLine();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex CellBorder();

    private static int SkipFrontMatter(string[] lines)
    {
        if (lines[0] != "---")
        {
            return 0;
        }

        int end = Array.IndexOf(lines, "---", 1);
        return end < 0 ? throw new PageException(1, "The front matter is not closed: a line of --- is missing.") : end + 1;
    }

    private static CodeBlock ReadCode(string[] lines, ref int index)
    {
        int start = index;
        int end = Array.FindIndex(lines, start + 1, l => l.StartsWith("```", StringComparison.Ordinal));
        if (end < 0)
        {
            throw new PageException(start + 1, "The fence is not closed: a line of ``` is missing.");
        }

        index = end + 1;
        return new CodeBlock(start + 1, lines[start][3..].Trim(), string.Join('\n', lines[(start + 1)..end]));
    }

    private static ItemList ReadList(string[] lines, ref int index)
    {
        int start = index;
        List<(int Line, string Mark, string Text)> items = [];
        while (index < lines.Length && !string.IsNullOrWhiteSpace(lines[index]))
        {
            string line = lines[index];
            Match item = ItemLine().Match(line);
            if (item.Success)
            {
                items.Add((index + 1, item.Groups["mark"].Value, item.Groups["text"].Value.Trim()));
            }
            else if (ItemLine().IsMatch(line.TrimStart()))
            {
                throw new PageException(index + 1, "A list within a list cannot be shown in the console. Write one flat list.");
            }
            else
            {
                items[^1] = items[^1] with { Text = items[^1].Text + " " + line.Trim() };
            }

            index++;
        }

        return new ItemList(start + 1, items);
    }

    private static Table ReadTable(string[] lines, ref int index)
    {
        int start = index;
        List<IReadOnlyList<string>> rows = [];
        for (; index < lines.Length && lines[index].StartsWith('|'); index++)
        {
            string[] cells = CellBorder().Split(lines[index].Trim().Trim('|')).Select(c => c.Trim().Replace("\\|", "|", StringComparison.Ordinal)).ToArray();
            if (rows.Count > 0 && cells.Length != rows[0].Count)
            {
                throw new PageException(index + 1, $"The row has {cells.Length} cells, the table's heading {rows[0].Count}.");
            }

            if (!cells.All(c => c.Length > 0 && c.All(l => l is '-' or ':')))
            {
                rows.Add(cells);
            }
        }

        return new Table(start + 1, rows);
    }

    private static Paragraph ReadParagraph(string[] lines, ref int index)
    {
        int start = index;
        List<string> parts = [];
        while (index < lines.Length && !string.IsNullOrWhiteSpace(lines[index]) && !IsStartOfOther(lines[index]))
        {
            parts.Add(lines[index++].Trim());
        }

        return new Paragraph(start + 1, string.Join(' ', parts));
    }

    private static bool IsStartOfOther(string line) =>
        line.StartsWith("```", StringComparison.Ordinal) || line.StartsWith('|') || HeadingLine().IsMatch(line) || ItemLine().IsMatch(line);
}
