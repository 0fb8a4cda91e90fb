using System.Globalization;
using System.Text;

namespace Inpaint.Imaging.Metadata;

/// <summary>
/// Metadata for which PNG has, or had, no chunk of their own, in a text: <c>Raw profile type</c> and the kind as its keyword; a line feed, the kind, a line feed,
/// the length, a line feed and hexadecimal digits as its content. ImageMagick introduced it, and ExifTool reads and writes it.
/// </summary>
internal static class PngRawProfile
{
    /// <summary>The kind of Photoshop's image resources, in which IPTC stands.</summary>
    public const string ImageResources = "iptc";

    private const string KeywordStart = "Raw profile type ";
    private const int BytesPerLine = 36;

    /// <summary>The keyword of a kind.</summary>
    /// <param name="kind">The kind.</param>
    public static string KeywordOf(string kind) => KeywordStart + kind;

    /// <summary>Whether a text is one.</summary>
    /// <param name="keyword">The text's keyword.</param>
    public static bool IsKeyword(string keyword) => keyword.StartsWith(KeywordStart, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads one.</summary>
    /// <param name="text">A text of the picture.</param>
    /// <returns>Its kind in lower case, and its content; null when the text is none, or is damaged.</returns>
    public static (string Kind, byte[] Content)? Read(PictureText text)
    {
        if (!IsKeyword(text.Keyword))
        {
            return null;
        }

        string[] parts = text.Text.TrimStart('\n').Split('\n', 3);
        bool isWhole = parts.Length == 3 && int.TryParse(parts[1], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int length) && length > 0;
        if (!isWhole)
        {
            return null;
        }

        string digits = parts[2].Replace("\n", "", StringComparison.Ordinal);
        return digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit)
            ? (text.Keyword[KeywordStart.Length..].ToLowerInvariant(), Convert.FromHexString(digits))
            : null;
    }

    /// <summary>Writes one.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="content">The content.</param>
    /// <returns>The text's content, with small digits: Exiv2 refuses the whole file for others.</returns>
    public static string Write(string kind, byte[] content)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"\n{kind}\n{content.Length,8}\n");
        foreach (byte[] line in content.Chunk(BytesPerLine))
        {
            text.Append(Convert.ToHexStringLower(line)).Append('\n');
        }

        return text.ToString();
    }
}
