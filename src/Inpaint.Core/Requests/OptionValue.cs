using System.Globalization;

namespace Inpaint.Requests;

/// <summary>Reads the value of a provider's own option in the forms in which people give it: a switch as a boolean or a word, a number as a number or text.</summary>
internal static class OptionValue
{
    /// <summary>Converts a value.</summary>
    /// <param name="option">The option.</param>
    /// <param name="value">What was given.</param>
    /// <param name="provider">The provider's name, for messages.</param>
    /// <returns>A <see cref="bool"/>, <see cref="long"/>, <see cref="double"/> or <see cref="string"/>, as the option's kind says.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the value is of another kind.</exception>
    public static object Convert(ParameterCapability option, object value, string provider)
    {
        string text = (System.Convert.ToString(value, CultureInfo.InvariantCulture) ?? "").Trim();
        object? converted = option.Option switch
        {
            OptionKind.Switch => Switch(value, text),
            OptionKind.WholeNumber => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer) ? integer : null,
            OptionKind.Number => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null,
            OptionKind.Address => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) ? text : null,
            _ => text.Length > 0 ? Spelled(option, text) : null,
        };
        return converted ?? throw new InpaintException(
            InpaintErrorId.InvalidParameter,
            $"-Option {option.Name} '{text}' cannot be used: {provider} takes {Wanted(option.Option)} there.")
        { Provider = provider };
    }

    private static object? Switch(object value, string text) => value is bool given ? given : text.ToUpperInvariant() switch
    {
        "YES" or "TRUE" or "ON" or "1" => true,
        "NO" or "FALSE" or "OFF" or "0" => false,
        _ => null,
    };

    /// <summary>Services compare names letter by letter; people do not.</summary>
    private static string Spelled(ParameterCapability option, string text) =>
        option.Values.FirstOrDefault(v => string.Equals(v, text, StringComparison.OrdinalIgnoreCase)) ?? text;

    private static string Wanted(OptionKind? kind) => kind switch
    {
        OptionKind.Switch => "true or false",
        OptionKind.WholeNumber => "a whole number",
        OptionKind.Number => "a number",
        OptionKind.Address => "an http(s) address",
        _ => "a text that is not empty",
    };
}
