using System.Globalization;
using System.Text.Json;

namespace Inpaint.Http;

/// <summary>Reads members of a service's JSON without believing in their types: what is missing or of another kind is null, never an exception.</summary>
internal static class JsonReading
{
    private const int MostSentences = 8;

    private static readonly string[] ReasonNames = ["error", "detail", "errors", "message", "error_message", "fail_reason", "reason"];

    private static readonly string[] MessageNames = ["message", "msg", "detail", "error", "reason", "description"];

    /// <summary>Finds a member that is there and not null.</summary>
    /// <param name="element">Any element.</param>
    /// <param name="name">The member's name.</param>
    /// <returns>The member, or null.</returns>
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            ? value
            : null;

    /// <summary>Reads a text that is not empty.</summary>
    /// <param name="element">Any element.</param>
    /// <param name="name">The member's name.</param>
    /// <returns>The text, or null.</returns>
    public static string? Text(this JsonElement element, string name) =>
        element.Member(name) is { } value && Text(value) is { Length: > 0 } text ? text : null;

    /// <summary>Reads a text.</summary>
    /// <param name="value">Any element.</param>
    /// <returns>The text; null when the element is something else, or a text that is no Unicode.</returns>
    public static string? Text(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Broken UTF-8 or half a surrogate pair passes the parser and is found only here.
            return null;
        }
    }

    /// <summary>Reads the name of a member.</summary>
    /// <param name="member">The member.</param>
    /// <returns>The name; null when it is no Unicode.</returns>
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

    /// <summary>Writes any element as text for people: texts bare, everything else as JSON.</summary>
    /// <param name="value">Any element.</param>
    /// <returns>The text.</returns>
    public static string Describe(JsonElement value) => value.ValueKind == JsonValueKind.String ? Text(value) ?? "" : value.GetRawText();

    /// <summary>What one member says in words: a text, an object with a message, or a list of either, for example <c>Image too dark (E12)</c>.</summary>
    /// <param name="element">Any element.</param>
    /// <param name="name">The member's name.</param>
    /// <returns>The words; null when it says nothing.</returns>
    public static string? Sentence(this JsonElement element, string name) => element.Member(name) is { } value && Sentence(value, depth: 0) is { Length: > 0 } text ? text : null;

    /// <summary>What a service says went wrong, wherever it says so and in whatever form: a text, an object with a message, or a list of either.</summary>
    /// <param name="root">The document.</param>
    /// <returns>All that it says; null when it says nothing.</returns>
    public static string? Reason(JsonElement root)
    {
        string[] said = [.. ReasonNames.Select(name => root.Sentence(name)).OfType<string>().Distinct(StringComparer.Ordinal)];
        return said.Length == 0 ? null : string.Join("; ", said);
    }

    /// <summary>Reads a finite number, also one written as text.</summary>
    /// <param name="element">Any element.</param>
    /// <param name="name">The member's name.</param>
    /// <returns>The number, or null.</returns>
    public static double? Number(this JsonElement element, string name) => element.Member(name) is { } value ? Number(value) : null;

    /// <summary>Reads a finite number, also one written as text.</summary>
    /// <param name="value">Any element.</param>
    /// <returns>The number, or null.</returns>
    public static double? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDouble(out double number) && double.IsFinite(number) => number,
        JsonValueKind.String when double.TryParse(Text(value), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) => number,
        _ => null,
    };

    /// <summary>Reads a 64-bit integer without a detour over floating point, which would round a seed; also one written as text.</summary>
    /// <param name="element">Any element.</param>
    /// <param name="name">The member's name.</param>
    /// <returns>The number; null when it is missing, fractional or does not fit.</returns>
    public static long? Integer(this JsonElement element, string name) => element.Member(name) switch
    {
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out long number) => number,
        { ValueKind: JsonValueKind.String } value when long.TryParse(Text(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) => number,
        _ => null,
    };

    private static string Sentence(JsonElement value, int depth) => value.ValueKind switch
    {
        JsonValueKind.String => Text(value)?.Trim() ?? "",
        JsonValueKind.Array when depth < 4 => string.Join("; ", value.EnumerateArray().Take(MostSentences).Select(item => Sentence(item, depth + 1)).Where(text => text.Length > 0)),
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
