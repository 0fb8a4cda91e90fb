using System.Text;
using Markdig.Syntax;

namespace Inpaint.Help;

/// <summary>Writes a conceptual page as the plain text that <c>Get-Help about_…</c> shows.</summary>
internal static class AboutWriter
{
    private const int Width = 80;
    private const string Indent = "    ";

    /// <summary>Writes a page as text.</summary>
    /// <param name="blocks">The page: its name, '## Short description', then anything.</param>
    /// <param name="name">The topic's name, which is the file's.</param>
    /// <exception cref="PageException">The page does not begin as such pages must.</exception>
    public static string Write(IReadOnlyList<Block> blocks, string name)
    {
        if (blocks is not [HeadingBlock { Level: 1 } title, HeadingBlock { Level: 2 } first, ParagraphBlock summary, ..] || PlainText.Of(title) != name || PlainText.Of(first) != "Short description")
        {
            throw new PageException(1, $"The page must begin with '# {name}', '## Short description' and a paragraph.");
        }

        if (PlainText.Of(summary).Length > Width - Indent.Length)
        {
            throw new PageException(MarkdownPage.LineOf(summary), $"The short description must fit into one line of {Width - Indent.Length} characters: lists of topics show no more of it.");
        }

        StringBuilder text = new();
        text.Append("TOPIC\n").Append(Indent).Append(name).Append('\n');
        foreach (Block block in blocks.Skip(1))
        {
            text.Append('\n');
            if (block is HeadingBlock heading)
            {
                text.Append(heading.Level == 2 ? PlainText.Of(heading).ToUpperInvariant() : "  " + PlainText.Of(heading)).Append('\n');
            }
            else
            {
                foreach (string line in PlainText.Of(block, Width - Indent.Length).Split('\n'))
                {
                    text.Append(line.Length == 0 ? "" : Indent + line).Append('\n');
                }
            }
        }

        // A heading stands on its text without a gap.
        return CloseGaps(text.ToString());
    }

    private static string CloseGaps(string text)
    {
        string[] lines = text.Split('\n');
        return string.Join('\n', lines.Where((line, i) => line.Length > 0 || i == 0 || lines[i - 1].Length == 0 || lines[i - 1].StartsWith(Indent, StringComparison.Ordinal)));
    }
}
