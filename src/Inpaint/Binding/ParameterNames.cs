using System.ComponentModel;
using System.Text.RegularExpressions;

namespace Inpaint.Binding;

/// <summary>Maps the properties of the engine's requests and settings to the cmdlets' parameters, where their names differ.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ParameterNames
{
    private static readonly (string Property, string Parameter)[] Different =
    [
        ("SafetyChecker", "NoSafetyChecker"),
        ("Loras", "Lora"),
        ("PreviewFolder", "PreviewPath"),
        ("StartTimeout", "StartTimeoutSec"),
        ("NameTemplate", "Name"),
        ("Options", "Option"),
        ("Defaults", "Parameter"),
        ("ApiKeyVault", "Vault"),
        ("Points", "Point"),
        ("Boxes", "Box"),
    ];

    /// <summary>Gets the cmdlet parameter for a property of the engine.</summary>
    /// <param name="property">The property's name, as in <see cref="InpaintException.Parameter"/> and <see cref="ParameterCapability.Name"/>.</param>
    /// <returns>The parameter's name without its dash.</returns>
    public static string ToParameter(string property) => Different.FirstOrDefault(d => d.Property == property).Parameter ?? property;

    /// <summary>Gets the engine's property for a cmdlet parameter.</summary>
    /// <param name="parameter">The parameter's name without its dash, in any case.</param>
    /// <returns>The property's name.</returns>
    public static string ToProperty(string parameter) => Different.FirstOrDefault(d => string.Equals(d.Parameter, parameter, StringComparison.OrdinalIgnoreCase)).Property ?? parameter;

    /// <summary>Replaces the engine's property names in a message with the parameters' names.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The message with the parameters' names.</returns>
    public static string Translate(string message) => Different.Aggregate(message, (text, name) => Regex.Replace(text, $@"\b{name.Property}\b", name.Parameter, RegexOptions.CultureInvariant));

    /// <summary>Describes a capability under the name of the cmdlets' parameter.</summary>
    /// <param name="capability">The capability.</param>
    /// <returns>Its text, such as <c>Lora (0.1-1)</c>.</returns>
    public static string Describe(ParameterCapability capability)
    {
        ArgumentNullException.ThrowIfNull(capability);
        return $"{(capability.Option is null ? capability with { Name = ToParameter(capability.Name) } : capability)}";
    }
}
