using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Inpaint.Http;
using Inpaint.Imaging;

namespace Inpaint.Providers.Shared;

/// <summary>Reads data URIs (RFC 2397, base64 only). They are handled as text, because <see cref="Uri"/> is limited to 65,519 characters.</summary>
internal static class DataUri
{
    private const string Scheme = "data:";
    private const string InvalidBase64 = "a picture in invalid base64";

    /// <summary>Whether a text is a data URI.</summary>
    public static bool IsDataUri(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Reads a data URI in a JSON document from the document's own bytes: as a string, a picture would take three times their memory.
    /// </summary>
    /// <returns>The bytes, and the media type where it names one; null for any other value.</returns>
    /// <exception cref="FormatException">It is not base64, or invalid.</exception>
    public static (ReadOnlyMemory<byte> Content, string? MediaType)? Read(JsonElement value)
    {
        ReadOnlySpan<byte> json = value.ValueKind == JsonValueKind.String ? JsonMarshal.GetRawUtf8Value(value)[1..^1] : [];
        if (json.Length < Scheme.Length || !Ascii.EqualsIgnoreCase(json[..Scheme.Length], Scheme))
        {
            return null;
        }

        // Some services escape slashes.
        int comma = json.IndexOf((byte)',');
        if (comma < 0 || json.Contains((byte)'\\'))
        {
            return Decode(JsonReading.Text(value) ?? throw new FormatException(InvalidBase64));
        }

        string? mediaType = MediaTypeIn(Encoding.UTF8.GetString(json[..comma]));
        byte[] content = new byte[Base64.GetMaxDecodedFromUtf8Length(json.Length - comma - 1)];
        return Base64.DecodeFromUtf8(json[(comma + 1)..], content, out _, out int length) == OperationStatus.Done
            ? (content.AsMemory(0, length), mediaType)
            : throw new FormatException(InvalidBase64);
    }

    /// <summary>Reads a data URI.</summary>
    /// <returns>The bytes, and the media type where it names one.</returns>
    /// <exception cref="FormatException">It is not base64, or invalid.</exception>
    public static (ReadOnlyMemory<byte> Content, string? MediaType) Decode(string text)
    {
        int comma = Math.Max(text.IndexOf(',', StringComparison.Ordinal), Scheme.Length);
        string? mediaType = MediaTypeIn(text[..comma]);
        return (FromBase64(text[(comma + 1)..]), mediaType);
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
            throw new FormatException(InvalidBase64, e);
        }
    }

    /// <summary>The media type of a picture.</summary>
    /// <returns>The type; null when it is not a known picture format.</returns>
    public static string? MediaTypeOf(ReadOnlySpan<byte> head) => PictureFormats.MediaTypeOf(PictureSniffer.Detect(head));

    private static string? MediaTypeIn(string head) =>
        !head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase) ? throw new FormatException("a picture as a data URI that is not base64")
        : head[Scheme.Length..head.IndexOf(';', StringComparison.Ordinal)] is { Length: > 0 } type ? type
        : null;
}
