using System.Text.RegularExpressions;

namespace Inpaint;

/// <summary>Makes addresses fit for messages and logs. What follows the question mark is often a signature, with which anybody who reads it can fetch the picture.</summary>
public static partial class AddressText
{
    /// <summary>Cuts the queries and fragments off all addresses in a text.</summary>
    /// <param name="text">The text, or an address by itself.</param>
    /// <returns>The text with an ellipsis in place of each.</returns>
    public static string WithoutQueries(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains("://", StringComparison.Ordinal) ? Query().Replace(text, "$1?…") : text;
    }

    // What ends a sentence or a quotation around the address stays.
    [GeneratedRegex("""([A-Za-z][A-Za-z0-9+.-]*://[^\s?#"'<>]+)[?#][^\s"'<>]*?(?=[.,;:!)\]}]*(?:[\s"'<>]|$))""", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Query();
}
