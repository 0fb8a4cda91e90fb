using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Inpaint.Help;

/// <summary>What stands below a heading.</summary>
/// <param name="Line">The heading's line, from 1.</param>
/// <param name="Title">The heading.</param>
/// <param name="Body">What stands below it.</param>
internal sealed record Entry(int Line, string Title, IReadOnlyList<Block> Body);

/// <summary>The help page of one command: the sections in their fixed order, each with what it must hold.</summary>
internal sealed class HelpPage
{
    private static readonly string[] Sections = ["SYNOPSIS", "DESCRIPTION", "EXAMPLES", "PARAMETERS", "INPUTS", "OUTPUTS", "NOTES", "RELATED LINKS"];

    /// <summary>Reads a page.</summary>
    /// <param name="blocks">The page.</param>
    /// <param name="name">The command's name, which is the file's.</param>
    /// <exception cref="PageException">A section is missing, out of place, or does not hold what it must.</exception>
    public HelpPage(IReadOnlyList<Block> blocks, string name)
    {
        if (blocks is not [HeadingBlock { Level: 1 } title, ..] || PlainText.Of(title) != name)
        {
            throw new PageException(1, $"The page must begin with '# {name}', the name of its file.");
        }

        Dictionary<string, Entry> sections = Split(blocks);
        Synopsis = sections["SYNOPSIS"] is { Body: [ParagraphBlock synopsis] } ? PlainText.Of(synopsis) : throw new PageException(sections["SYNOPSIS"].Line, "The synopsis must be one paragraph.");
        Description = sections["DESCRIPTION"].Body;
        Examples = EntriesOf(sections["EXAMPLES"], CheckExample);
        Parameters = [.. EntriesOf(sections["PARAMETERS"], CheckParameter).Select(p => p with { Title = p.Title[1..] })];
        Inputs = EntriesOf(sections["INPUTS"], CheckText);
        Outputs = EntriesOf(sections["OUTPUTS"], CheckText);
        Notes = sections["NOTES"].Body;
        Links = LinksOf(sections["RELATED LINKS"]);
    }

    /// <summary>One sentence.</summary>
    public string Synopsis { get; }

    /// <summary>What it does and why.</summary>
    public IReadOnlyList<Block> Description { get; }

    /// <summary>The examples.</summary>
    public IReadOnlyList<Entry> Examples { get; }

    /// <summary>The parameters, by name without dash.</summary>
    public IReadOnlyList<Entry> Parameters { get; }

    /// <summary>What can be piped in, by type.</summary>
    public IReadOnlyList<Entry> Inputs { get; }

    /// <summary>What comes out, by type.</summary>
    public IReadOnlyList<Entry> Outputs { get; }

    /// <summary>What else is worth knowing.</summary>
    public IReadOnlyList<Block> Notes { get; }

    /// <summary>Where to read on.</summary>
    public IReadOnlyList<LinkInline> Links { get; }

    private static Dictionary<string, Entry> Split(IReadOnlyList<Block> blocks)
    {
        Dictionary<string, Entry> sections = new(StringComparer.Ordinal);
        List<Block> body = [];
        foreach (Block block in blocks.Skip(1))
        {
            int line = MarkdownPage.LineOf(block);
            if (block is HeadingBlock { Level: 1 or 2 } heading)
            {
                string expected = sections.Count < Sections.Length ? Sections[sections.Count] : "nothing more";
                if (heading.Level == 1 || PlainText.Of(heading) != expected)
                {
                    throw new PageException(line, $"'{PlainText.Of(heading)}' stands where '## {expected}' must. The sections are {string.Join(", ", Sections)}.");
                }

                body = [];
                sections.Add(expected, new Entry(line, expected, body));
            }
            else if (sections.Count == 0)
            {
                throw new PageException(line, $"'## {Sections[0]}' must come before any text.");
            }
            else
            {
                body.Add(block);
            }
        }

        if (sections.Count < Sections.Length)
        {
            throw new PageException(MarkdownPage.LineOf(blocks[^1]), $"The section '## {Sections[sections.Count]}' is missing.");
        }

        Entry? empty = sections.Values.FirstOrDefault(s => s.Body.Count == 0);
        return empty is null ? sections : throw new PageException(empty.Line, $"The section '## {empty.Title}' is empty.");
    }

    private static List<Entry> EntriesOf(Entry section, Action<Entry> check)
    {
        List<Entry> entries = [];
        List<Block> body = [];
        foreach (Block block in section.Body)
        {
            int line = MarkdownPage.LineOf(block);
            if (block is HeadingBlock heading)
            {
                if (heading.Level != 3)
                {
                    throw new PageException(line, $"'{PlainText.Of(heading)}' must be a heading of the third level.");
                }

                body = [];
                entries.Add(new Entry(line, PlainText.Of(heading), body));
            }
            else if (entries.Count == 0)
            {
                throw new PageException(line, $"Text of '## {section.Title}' must stand below a heading of the third level.");
            }
            else
            {
                body.Add(block);
            }
        }

        Entry? second = entries.GroupBy(e => e.Title, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1)?.Last();
        if (second is not null)
        {
            throw new PageException(second.Line, $"'{second.Title}' is there twice.");
        }

        entries.ForEach(check);
        return entries;
    }

    private static void CheckExample(Entry entry)
    {
        if (!entry.Title.StartsWith("Example ", StringComparison.Ordinal) || !entry.Title.Contains(": ", StringComparison.Ordinal))
        {
            throw new PageException(entry.Line, $"'{entry.Title}' must be of the form 'Example 1: what it does'.");
        }

        if (!entry.Body.OfType<FencedCodeBlock>().Any() || !entry.Body.OfType<ParagraphBlock>().Any())
        {
            throw new PageException(entry.Line, $"'{entry.Title}' needs a fenced command and a paragraph about it.");
        }
    }

    private static void CheckParameter(Entry entry)
    {
        if (!entry.Title.StartsWith('-') || entry.Title.Contains(' ', StringComparison.Ordinal))
        {
            throw new PageException(entry.Line, $"'{entry.Title}' must be a parameter's name with its dash, such as '### -Path'.");
        }

        CheckText(entry);
    }

    private static void CheckText(Entry entry)
    {
        if (!entry.Body.OfType<ParagraphBlock>().Any())
        {
            throw new PageException(entry.Line, $"'{entry.Title}' says nothing: a paragraph is missing below it.");
        }
    }

    private static LinkInline[] LinksOf(Entry section)
    {
        if (section.Body is not [ListBlock list])
        {
            throw new PageException(section.Line, "The related links must be one list, a link in each item.");
        }

        return
        [
            .. list.Select(item => item.Descendants<LinkInline>().ToArray() is [LinkInline only]
                ? only
                : throw new PageException(MarkdownPage.LineOf(item), "An item of the related links must be one link.")),
        ];
    }
}
