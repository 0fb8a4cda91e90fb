using System.Globalization;
using System.Text.Json.Nodes;
using Inpaint.Imaging;

namespace Inpaint.Planning;

/// <summary>Reads the value of a provider's own option in the forms in which people give it: a switch as a boolean or a word, a number as a number or text.</summary>
internal static class OptionValue
{
    /// <summary>Finds the value that a request has for an option.</summary>
    /// <param name="request">The request.</param>
    /// <param name="option">The option.</param>
    /// <param name="provider">Who takes it, for messages.</param>
    /// <returns>The converted value; null when it was not given.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the value is of another kind.</exception>
    public static object? Find(InpaintRequest request, ParameterCapability option, string provider)
    {
        object? given = request.Options.FirstOrDefault(o => string.Equals(o.Key, option.Name, StringComparison.OrdinalIgnoreCase)).Value;
        return given is null ? null : Convert(option, given, provider);
    }

    /// <summary>Converts a value.</summary>
    /// <param name="option">The option.</param>
    /// <param name="value">What was given.</param>
    /// <param name="provider">The provider's name, for messages.</param>
    /// <returns>A <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, <see cref="JsonArray"/> or <see cref="JsonObject"/>, as the option's kind says.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the value is of another kind.</exception>
    public static object Convert(ParameterCapability option, object value, string provider)
    {
        string text = (System.Convert.ToString(value, CultureInfo.InvariantCulture) ?? "").Trim();
        object? converted = option.Option switch
        {
            OptionKind.Switch => value is bool given ? given : ParameterCapability.ReadSwitch(text),
            OptionKind.WholeNumber => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer) ? integer : null,
            OptionKind.Number => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null,
            OptionKind.Address => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) ? text : null,
            OptionKind.List => value as JsonArray ?? (value is JsonObject single ? new JsonArray(single.DeepClone()) : new JsonArray(text)),
            OptionKind.Map => value as JsonObject,
            _ => text.Length > 0 && value is not JsonNode ? Spelled(option, text) : null,
        };
        return converted ?? throw new InpaintException(
            InpaintErrorId.InvalidParameter,
            $"-Option {option.Name} '{text}' cannot be used: {provider} takes {Wanted(option.Option)} there.")
        { Provider = provider };
    }

    /// <summary>Services compare names letter by letter; people do not.</summary>
    private static string Spelled(ParameterCapability option, string text) =>
        PictureFormats.Spelled(option.Values, text) ?? text;

    private static string Wanted(OptionKind? kind) => kind switch
    {
        OptionKind.Switch => "true or false",
        OptionKind.WholeNumber => "a whole number",
        OptionKind.Number => "a number",
        OptionKind.Address => "an http(s) address",
        OptionKind.List => "a list",
        OptionKind.Map => "a hashtable",
        _ => "a text that is not empty",
    };
}
