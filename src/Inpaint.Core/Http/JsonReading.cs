using System.Globalization;
using System.Text.Json;

namespace Inpaint.Http;

/// <summary>Reads members of a service's JSON without trusting their types: what is missing or of another type is null, never an exception.</summary>
internal static class JsonReading
{
    private const int MaxSentences = 8;

    private static readonly string[] ReasonNames = ["error", "detail", "errors", "message", "error_message", "fail_reason", "reason"];

    private static readonly string[] MessageNames = ["message", "msg", "detail", "error", "reason", "description"];

    /// <summary>Finds a member that exists and is not null.</summary>
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            ? value
            : null;

    /// <summary>Reads a non-empty string.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.Member(name) is { } value && Text(value) is { Length: > 0 } text ? text : null;

    /// <summary>Reads a string; null for another type or invalid Unicode.</summary>
    public static string? Text(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // The parser lets invalid UTF-8 and lone surrogates pass; they are found only here.
            return null;
        }
    }

    /// <summary>Reads the name of a member; null when it is invalid Unicode.</summary>
    public static string? NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Formats any element for a message: strings without quotes, everything else as JSON.</summary>
    public static string Describe(JsonElement value) => value.ValueKind == JsonValueKind.String ? Text(value) ?? "" : value.GetRawText();

    /// <summary>Reads a message from a member that may be a string, an object with a message, or a list of either; for example <c>Image too dark (E12)</c>.</summary>
    public static string? Sentence(this JsonElement element, string name) => element.Member(name) is { } value && Sentence(value, depth: 0) is { Length: > 0 } text ? text : null;

    /// <summary>Reads every error message of a document, whichever of the usual members holds it and in whatever form; null when there is none.</summary>
    public static string? Reason(JsonElement root)
    {
        string[] messages = [.. ReasonNames.Select(name => root.Sentence(name)).OfType<string>().Distinct(StringComparer.Ordinal)];
        return messages.Length == 0 ? null : string.Join("; ", messages);
    }

    /// <summary>Reads a finite number, also one written as a string.</summary>
    public static double? Number(this JsonElement element, string name) => element.Member(name) is { } value ? Number(value) : null;

    /// <summary>Reads a finite number, also one written as a string.</summary>
    public static double? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDouble(out double number) && double.IsFinite(number) => number,
        JsonValueKind.String when double.TryParse(Text(value), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) => number,
        _ => null,
    };

    /// <summary>Reads a 64-bit integer without going through floating point, which would round a seed; also one written as a string. Null when it is fractional or does not fit.</summary>
    public static long? Integer(this JsonElement element, string name) => element.Member(name) switch
    {
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out long number) => number,
        { ValueKind: JsonValueKind.String } value when long.TryParse(Text(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) => number,
        _ => null,
    };

    private static string Sentence(JsonElement value, int depth) => value.ValueKind switch
    {
        JsonValueKind.String => Text(value)?.Trim() ?? "",
        JsonValueKind.Array when depth < 4 => string.Join("; ", value.EnumerateArray().Take(MaxSentences).Select(item => Sentence(item, depth + 1)).Where(text => text.Length > 0)),
        JsonValueKind.Object when depth < 4 => SentenceOf(value, depth),
        _ => "",
    };

    private static string SentenceOf(JsonElement value, int depth)
    {
        string text = MessageNames.Select(name => value.Member(name) is { } member ? Sentence(member, depth + 1) : "").FirstOrDefault(t => t.Length > 0) ?? "";
        string code = (value.Member("code") ?? value.Member("type")) is { ValueKind: JsonValueKind.String or JsonValueKind.Number } named ? Describe(named).Trim() : "";
        return text.Length == 0 ? code : code.Length == 0 ? text : $"{text} ({code})";
    }
}
