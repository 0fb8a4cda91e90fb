using System.Globalization;
using Inpaint.Help.Commands;
using Inpaint.Help.Markdown;

namespace Inpaint.Help.Pages;

/// <summary>Holds a page against its command, so that help cannot drift from what it describes.</summary>
internal static class PageCheck
{
    /// <summary>Finds what the page says and the command does not bear out.</summary>
    /// <param name="page">The page.</param>
    /// <param name="command">The command.</param>
    /// <returns>Line and message of each mistake.</returns>
    public static IEnumerable<(int Line, string Message)> Mistakes(HelpPage page, CommandModel command)
    {
        foreach (Entry entry in page.Parameters)
        {
            ParameterModel? parameter = command.Parameters.FirstOrDefault(p => string.Equals(p.Name, entry.Title, StringComparison.Ordinal));
            if (parameter is null)
            {
                yield return (entry.Line, $"{command.Name} has no parameter -{entry.Title}.");
                continue;
            }

            foreach ((int, string) falsehood in ParameterTable.Falsehoods(entry, parameter))
            {
                yield return falsehood;
            }
        }

        for (int i = 0; i < page.Examples.Count; i++)
        {
            string expected = string.Create(CultureInfo.InvariantCulture, $"Example {i + 1}: ");
            if (!page.Examples[i].Title.StartsWith(expected, StringComparison.Ordinal))
            {
                yield return (page.Examples[i].Line, $"'{page.Examples[i].Title}' must begin with '{expected}'.");
            }
        }
    }

    /// <summary>Finds what the command has and the page does not mention.</summary>
    /// <param name="page">The page.</param>
    /// <param name="command">The command.</param>
    /// <returns>Line and message of each gap.</returns>
    public static IEnumerable<(int Line, string Message)> Gaps(HelpPage page, CommandModel command)
    {
        foreach (ParameterModel parameter in command.Parameters.Where(p => page.Parameters.All(e => e.Title != p.Name)))
        {
            yield return (page.Parameters[^1].Line, $"{command.Name} -{parameter.Name} is not described: add '### -{parameter.Name}' and what it does.");
        }

        foreach (string type in command.OutputTypes.Where(t => page.Outputs.All(o => o.Title != t)))
        {
            yield return (page.Outputs[0].Line, $"{command.Name} writes {type}, which the page does not say: add '### {type}' below '## OUTPUTS'.");
        }
    }

    /// <summary>Finds links within a page that lead nowhere.</summary>
    /// <param name="blocks">The page.</param>
    /// <param name="folder">Where it lies.</param>
    /// <returns>Line and message of each.</returns>
    public static IEnumerable<(int Line, string Message)> BrokenLinks(IReadOnlyList<Block> blocks, string folder)
    {
        IEnumerable<(int Line, string Text)> texts = blocks.SelectMany(b => b switch
        {
            Paragraph paragraph => [(paragraph.Line, paragraph.Text)],
            ItemList list => list.Items.Select(i => (i.Line, i.Text)),
            Table table => table.Rows.SelectMany(r => r).Select(c => (table.Line, c)),
            _ => Enumerable.Empty<(int, string)>(),
        });
        return texts
            .SelectMany(t => Inline.LinksIn(t.Text).Select(l => (t.Line, Link: l)))
            .Where(t => !t.Link.IsWeb && !File.Exists(Path.Combine(folder, t.Link.Target.Split('#')[0])))
            .Select(t => (t.Line, $"The link '{t.Link.Target}' leads to no file."));
    }
}
