using System.Security;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;

namespace Inpaint.Http;

/// <summary>
/// Takes keys out of text that may leave the engine (messages, excerpts of answers): the provider's own key in each of its spellings, and whatever
/// looks like somebody's key. The key is opened for each text and not kept.
/// </summary>
internal sealed partial class SecretRedactor(SecureString? key)
{
    /// <summary>What stands where a key was.</summary>
    public const string Mark = "***";

    // Anything shorter is no key, and would tear holes into ordinary words.
    private const int ShortestSecret = 4;

    /// <summary>Takes the keys out.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text without them.</returns>
    public string Redact(string text)
    {
        if (text.Length == 0)
        {
            return text;
        }

        if (key is not null)
        {
            foreach (string spelling in Spellings(SecretText.Reveal(key)))
            {
                text = text.Replace(spelling, Mark, StringComparison.OrdinalIgnoreCase);
            }
        }

        text = AuthorizationValue().Replace(text, "$1 " + Mark);
        return KeyMember().Replace(text, "$1" + Mark);
    }

    private static IEnumerable<string> Spellings(string secret)
    {
        // A key of the form id:secret is as good as lost when its second half is known.
        int colon = secret.IndexOf(':', StringComparison.Ordinal);
        string[] parts = colon < 0 ? [secret] : [secret, secret[(colon + 1)..]];
        return parts
            .SelectMany(part => new[]
            {
                part,
                Uri.EscapeDataString(part),
                JavaScriptEncoder.Default.Encode(part),
                JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(part),
                Convert.ToBase64String(Encoding.UTF8.GetBytes(part)),
                Convert.ToBase64String(Encoding.UTF8.GetBytes(part)).TrimEnd('='),
                Convert.ToBase64String(Encoding.UTF8.GetBytes(part)).TrimEnd('=').Replace('+', '-').Replace('/', '_'),
            })
            .Where(spelling => spelling.Length >= ShortestSecret)
            .Distinct(StringComparer.Ordinal)
            .OrderByDescending(spelling => spelling.Length);
    }

    [GeneratedRegex(@"\b(Key|Bearer|Basic|Token)\s+[A-Za-z0-9._~+/:=-]{16,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AuthorizationValue();

    [GeneratedRegex("""((?:"|\\")(?:api[_-]?)?(?:key|token|secret|authorization)(?:"|\\")\s*:\s*(?:"|\\"))[^"\\]+""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex KeyMember();
}
