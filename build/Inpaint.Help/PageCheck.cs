using System.Globalization;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Inpaint.Help;

/// <summary>Checks a page against its command, so that help cannot drift from what it describes.</summary>
internal static class PageCheck
{
    /// <summary>Finds what the page says and is not true of the command.</summary>
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
        return blocks.SelectMany(b => b.Descendants<LinkInline>())
            .Where(link => !MarkdownPage.IsWeb(link) && !File.Exists(Path.Combine(folder, link.Url!.Split('#')[0])))
            .Select(link => (link.Line + 1, $"The link '{link.Url}' leads to no file."));
    }
}
