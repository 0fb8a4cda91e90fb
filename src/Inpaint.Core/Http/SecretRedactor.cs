using System.Buffers.Text;
using System.Net;
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

    private static ReadOnlySpan<byte> MarkBytes => "***"u8;

    // Anything shorter is no key, and would tear holes into ordinary words.
    private const int ShortestSecret = 4;

    // In an answer that is still to be parsed, a hole does more harm than in a message: a placeholder of a key, such as "none" or "true", must not make one.
    private const int ShortestEcho = 8;

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

    /// <summary>Takes the provider's own key out of a text that is yet to be read for what it means: a header, the data of an event.</summary>
    /// <param name="text">The text as the service sent it.</param>
    /// <returns>The text without the key.</returns>
    public string RedactEcho(string text)
    {
        ReadOnlyMemory<byte> sent = Encoding.UTF8.GetBytes(text);
        ReadOnlyMemory<byte> kept = RedactEcho(sent);
        return kept.Equals(sent) ? text : Encoding.UTF8.GetString(kept.Span);
    }

    /// <summary>
    /// Takes the provider's own key out of an answer that is yet to be parsed, so that a service that echoes it does not put it into the job, the result, the
    /// journal or a file's name. JSON may spell any letter by its number; then the text is searched with those letters written out.
    /// </summary>
    /// <param name="utf8">The answer as the service sent it.</param>
    /// <returns>The answer without the key; the same memory when it is not there.</returns>
    public ReadOnlyMemory<byte> RedactEcho(ReadOnlyMemory<byte> utf8)
    {
        if (key is null || utf8.Length < ShortestEcho)
        {
            return utf8;
        }

        byte[][] spellings = [.. Spellings(SecretText.Reveal(key)).Where(spelling => spelling.Length >= ShortestEcho).Select(Encoding.UTF8.GetBytes)];
        if (spellings.Length == 0)
        {
            return utf8;
        }

        ReadOnlyMemory<byte> kept = Remove(utf8, spellings);
        if (kept.Span.IndexOf("\\u00"u8) < 0)
        {
            return kept;
        }

        ReadOnlyMemory<byte> plain = WriteOut(kept.Span);
        ReadOnlyMemory<byte> found = Remove(plain, spellings);
        return found.Equals(plain) ? kept : found;
    }

    private static ReadOnlyMemory<byte> Remove(ReadOnlyMemory<byte> text, byte[][] spellings)
    {
        foreach (byte[] spelling in spellings)
        {
            if (text.Span.IndexOf(spelling) < 0)
            {
                continue;
            }

            MemoryStream kept = new(text.Length);
            ReadOnlySpan<byte> rest = text.Span;
            for (int at = rest.IndexOf(spelling); at >= 0; at = rest.IndexOf(spelling))
            {
                kept.Write(rest[..at]);
                kept.Write(MarkBytes);
                rest = rest[(at + spelling.Length)..];
            }

            kept.Write(rest);
            text = kept.GetBuffer().AsMemory(0, (int)kept.Length);
        }

        // An answer that breaks off may end within the key.
        int half = spellings.Max(spelling => LengthOfHalf(text.Span, spelling));
        return half == 0 ? text : (byte[])[.. text.Span[..^half], .. MarkBytes];
    }

    private static int LengthOfHalf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> spelling)
    {
        int length = Math.Min(spelling.Length - 1, text.Length);
        while (length >= ShortestEcho && !text.EndsWith(spelling[..length]))
        {
            length--;
        }

        return length < ShortestEcho ? 0 : length;
    }

    /// <summary>Writes the printable ASCII letters that JSON gives by number in the shortest form that it has for them.</summary>
    private static byte[] WriteOut(ReadOnlySpan<byte> json)
    {
        byte[] plain = new byte[json.Length];
        int length = 0;
        for (int i = 0; i < json.Length; i++)
        {
            plain[length++] = json[i];
            if (json[i] != '\\' || i + 1 == json.Length)
            {
                continue;
            }

            if (json[i + 1] == 'u' && i + 5 < json.Length
                && Utf8Parser.TryParse(json.Slice(i + 2, 4), out ushort letter, out int used, 'x') && used == 4 && letter is > ' ' and <= '~')
            {
                length -= letter is '"' or '\\' ? 0 : 1;
                plain[length++] = (byte)letter;
                i += 5;
            }
            else
            {
                plain[length++] = json[++i];
            }
        }

        return plain[..length];
    }

    private static IEnumerable<string> Spellings(string secret)
    {
        // A key of the form id:secret is as good as lost when its second half is known.
        int colon = secret.IndexOf(':', StringComparison.Ordinal);
        string[] parts = colon < 0 ? [secret] : [secret, secret[(colon + 1)..]];
        return parts
            .SelectMany(part =>
            {
                byte[] utf8 = Encoding.UTF8.GetBytes(part);
                string base64 = Convert.ToBase64String(utf8);
                string json = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(part);
                return new[]
                {
                    part,
                    Uri.EscapeDataString(part),
                    PercentByte().Replace(Uri.EscapeDataString(part), match => match.Value.ToLowerInvariant()),
                    JavaScriptEncoder.Default.Encode(part),
                    json,
                    json.Replace("/", "\\/", StringComparison.Ordinal),
                    HtmlEncoder.Default.Encode(part),
                    WebUtility.HtmlEncode(part),
                    base64,
                    base64.TrimEnd('='),
                    Base64Url.EncodeToString(utf8),
                };
            })
            .Where(spelling => spelling.Length >= ShortestSecret)
            .Distinct(StringComparer.Ordinal)
            .OrderByDescending(spelling => spelling.Length);
    }

    [GeneratedRegex("%[0-9A-F]{2}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex PercentByte();

    [GeneratedRegex(@"\b(Key|Bearer|Basic|Token)\s+[A-Za-z0-9._~+/:=-]{16,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AuthorizationValue();

    [GeneratedRegex("""((?:"|\\")(?:api[_-]?)?(?:key|token|secret|authorization)(?:"|\\")\s*:\s*(?:"|\\"))[^"\\]+""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex KeyMember();
}
