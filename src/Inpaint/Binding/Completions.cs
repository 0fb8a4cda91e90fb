using System.Management.Automation;

namespace Inpaint.Binding;

/// <summary>Makes completion lists.</summary>
internal static class Completions
{
    /// <summary>Makes the list for what has been typed so far.</summary>
    /// <param name="typed">What has been typed, perhaps with an opening quote.</param>
    /// <param name="candidates">Values, with what is said about each.</param>
    /// <returns>Those that begin with what was typed; those that merely contain it when none begins so.</returns>
    public static IEnumerable<CompletionResult> For(string? typed, IEnumerable<(string Value, string ToolTip)> candidates)
    {
        string word = (typed ?? "").Trim('\'', '"');
        List<(string Value, string ToolTip)> all = [.. candidates];
        List<(string Value, string ToolTip)> matches = [.. all.Where(c => c.Value.StartsWith(word, StringComparison.OrdinalIgnoreCase))];
        if (matches.Count == 0)
        {
            matches = [.. all.Where(c => c.Value.Contains(word, StringComparison.OrdinalIgnoreCase))];
        }

        return matches.Select(m => new CompletionResult(Quote(m.Value), m.Value, CompletionResultType.ParameterValue, m.ToolTip.Length == 0 ? m.Value : m.ToolTip));
    }

    private static string Quote(string value) =>
        value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '+' or ':') ? value : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
