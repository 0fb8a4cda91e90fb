using System.Globalization;
using Markdig.Syntax;

namespace Inpaint.Help;

/// <summary>The facts about a parameter that a page may state in a yaml fence. All but the default value are checked against the command.</summary>
internal static class ParameterTable
{
    private const string DefaultValue = "Default value";

    /// <summary>The facts as the command declares them.</summary>
    /// <returns>What a page may state, in its usual order.</returns>
    public static IReadOnlyList<(string Key, string Value)> FactsOf(ParameterModel parameter)
    {
        ParameterRole role = Overall(parameter);
        return
        [
            ("Type", parameter.TypeName),
            ("Parameter Sets", string.Join(", ", parameter.Roles.Select(r => r.Set ?? "(All)"))),
            ("Aliases", string.Join(", ", parameter.Aliases)),
            ("Accepted values", string.Join(", ", parameter.Values)),
            ("Required", role.IsRequired.ToString()),
            ("Position", role.Position?.ToString(CultureInfo.InvariantCulture) ?? "Named"),
            ("Accept pipeline input", role.PipelineInput),
            ("Accept wildcard characters", parameter.TakesWildcards.ToString()),
        ];
    }

    /// <summary>What a parameter is, all its sets taken together.</summary>
    public static ParameterRole Overall(ParameterModel parameter) => new(
        Set: null,
        parameter.Roles.All(r => r.IsRequired),
        parameter.Roles.Select(r => r.Position).FirstOrDefault(p => p is not null),
        parameter.Roles.Any(r => r.ByValue),
        parameter.Roles.Any(r => r.ByPropertyName));

    /// <summary>The default value that a page states.</summary>
    /// <param name="entry">The parameter's part of the page.</param>
    /// <returns>The value; <c>None</c> when nothing is stated.</returns>
    public static string DefaultOf(Entry entry) => Stated(entry).FirstOrDefault(s => s.Key == DefaultValue).Value ?? "None";

    /// <summary>The prose about a parameter.</summary>
    /// <param name="entry">The parameter's part of the page.</param>
    /// <returns>Everything but the table.</returns>
    public static IEnumerable<Block> ProseOf(Entry entry) => entry.Body.Where(b => b is not FencedCodeBlock { Info: "yaml" });

    /// <summary>Finds what a page states wrongly.</summary>
    /// <param name="entry">The parameter's part of the page.</param>
    /// <param name="parameter">The parameter.</param>
    /// <returns>Line and message of each falsehood.</returns>
    public static IEnumerable<(int Line, string Message)> Falsehoods(Entry entry, ParameterModel parameter)
    {
        IReadOnlyList<(string Key, string Value)> facts = FactsOf(parameter);
        foreach ((int line, string key, string value) in Stated(entry))
        {
            if (key == DefaultValue)
            {
                continue;
            }

            string? truth = facts.FirstOrDefault(f => f.Key == key).Value;
            if (truth is null)
            {
                yield return (line, $"'{key}' is not a fact about a parameter. Known are {string.Join(", ", facts.Select(f => f.Key).Append(DefaultValue))}.");
            }
            else if (truth != value)
            {
                yield return (line, $"The page says '{key}: {value}' of -{parameter.Name}; it is '{key}: {truth}'.");
            }
        }
    }

    private static IEnumerable<(int Line, string Key, string Value)> Stated(Entry entry)
    {
        foreach (FencedCodeBlock table in entry.Body.OfType<FencedCodeBlock>().Where(c => c.Info == "yaml"))
        {
            int line = MarkdownPage.LineOf(table);
            foreach (string text in PlainText.CodeOf(table).Split('\n'))
            {
                line++;
                int colon = text.IndexOf(':', StringComparison.Ordinal);
                yield return colon < 0
                    ? throw new PageException(line, $"'{text}' must be of the form 'key: value'.")
                    : (line, text[..colon].Trim(), text[(colon + 1)..].Trim());
            }
        }
    }
}
