using Inpaint.Imaging;

namespace Inpaint.Providers.Shared;

/// <summary>Pictures as text: data URIs (RFC 2397, base64 only). They stay text, because <see cref="Uri"/> refuses those of a picture's size.</summary>
internal static class DataUri
{
    private const string Scheme = "data:";

    /// <summary>Whether a text begins as a data URI.</summary>
    public static bool IsOne(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a data URI.</summary>
    /// <returns>The bytes, and the media type where it names one.</returns>
    /// <exception cref="FormatException">It is not base64, or broken.</exception>
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

    /// <summary>Reads base64 that stands by itself.</summary>
    /// <param name="text">The text; white space within it does not matter.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="FormatException">It is broken.</exception>
    public static ReadOnlyMemory<byte> FromBase64(string text)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException e)
        {
            throw new FormatException("a picture whose base64 is broken", e);
        }
    }

    /// <summary>The media type of a picture.</summary>
    /// <returns>The type; null when it is no known picture.</returns>
    public static string? MediaTypeOf(ReadOnlySpan<byte> head) => PictureFormats.MediaTypeOf(PictureSniffer.Detect(head));
}
