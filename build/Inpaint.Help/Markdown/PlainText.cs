namespace Inpaint.Help.Markdown;

/// <summary>Sets blocks as plain text, for readers that know no Markdown.</summary>
internal static class PlainText
{
    /// <summary>Sets a block; headings are not its business.</summary>
    /// <param name="block">The block.</param>
    /// <param name="width">Where lines break; <see cref="int.MaxValue"/> leaves that to the reader.</param>
    /// <returns>Its lines, joined by line feeds.</returns>
    public static string Of(Block block, int width = int.MaxValue) => block switch
    {
        Paragraph paragraph => Wrap(Inline.ToPlain(paragraph.Text), width, ""),
        ItemList list => string.Join('\n', list.Items.Select(i => i.Mark + " " + Wrap(Inline.ToPlain(i.Text), width - i.Mark.Length - 1, new string(' ', i.Mark.Length + 1)))),
        CodeBlock code => string.Join('\n', code.Text.Split('\n').Select(l => l.Length == 0 ? l : "    " + l)),
        Table table => OfTable(table),
        _ => throw new ArgumentException($"A {block.GetType().Name} is not body text.", nameof(block)),
    };

    private static string OfTable(Table table)
    {
        string[][] rows = table.Rows.Select(r => r.Select(Inline.ToPlain).ToArray()).ToArray();
        int[] widths = Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length)).ToArray();
        List<string> lines = rows.Select(r => string.Join("  ", r.Select((cell, c) => cell.PadRight(widths[c]))).TrimEnd()).ToList();
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
