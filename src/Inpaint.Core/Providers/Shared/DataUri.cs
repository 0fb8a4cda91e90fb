using Inpaint.Imaging;

namespace Inpaint.Providers.Shared;

/// <summary>Reads data URIs (RFC 2397, base64 only). They are handled as text, because <see cref="Uri"/> is limited to 65,519 characters.</summary>
internal static class DataUri
{
    private const string Scheme = "data:";

    /// <summary>Whether a text is a data URI.</summary>
    public static bool IsDataUri(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a data URI.</summary>
    /// <returns>The bytes, and the media type where it names one.</returns>
    /// <exception cref="FormatException">It is not base64, or invalid.</exception>
    public static (ReadOnlyMemory<byte> Content, string? MediaType) Decode(string text)
    {
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        string head = comma < 0 ? "" : text[Scheme.Length..comma];
        if (!head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
        {
            throw new FormatException("a picture as a data URI that is not base64");
        }

        string type = head[..head.IndexOf(';', StringComparison.Ordinal)];
        return (FromBase64(text[(comma + 1)..]), type.Length == 0 ? null : type);
    }

    /// <summary>Reads base64 without a data URI.</summary>
    /// <param name="text">The text; white space is ignored.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="FormatException">It is invalid.</exception>
    public static ReadOnlyMemory<byte> FromBase64(string text)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException e)
        {
            throw new FormatException("a picture in invalid base64", e);
        }
    }

    /// <summary>The media type of a picture.</summary>
    /// <returns>The type; null when it is not a known picture format.</returns>
    public static string? MediaTypeOf(ReadOnlySpan<byte> head) => PictureFormats.MediaTypeOf(PictureSniffer.Detect(head));
}
