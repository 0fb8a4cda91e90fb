using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Inpaint.Help;

/// <summary>Something is wrong with a page.</summary>
/// <param name="line">The line, from 1.</param>
/// <param name="message">What is wrong and how to put it right.</param>
internal sealed class PageException(int line, string message) : Exception(message)
{
    /// <summary>The line, from 1.</summary>
    public int Line { get; } = line;
}

/// <summary>Reads the Markdown of a page, and refuses what the console could not show instead of letting it be shown wrong.</summary>
internal static class MarkdownPage
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UseYamlFrontMatter().UsePipeTables().Build();

    /// <summary>Reads a page.</summary>
    /// <returns>Its blocks in order, without the front matter: headings, paragraphs, flat lists, fenced code and tables.</returns>
    /// <exception cref="PageException">The page contains something else, a fence that is not closed, or a row that does not fit its table.</exception>
    public static IReadOnlyList<Block> Read(string text)
    {
        Block[] blocks = [.. Markdown.Parse(text, Pipeline).Where(b => b is not (YamlFrontMatterBlock or LinkReferenceDefinitionGroup))];
        foreach (Block block in blocks)
        {
            Check(block);
        }

        return blocks;
    }

    /// <summary>The line that a block begins on, from 1.</summary>
    public static int LineOf(Block block) => block.Line + 1;

    /// <summary>Whether a link leads to the web; others lead to files beside the page.</summary>
    public static bool IsWeb(LinkInline link) => link.Url!.StartsWith("https://", StringComparison.Ordinal) || link.Url.StartsWith("http://", StringComparison.Ordinal);

    private static void Check(Block block)
    {
        switch (block)
        {
            case HeadingBlock or ParagraphBlock:
                break;
            case FencedCodeBlock { ClosingFencedCharCount: 0 }:
                throw new PageException(LineOf(block), "The fence is not closed: a line of ``` is missing.");
            case FencedCodeBlock:
                break;
            case ListBlock list:
                if (list.Cast<ListItemBlock>().FirstOrDefault(item => item is not [ParagraphBlock]) is { } item)
                {
                    throw new PageException(LineOf(item), "The console cannot show a list within a list, nor several paragraphs in an item. Write one flat list.");
                }

                break;
            case Table table:
                if (table.Cast<TableRow>().FirstOrDefault(row => row.Count != ((TableRow)table[0]).Count) is { } row)
                {
                    throw new PageException(LineOf(row), $"The row has {row.Count} cells, the table's heading {((TableRow)table[0]).Count}.");
                }

                break;
            default:
                throw new PageException(LineOf(block), $"The console cannot show a {block.GetType().Name}. Use headings, paragraphs, flat lists, fenced code and tables.");
        }

        if (block.Descendants<HtmlInline>().FirstOrDefault() is { } html)
        {
            throw new PageException(html.Line + 1, $"The console cannot show HTML: write \\{html.Tag} or `{html.Tag}`.");
        }
    }
}
