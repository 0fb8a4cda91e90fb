namespace Inpaint.Pipeline;

/// <summary>What the commands call the properties of a request. Most are called alike.</summary>
internal static class ParameterNames
{
    private static readonly Dictionary<string, string> Other = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(InpaintRequest.Loras)] = "Lora",
        [nameof(InpaintRequest.Options)] = "Option",
        [nameof(InpaintRequest.SafetyChecker)] = "NoSafetyChecker",
        [nameof(InpaintRequest.StartTimeout)] = "StartTimeoutSec",
        [nameof(InpaintRequest.PreviewFolder)] = "PreviewPath",
    };

    /// <summary>The parameter that sets a property.</summary>
    /// <param name="property">The property of the request or of the settings, or the name of an option.</param>
    /// <returns>The parameter's name; that of an option is its own.</returns>
    public static string Of(string property) => Other.GetValueOrDefault(property, property);
}
