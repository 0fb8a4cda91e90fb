using System.Globalization;

namespace Inpaint.Planning;

/// <summary>Applies the default values of the provider's settings to a request.</summary>
internal static class RequestDefaults
{
    private static readonly Dictionary<string, (Func<InpaintRequest, bool> IsGiven, Func<InpaintRequest, string, InpaintRequest> With)> Properties = new(StringComparer.OrdinalIgnoreCase)
    {
        ["NegativePrompt"] = (r => r.NegativePrompt is not null, (r, text) => r with { NegativePrompt = text }),
        ["Strength"] = (r => r.Strength is not null, (r, text) => r with { Strength = Number(text) }),
        ["Steps"] = (r => r.Steps is not null, (r, text) => r with { Steps = Whole(text) }),
        ["GuidanceScale"] = (r => r.GuidanceScale is not null, (r, text) => r with { GuidanceScale = Number(text) }),
        ["Count"] = (r => r.Count is not null, (r, text) => r with { Count = Whole(text) }),
        ["Size"] = (r => r.Size is not null, (r, text) => r with { Size = ImageSize.Parse(text) }),
        ["OutputFormat"] = (r => r.OutputFormat is not null, (r, text) => r with { OutputFormat = text }),
        ["SafetyChecker"] = (r => r.SafetyChecker is not null, (r, text) => r with { SafetyChecker = ParameterCapability.ParseSwitch(text) ?? throw new FormatException() }),
        ["Acceleration"] = (r => r.Acceleration is not null, (r, text) => r with { Acceleration = text }),
        ["Scheduler"] = (r => r.Scheduler is not null, (r, text) => r with { Scheduler = text }),
        ["Priority"] = (r => r.Priority is not null, (r, text) => r with { Priority = text }),
    };

    /// <summary>The names of properties that can have a default.</summary>
    public static IReadOnlyCollection<string> Names => Properties.Keys;

    /// <summary>Whether a value can be parsed as one of a property; options are checked later, when the model is known.</summary>
    /// <param name="name">The property.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when it cannot be parsed.</returns>
    public static bool CanBe(string name, object value)
    {
        try
        {
            return !Properties.TryGetValue(name, out (Func<InpaintRequest, bool> IsGiven, Func<InpaintRequest, string, InpaintRequest> With) property)
                || property.With(new InpaintRequest(), Text(value)) is not null;
        }
        catch (Exception e) when (e is FormatException or OverflowException or InpaintException)
        {
            return false;
        }
    }

    /// <summary>Fills in a request. Properties that the model does not have are skipped, because a provider's models differ.</summary>
    /// <param name="request">The request.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="capabilities">The capabilities of its model.</param>
    /// <returns>The request, and the names of the properties that were filled in.</returns>
    public static (InpaintRequest Request, IReadOnlyList<string> Filled) Apply(InpaintRequest request, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        List<string> filled = [];
        foreach ((string name, object value) in provider.Defaults)
        {
            ParameterCapability? capability = capabilities.Find(name);
            if (capability is { Option: not null } && !request.Options.Keys.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                request = request with { Options = new Dictionary<string, object>(request.Options, StringComparer.OrdinalIgnoreCase) { [capability.Name] = value } };
                filled.Add(name);
            }
            else if (capability is { Option: null } && Properties.TryGetValue(name, out (Func<InpaintRequest, bool> IsGiven, Func<InpaintRequest, string, InpaintRequest> With) property) && !property.IsGiven(request))
            {
                request = property.With(request, Text(value));
                filled.Add(name);
            }
        }

        return (request, filled);
    }

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!.Trim();

    private static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static int Whole(string text) => int.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
