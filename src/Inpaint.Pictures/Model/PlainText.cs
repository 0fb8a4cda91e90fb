using System.Text;
using System.Text.RegularExpressions;

namespace Inpaint;

/// <summary>Makes text from a service safe for a message: one line, bounded, without escape sequences, which would control the reader's terminal, and without the signatures of URLs.</summary>
public static partial class PlainText
{
    /// <summary>Cleans a text; what exceeds the maximum length is cut off and marked with an ellipsis.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maximumLength">The maximum length of the result, in characters.</param>
    /// <returns>The text on one line.</returns>
    public static string Clean(string text, int maximumLength = 4096)
    {
        ArgumentNullException.ThrowIfNull(text);
        string visible = WithoutUrlQueries(text.AsSpan().ContainsAny('\x1B', '\x9B') ? EscapeSequence().Replace(text, "") : text);
        StringBuilder line = new(Math.Min(visible.Length, maximumLength));
        foreach (char c in visible)
        {
            if (line.Length == maximumLength)
            {
                return line.Append('…').ToString();
            }

            if (!char.IsWhiteSpace(c) && !char.IsControl(c))
            {
                line.Append(c);
            }
            else if (line.Length > 0 && line[^1] != ' ')
            {
                line.Append(' ');
            }
        }

        return line.ToString().TrimEnd();
    }

    /// <summary>Removes the queries and fragments of all URLs in a text: they are often signatures, with which anybody who reads them can fetch the picture.</summary>
    /// <param name="text">The text, or a URL by itself.</param>
    /// <returns>The text with an ellipsis in place of each.</returns>
    public static string WithoutUrlQueries(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains("://", StringComparison.Ordinal) ? UrlQuery().Replace(text, "$1?…") : text;
    }

    // Punctuation and quotation marks after the URL stay.
    [GeneratedRegex("""([A-Za-z][A-Za-z0-9+.-]*://[^\s?#"'<>]+)[?#][^\s"'<>]*?(?=[.,;:!)\]}]*(?:[\s"'<>]|$))""", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UrlQuery();

    // Control sequences (colours, cursor) and operating system commands (titles, links), ECMA-48.
    [GeneratedRegex(@"(?:\x1B\[|\x9B)[0-?]*[ -/]*[@-~]|\x1B\][^\x07\x1B]*(?:\x07|\x1B\\)?", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex EscapeSequence();
}
