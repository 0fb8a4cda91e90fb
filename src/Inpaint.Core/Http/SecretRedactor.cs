using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Runtime.InteropServices;
using System.Security;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;

namespace Inpaint.Http;

/// <summary>
/// Removes keys from text that may leave the engine (messages, excerpts of responses): the provider's own key in each of its encodings, and whatever
/// looks like another key. The key is decrypted for each text and not kept.
/// </summary>
internal sealed partial class SecretRedactor(SecureString? key)
{
    /// <summary>Replaces a key.</summary>
    public const string Mark = "***";

    private static ReadOnlySpan<byte> MarkBytes => "***"u8;

    private static readonly SearchValues<char> Unreserved = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    // Anything shorter is no key, and would match ordinary words.
    private const int MinSecretLength = 4;

    // In a response that is still to be parsed, a replacement does more harm than in a message: a placeholder for a key, such as "none" or "true", must not be replaced.
    private const int MinEchoLength = 8;

    /// <summary>Removes all keys from a message.</summary>
    public string Redact(string text)
    {
        if (text.Length == 0)
        {
            return text;
        }

        if (key is not null)
        {
            foreach (string encoding in Encodings(SecretText.Reveal(key)))
            {
                text = text.Replace(encoding, Mark, StringComparison.OrdinalIgnoreCase);
            }
        }

        text = AuthorizationValue().Replace(text, "$1 " + Mark);
        return KeyMember().Replace(text, "$1" + Mark);
    }

    /// <summary>Removes the provider's own key from a text that is still to be interpreted, such as a header.</summary>
    public string RedactEcho(string text) => Echo().Redact(text);

    /// <summary>
    /// Removes the provider's own key from a response that is still to be parsed, so that a service that echoes it does not put it into the job, the result, the
    /// journal or a file's name. JSON may escape any character; then the text is searched with those escapes resolved. Returns the same memory when there is no key in it.
    /// </summary>
    public ReadOnlyMemory<byte> RedactEcho(ReadOnlyMemory<byte> utf8) => Echo().Redact(utf8);

    /// <summary>Decrypts the key for all parts of one response, which are redacted together. Not to be kept.</summary>
    public KeyEcho Echo()
    {
        List<byte[]> encodings = [];
        foreach (string encoding in key is null ? [] : Encodings(SecretText.Reveal(key)))
        {
            if (encoding.Length >= MinEchoLength)
            {
                encodings.Add(Encoding.UTF8.GetBytes(encoding));
            }
        }

        return new KeyEcho(encodings);
    }

    /// <summary>The key in each of its encodings, to be removed from the parts of a response.</summary>
    internal sealed class KeyEcho(List<byte[]> encodings)
    {
        /// <summary>Removes the key from a header.</summary>
        public string Redact(string text)
        {
            if (encodings.Count == 0 || text.Length < MinEchoLength)
            {
                return text;
            }

            ReadOnlyMemory<byte> sent = Encoding.UTF8.GetBytes(text);
            ReadOnlyMemory<byte> kept = Redact(sent);
            return kept.Equals(sent) ? text : Encoding.UTF8.GetString(kept.Span);
        }

        /// <summary>Removes the key from a body or event.</summary>
        public ReadOnlyMemory<byte> Redact(ReadOnlyMemory<byte> utf8)
        {
            if (encodings.Count == 0 || utf8.Length < MinEchoLength)
            {
                return utf8;
            }

            ReadOnlyMemory<byte> kept = Remove(utf8, encodings);
            if (kept.Span.IndexOf("\\u00"u8) < 0)
            {
                return kept;
            }

            ReadOnlyMemory<byte> plain = ResolveEscapes(kept.Span);
            ReadOnlyMemory<byte> found = Remove(plain, encodings);
            return found.Equals(plain) ? kept : found;
        }
    }

    private static ReadOnlyMemory<byte> Remove(ReadOnlyMemory<byte> text, List<byte[]> encodings)
    {
        foreach (byte[] encoding in encodings)
        {
            if (text.Span.IndexOf(encoding) < 0)
            {
                continue;
            }

            MemoryStream kept = new(text.Length);
            ReadOnlySpan<byte> rest = text.Span;
            for (int at = rest.IndexOf(encoding); at >= 0; at = rest.IndexOf(encoding))
            {
                kept.Write(rest[..at]);
                kept.Write(MarkBytes);
                rest = rest[(at + encoding.Length)..];
            }

            kept.Write(rest);
            text = kept.GetBuffer().AsMemory(0, (int)kept.Length);
        }

        // A response that breaks off may end within the key.
        int partial = 0;
        foreach (byte[] encoding in encodings)
        {
            partial = Math.Max(partial, LengthOfPartialKey(text.Span, encoding));
        }

        return partial == 0 ? text : (byte[])[.. text.Span[..^partial], .. MarkBytes];
    }

    private static int LengthOfPartialKey(ReadOnlySpan<byte> text, ReadOnlySpan<byte> encoding)
    {
        int length = Math.Min(encoding.Length - 1, text.Length);
        while (length >= MinEchoLength && !text.EndsWith(encoding[..length]))
        {
            length--;
        }

        return length < MinEchoLength ? 0 : length;
    }

    /// <summary>Resolves the numeric JSON escapes of printable ASCII characters.</summary>
    private static byte[] ResolveEscapes(ReadOnlySpan<byte> json)
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
                && Utf8Parser.TryParse(json.Slice(i + 2, 4), out ushort character, out int used, 'x') && used == 4 && character is > ' ' and <= '~')
            {
                length -= character is '"' or '\\' ? 0 : 1;
                plain[length++] = (byte)character;
                i += 5;
            }
            else
            {
                plain[length++] = json[++i];
            }
        }

        return plain[..length];
    }

    /// <summary>The encodings of a secret, the longest first.</summary>
    private static List<string> Encodings(string secret)
    {
        // A key of the form id:secret is compromised when its second half is known.
        int colon = secret.IndexOf(':', StringComparison.Ordinal);
        string[] parts = colon < 0 ? [secret] : [secret, secret[(colon + 1)..]];
        List<string> encodings = [];
        foreach (string part in parts)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(part);
            string base64 = Convert.ToBase64String(utf8);
            Add(part);
            Add(base64);
            Add(base64.TrimEnd('='));
            Add(base64.TrimEnd('=').Replace('+', '-').Replace('/', '_'));

            // The other encodings leave these characters as they are.
            if (part.AsSpan().ContainsAnyExcept(Unreserved))
            {
                string json = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(part);
                Add(Uri.EscapeDataString(part));
                Add(WithLowerEscapes(Uri.EscapeDataString(part)));
                Add(JavaScriptEncoder.Default.Encode(part));
                Add(json);
                Add(json.Replace("/", "\\/", StringComparison.Ordinal));
                Add(HtmlEncoder.Default.Encode(part));
                Add(WebUtility.HtmlEncode(part));
            }
        }

        encodings.Sort(static (one, other) => other.Length - one.Length);
        return encodings;

        void Add(string encoding)
        {
            if (encoding.Length >= MinSecretLength && !encodings.Contains(encoding))
            {
                encodings.Add(encoding);
            }
        }
    }

    /// <summary>Spells the percent escapes of a URL with lower-case digits.</summary>
    private static string WithLowerEscapes(string text) => string.Create(text.Length, text, static (target, from) =>
    {
        for (int i = 0; i < from.Length; i++)
        {
            bool isDigitOfEscape = (i >= 1 && from[i - 1] == '%') || (i >= 2 && from[i - 2] == '%');
            target[i] = isDigitOfEscape ? char.ToLowerInvariant(from[i]) : from[i];
        }
    });

    [GeneratedRegex(@"\b(Key|Bearer|Basic|Token)\s+[A-Za-z0-9._~+/:=-]{16,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AuthorizationValue();

    [GeneratedRegex("""((?:"|\\")(?:api[_-]?)?(?:key|token|secret|authorization)(?:"|\\")\s*:\s*(?:"|\\"))[^"\\]+""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex KeyMember();
}

/// <summary>Reads a key for the moment in which it is written into a header or body.</summary>
internal static class SecretText
{
    /// <summary>The key's text without surrounding white space, which files and pastes leave behind. Not to be kept.</summary>
    public static string Reveal(SecureString secret)
    {
        nint copy = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            return Marshal.PtrToStringUni(copy)!.Trim();
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(copy);
        }
    }
}
