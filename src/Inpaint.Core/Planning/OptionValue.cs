using System.Globalization;
using System.Text.Json.Nodes;
using Inpaint.Imaging;

namespace Inpaint.Planning;

/// <summary>Converts the values of options from the forms in which they are given: a switch as a boolean or a word, a number as a number or text.</summary>
internal static class OptionValue
{
    /// <summary>Finds the value that a request has for an option.</summary>
    /// <returns>The converted value; null when it was not given.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the value has the wrong type.</exception>
    public static object? Find(InpaintRequest request, ParameterCapability option, string provider)
    {
        object? given = request.Options.FirstOrDefault(o => string.Equals(o.Key, option.Name, StringComparison.OrdinalIgnoreCase)).Value;
        return given is null ? null : Convert(option, given, provider);
    }

    /// <summary>Converts a value.</summary>
    /// <returns>A <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, <see cref="JsonArray"/> or <see cref="JsonObject"/>, depending on the option.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the value has the wrong type.</exception>
    public static object Convert(ParameterCapability option, object value, string provider)
    {
        string text = (System.Convert.ToString(value, CultureInfo.InvariantCulture) ?? "").Trim();
        object? converted = option.Option switch
        {
            OptionKind.Switch => value is bool given ? given : ParseSwitch(text),
            OptionKind.WholeNumber => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer) ? integer : null,
            OptionKind.Number => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null,
            OptionKind.Url => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) ? text : null,
            OptionKind.List => value as JsonArray ?? (value is JsonObject single ? new JsonArray(single.DeepClone()) : new JsonArray(text)),
            OptionKind.Map => value as JsonObject,
            _ => text.Length > 0 && value is not JsonNode ? Spelled(option, text) : null,
        };
        return converted ?? throw new InpaintException(
            InpaintErrorId.InvalidParameter,
            $"Option {option.Name} '{text}' cannot be used: {provider} takes {TypeText(option.Option)}.")
        { Parameter = option.Name, Provider = provider };
    }

    /// <summary>Parses the words for yes and no; null for any other text.</summary>
    public static bool? ParseSwitch(string text) => text.ToUpperInvariant() switch
    {
        "YES" or "TRUE" or "ON" or "1" => true,
        "NO" or "FALSE" or "OFF" or "0" => false,
        _ => null,
    };

    /// <summary>Spells a value as the service does, which may be case-sensitive.</summary>
    private static string Spelled(ParameterCapability option, string text) =>
        PictureFormats.Spelled(option.Values, text) ?? text;

    private static string TypeText(OptionKind? kind) => kind switch
    {
        OptionKind.Switch => "true or false",
        OptionKind.WholeNumber => "a whole number",
        OptionKind.Number => "a number",
        OptionKind.Url => "an http(s) URL",
        OptionKind.List => "a list",
        OptionKind.Map => "named values",
        _ => "text that is not empty",
    };
}
