using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Inpaint.Imaging;

namespace Inpaint.Results;

/// <summary>
/// Makes file names from a template such as <c>{Source}-{Seed}-{Index}</c>. Whatever a server or a prompt says, the outcome is one plain name that every
/// system takes, without a way out of its folder.
/// </summary>
internal static partial class FileNameTemplate
{
    /// <summary>The template used when none is given.</summary>
    public const string Default = "{Source}-inpaint";

    /// <summary>Longest name made, in bytes of UTF-8 and without extension: leaves room for numbers, extensions and a sidecar's within the 143 bytes that encrypted file systems take.</summary>
    private const int MaximumBytes = 112;

    /// <summary>Characters that Windows does not take in names; elsewhere only the slash is refused, but files travel.</summary>
    private const string Illegal = "<>:\"/\\|?*";

    private static readonly HashSet<string> Reserved = new(
        ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "COM¹", "COM²", "COM³", "LPT¹", "LPT²", "LPT³", .. Enumerable.Range(0, 10).SelectMany(n => new[] { $"COM{n}", $"LPT{n}" })],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The placeholders that a template may hold.</summary>
    public static IReadOnlyList<string> Placeholders { get; } = ["Source", "Operation", "Seed", "Index", "Id", "Provider", "Model", "Date"];

    /// <summary>Fills a template in.</summary>
    /// <param name="template">The template; null for <see cref="Default"/>.</param>
    /// <param name="image">The picture.</param>
    /// <param name="now">The time for {Date}.</param>
    /// <returns>A name, which has an extension only where the template or a column says one.</returns>
    /// <exception cref="InpaintException">InvalidParameter: an unknown placeholder.</exception>
    public static string Fill(string? template, InpaintImage image, DateTimeOffset now)
    {
        string source = SourceOf(image.Origin);
        string name = Expand(template ?? Default, image, source, now);

        // A long source gives way, so that what tells the pictures apart stays.
        int excess = Encoding.UTF8.GetByteCount(Plain(name)) - MaximumBytes;
        if (excess > 0)
        {
            string plain = Plain(source);
            name = Expand(template ?? Default, image, Shorten(plain, Math.Max(1, Encoding.UTF8.GetByteCount(plain) - excess)), now);
        }

        // An empty cell names no file.
        return string.IsNullOrWhiteSpace(name) && template?.Contains('{', StringComparison.Ordinal) == true ? Fill(template: null, image, now) : Clean(name);
    }

    /// <summary>Makes a plain name of any text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>A name that every system takes; <c>picture</c> when nothing is left.</returns>
    public static string Clean(string text)
    {
        string cleaned = Shorten(Plain(text).Trim(' ', '.'), MaximumBytes).TrimEnd(' ', '.');
        if (cleaned.Length == 0)
        {
            return "picture";
        }

        string stem = cleaned.Split('.')[0];
        return Reserved.Contains(stem.TrimEnd()) ? "_" + cleaned : cleaned;
    }

    private static string Expand(string pattern, InpaintImage image, string source, DateTimeOffset now)
    {
        bool hasIndex = pattern.Contains("{Index}", StringComparison.OrdinalIgnoreCase);
        string name = Placeholder().Replace(pattern, match =>
        {
            string placeholder = match.Value[1..^1];
            return string.Equals(placeholder, "Source", StringComparison.OrdinalIgnoreCase) ? source : ValueOf(placeholder, image, now);
        });
        if (hasIndex || image.Origin.Count == 1 || string.IsNullOrWhiteSpace(name))
        {
            return name;
        }

        string extension = PictureFormats.AskedFor(name) is null ? "" : Path.GetExtension(name);
        return string.Create(CultureInfo.InvariantCulture, $"{name[..^extension.Length]}-{image.Index}{extension}");
    }

    /// <summary>Puts an underscore for each character that some system refuses, and for half a surrogate pair, which is none.</summary>
    private static string Plain(string text)
    {
        StringBuilder name = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isLegal = !Rune.IsControl(rune)
                && rune != Rune.ReplacementChar
                && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                && (!rune.IsAscii || !Illegal.Contains((char)rune.Value));
            name.Append(isLegal ? rune.ToString() : "_");
        }

        return name.ToString().Normalize(NormalizationForm.FormC);
    }

    private static string Shorten(string text, int maximumBytes)
    {
        Utf8.FromUtf16(text, new byte[maximumBytes], out int length, out _);
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
            _ => throw new InpaintException(InpaintErrorId.InvalidParameter, $"The name template has no {{{placeholder}}}. It may hold {string.Join(" ", Placeholders.Concat(origin.Columns.Keys).Select(p => $"{{{p}}}"))}."),
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
            // What was escaped may be a slash, too.
            name = Uri.UnescapeDataString(name);
            name = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        }

        int dot = name.LastIndexOf('.');
        return dot > 0 ? name[..dot] : name;
    }

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Placeholder();
}
