using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Inpaint.Imaging;

namespace Inpaint.Results;

/// <summary>
/// Makes file names from a template such as <c>{Source}-{Seed}-{Index}</c>. Whatever a server or a prompt contains, the result is a single file name that is valid on every system
/// and cannot leave its folder.
/// </summary>
internal static class FileNameTemplate
{
    /// <summary>The template used when none is given.</summary>
    public const string Default = "{Source}-inpaint";

    /// <summary>The longest name, in bytes of UTF-8 without extension: leaves room for numbers and extensions, a sidecar's too, within the 143 bytes that encrypted file systems allow.</summary>
    private const int MaxBytes = 112;

    /// <summary>Characters that are invalid in names on Windows; elsewhere only the slash is, but files are moved between systems.</summary>
    private const string Illegal = "<>:\"/\\|?*";

    /// <summary>Characters that are valid everywhere and have one form: the names of most files consist of them.</summary>
    private static readonly SearchValues<char> Harmless = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_. ()");

    private static readonly HashSet<string> Reserved = new(
        ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "COM¹", "COM²", "COM³", "LPT¹", "LPT²", "LPT³", .. Enumerable.Range(0, 10).SelectMany(n => new[] { $"COM{n}", $"LPT{n}" })],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Fills in a template.</summary>
    /// <param name="template">The template; null for <see cref="Default"/>.</param>
    /// <param name="now">The time for {Date}.</param>
    /// <returns>A name, which has an extension only where the template or a column has one.</returns>
    /// <exception cref="InpaintException">InvalidParameter: an unknown placeholder.</exception>
    public static string Fill(string? template, InpaintImage image, DateTimeOffset now)
    {
        string source = SourceOf(image.Origin);
        string name = Expand(template ?? Default, image, source, now);

        // A long source is shortened, so that what distinguishes the pictures stays.
        int excess = Encoding.UTF8.GetByteCount(ReplaceInvalid(name)) - MaxBytes;
        if (excess > 0)
        {
            string plain = ReplaceInvalid(source);
            name = Expand(template ?? Default, image, Shorten(plain, Math.Max(1, Encoding.UTF8.GetByteCount(plain) - excess)), now);
        }

        // A template of an empty cell: use the default.
        return string.IsNullOrWhiteSpace(name) && template?.Contains('{', StringComparison.Ordinal) == true ? Fill(template: null, image, now) : Clean(name);
    }

    /// <summary>Makes a valid file name of any text; <c>picture</c> when nothing is left.</summary>
    public static string Clean(string text)
    {
        string cleaned = Shorten(ReplaceInvalid(text).Trim(' ', '.'), MaxBytes).TrimEnd(' ', '.');
        if (cleaned.Length == 0)
        {
            return "picture";
        }

        int dot = cleaned.IndexOf('.');
        return Reserved.Contains((dot < 0 ? cleaned : cleaned[..dot]).TrimEnd()) ? "_" + cleaned : cleaned;
    }

    private static string Expand(string pattern, InpaintImage image, string source, DateTimeOffset now)
    {
        bool hasIndex = pattern.Contains("{Index}", StringComparison.OrdinalIgnoreCase);
        StringBuilder filled = new();
        int at = 0;
        for (int open = pattern.IndexOf('{'); open >= 0 && pattern.IndexOf('}', open) is >= 0 and int close; open = pattern.IndexOf('{', at))
        {
            string placeholder = pattern[(open + 1)..close];
            filled.Append(pattern, at, open - at).Append(string.Equals(placeholder, "Source", StringComparison.OrdinalIgnoreCase) ? source : ValueOf(placeholder, image, now));
            at = close + 1;
        }

        string name = filled.Append(pattern, at, pattern.Length - at).ToString();
        if (hasIndex || image.Origin.Count == 1 || string.IsNullOrWhiteSpace(name))
        {
            return name;
        }

        string extension = PictureFormats.RequestedBy(name) is null ? "" : Path.GetExtension(name);
        return string.Create(CultureInfo.InvariantCulture, $"{name[..^extension.Length]}-{image.Index}{extension}");
    }

    /// <summary>Replaces each character that is invalid on some system, and each half of a surrogate pair, by an underscore.</summary>
    private static string ReplaceInvalid(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Harmless))
        {
            return text;
        }

        StringBuilder name = new(text.Length);
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isLegal = !Rune.IsControl(rune)
                && rune != Rune.ReplacementChar
                && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                && (!rune.IsAscii || !Illegal.Contains((char)rune.Value));
            name.Append(isLegal ? text.AsSpan(at, rune.Utf16SequenceLength) : "_");
            at += rune.Utf16SequenceLength;
        }

        return name.ToString().Normalize(NormalizationForm.FormC);
    }

    private static string Shorten(string text, int maxBytes)
    {
        Utf8.FromUtf16(text, new byte[maxBytes], out int length, out _);
        return text[..length];
    }

    private static string ValueOf(string placeholder, InpaintImage image, DateTimeOffset now)
    {
        ImageOrigin origin = image.Origin;
        return placeholder.ToUpperInvariant() switch
        {
            "OPERATION" => origin.Operation == InpaintOperation.Inpaint ? "inpaint" : "text-to-image",
            "SEED" => origin.Seed?.ToString(CultureInfo.InvariantCulture) ?? "noseed",
            "INDEX" => image.Index.ToString(CultureInfo.InvariantCulture),
            "ID" => origin.JobId ?? "noid",
            "PROVIDER" => origin.Provider ?? "",
            "MODEL" => origin.Model?.Replace('/', '-') ?? "",
            "DATE" => (origin.CreatedAt ?? now).ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture),
            _ when origin.Columns.TryGetValue(placeholder, out string? cell) => cell,
            _ => throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{{{placeholder}}}' is not a placeholder of name templates. These are: {string.Join(" ", SaveOptions.NamePlaceholders.Concat(origin.Columns.Keys).Select(p => $"{{{p}}}"))}.") { Parameter = "NameTemplate" },
        };
    }

    private static string SourceOf(ImageOrigin origin)
    {
        if (origin.Source is not { Length: > 0 } source)
        {
            return origin.Title ?? "picture";
        }

        int end = source.StartsWith("http", StringComparison.OrdinalIgnoreCase) ? source.IndexOfAny(['?', '#']) : -1;
        string path = end < 0 ? source : source[..end];
        string name = path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
        if (source.StartsWith("http", StringComparison.OrdinalIgnoreCase))
        {
            // An escaped character may have been a slash.
            name = Uri.UnescapeDataString(name);
            name = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        }

        int dot = name.LastIndexOf('.');
        return dot > 0 ? name[..dot] : name;
    }
}
