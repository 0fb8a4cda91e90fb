using System.Text.RegularExpressions;

namespace Inpaint.Help.Markdown;

/// <summary>A link of a page.</summary>
/// <param name="Text">What is shown.</param>
/// <param name="Target">Where it leads.</param>
internal sealed record Link(string Text, string Target)
{
    /// <summary>Whether it leads to the web; others lead to files beside the page.</summary>
    public bool IsWeb => Target.StartsWith("https://", StringComparison.Ordinal) || Target.StartsWith("http://", StringComparison.Ordinal);
}

/// <summary>What Markdown marks within a line.</summary>
internal static partial class Inline
{
    /// <summary>Takes the marks away.</summary>
    /// <param name="markdown">The text with marks.</param>
    /// <returns>The text as the console shows it; an address of the web follows its link's text.</returns>
    public static string ToPlain(string markdown)
    {
        // Every other piece stands between backticks, and nothing in there is a mark.
        string[] pieces = markdown.Split('`');
        for (int i = 0; i < pieces.Length; i += 2)
        {
            pieces[i] = Escape().Replace(Emphasis().Replace(pieces[i], "${text}"), "${mark}");
        }

        return LinkMark().Replace(string.Concat(pieces), m => ReadLink(m) is { IsWeb: true } link && link.Text != link.Target ? $"{link.Text} ({link.Target})" : m.Groups["text"].Value);
    }

    /// <summary>Finds the links.</summary>
    /// <param name="markdown">The text with marks.</param>
    /// <returns>The links in order.</returns>
    public static IEnumerable<Link> LinksIn(string markdown) => LinkMark().Matches(markdown).Select(ReadLink);

    [GeneratedRegex(@"\*{1,2}(?<text>[^*\s](?:[^*]*[^*\s])?)\*{1,2}", RegexOptions.ExplicitCapture)]
    private static partial Regex Emphasis();

    [GeneratedRegex(@"\\(?<mark>[\\*_<>\[\]#|])", RegexOptions.ExplicitCapture)]
    private static partial Regex Escape();

    [GeneratedRegex(@"\[(?<text>[^\]]+)\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex LinkMark();

    private static Link ReadLink(Match match) => new(match.Groups["text"].Value.Replace("`", "", StringComparison.Ordinal), match.Groups["target"].Value);
}
