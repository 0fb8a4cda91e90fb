using Inpaint.Help.Markdown;

namespace Inpaint.Help.Pages;

/// <summary>Reads a command's page: the sections in their fixed order, each with what it must hold.</summary>
internal static class HelpPageReader
{
    private static readonly string[] Sections = ["SYNOPSIS", "DESCRIPTION", "EXAMPLES", "PARAMETERS", "INPUTS", "OUTPUTS", "NOTES", "RELATED LINKS"];

    /// <summary>Reads a page.</summary>
    /// <param name="blocks">The page.</param>
    /// <param name="name">The command's name, which is the file's.</param>
    /// <returns>The page.</returns>
    /// <exception cref="PageException">A section is missing, out of place, or does not hold what it must.</exception>
    public static HelpPage Read(IReadOnlyList<Block> blocks, string name)
    {
        if (blocks.Count == 0 || blocks[0] is not Heading { Level: 1 } title || title.Text != name)
        {
            throw new PageException(blocks.Count == 0 ? 1 : blocks[0].Line, $"The page must begin with '# {name}', the name of its file.");
        }

        Dictionary<string, Entry> sections = Split(blocks);
        return new HelpPage
        {
            Name = name,
            Synopsis = SynopsisOf(sections["SYNOPSIS"]),
            Description = sections["DESCRIPTION"].Body,
            Examples = EntriesOf(sections["EXAMPLES"], CheckExample),
            Parameters = EntriesOf(sections["PARAMETERS"], CheckParameter).Select(p => p with { Title = p.Title[1..] }).ToArray(),
            Inputs = EntriesOf(sections["INPUTS"], CheckText),
            Outputs = EntriesOf(sections["OUTPUTS"], CheckText),
            Notes = sections["NOTES"].Body,
            Links = LinksOf(sections["RELATED LINKS"]),
        };
    }

    private static Dictionary<string, Entry> Split(IReadOnlyList<Block> blocks)
    {
        Dictionary<string, Entry> sections = new(StringComparer.Ordinal);
        List<Block> body = [];
        foreach (Block block in blocks.Skip(1))
        {
            if (block is Heading { Level: 1 or 2 } heading)
            {
                string expected = sections.Count < Sections.Length ? Sections[sections.Count] : "nothing more";
                if (heading.Level == 1 || heading.Text != expected)
                {
                    throw new PageException(heading.Line, $"'{heading.Text}' stands where '## {expected}' must. The sections are {string.Join(", ", Sections)}.");
                }

                body = [];
                sections.Add(expected, new Entry(heading.Line, expected, body));
            }
            else if (sections.Count == 0)
            {
                throw new PageException(block.Line, $"'## {Sections[0]}' must come before any text.");
            }
            else
            {
                body.Add(block);
            }
        }

        int end = blocks[^1].Line;
        if (sections.Count < Sections.Length)
        {
            throw new PageException(end, $"The section '## {Sections[sections.Count]}' is missing.");
        }

        Entry? empty = sections.Values.FirstOrDefault(s => s.Body.Count == 0);
        return empty is null ? sections : throw new PageException(empty.Line, $"The section '## {empty.Title}' is empty.");
    }

    private static string SynopsisOf(Entry section) =>
        section.Body is [Paragraph paragraph] ? Inline.ToPlain(paragraph.Text) : throw new PageException(section.Line, "The synopsis must be one paragraph.");

    private static List<Entry> EntriesOf(Entry section, Action<Entry> check)
    {
        List<Entry> entries = [];
        List<Block> body = [];
        foreach (Block block in section.Body)
        {
            if (block is Heading heading)
            {
                if (heading.Level != 3)
                {
                    throw new PageException(heading.Line, $"'{heading.Text}' must be a heading of the third level.");
                }

                body = [];
                entries.Add(new Entry(heading.Line, heading.Text, body));
            }
            else if (entries.Count == 0)
            {
                throw new PageException(block.Line, $"Text of '## {section.Title}' must stand below a heading of the third level.");
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

        if (!entry.Body.OfType<CodeBlock>().Any() || !entry.Body.OfType<Paragraph>().Any())
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
        if (!entry.Body.OfType<Paragraph>().Any())
        {
            throw new PageException(entry.Line, $"'{entry.Title}' says nothing: a paragraph is missing below it.");
        }
    }

    private static Link[] LinksOf(Entry section)
    {
        if (section.Body is not [ItemList list])
        {
            throw new PageException(section.Line, "The related links must be one list, a link in each item.");
        }

        return list.Items
            .Select(item => Inline.LinksIn(item.Text).ToArray() is [Link only] ? only : throw new PageException(item.Line, $"'{item.Text}' must be one link."))
            .ToArray();
    }
}
