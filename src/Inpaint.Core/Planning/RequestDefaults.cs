using System.Globalization;
using System.Text.Json.Nodes;

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
        ["Seed"] = (r => r.Seed is not null, (r, text) => r with { Seed = long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) }),
        ["Size"] = (r => r.Size is not null, (r, text) => r with { Size = ImageSize.Parse(text) }),
        ["OutputFormat"] = (r => r.OutputFormat is not null, (r, text) => r with { OutputFormat = text }),
        ["SafetyChecker"] = (r => r.SafetyChecker is not null, (r, text) => r with { SafetyChecker = ParameterCapability.ParseSwitch(text) ?? throw new FormatException() }),
        ["Acceleration"] = (r => r.Acceleration is not null, (r, text) => r with { Acceleration = text }),
        ["Scheduler"] = (r => r.Scheduler is not null, (r, text) => r with { Scheduler = text }),
        ["Priority"] = (r => r.Priority is not null, (r, text) => r with { Priority = text }),
    };

    /// <summary>The properties of a request that can have a default, besides options.</summary>
    public static IReadOnlyCollection<string> Names => Properties.Keys;

    /// <summary>Checks defaults that are to be set or removed: each name must be one that a request to the provider can have, and each value one that the model accepts.</summary>
    /// <param name="change">The defaults; an empty value removes one.</param>
    /// <param name="present">The defaults before the change: any of them can be removed.</param>
    /// <param name="provider">The provider after the change.</param>
    /// <param name="models">Its known models, which are looked at when the default ones do not have a name.</param>
    /// <exception cref="InpaintException">InvalidParameter: an unknown name, or a value that no request could have.</exception>
    public static void Check(IReadOnlyDictionary<string, object?> change, IReadOnlyDictionary<string, object> present, InpaintProvider provider, Func<IEnumerable<InpaintModel>> models)
    {
        ProviderCapabilities[] own = [.. provider.Operations.Select(operation => provider.CapabilitiesFor(operation, operation == InpaintOperation.Inpaint ? provider.Model : null)!)];
        Lazy<ProviderCapabilities[]> all = new(() => [.. own, .. models().Select(model => provider.CapabilitiesFor(model.Operation, model.Id)!)]);
        foreach ((string name, object? value) in change)
        {
            ProviderCapabilities[] having = [.. own.Where(c => CanHaveDefault(c.Find(name)))];
            if (having.Length == 0)
            {
                having = [.. all.Value.Where(c => CanHaveDefault(c.Find(name)))];
            }

            // Models that are not known yet may have any property of a request, but their options cannot be guessed.
            bool mayBeOfUnknownModel = provider.ForModel is not null && Properties.ContainsKey(name);
            bool isRemoved = value is null or "";
            if (having.Length == 0 && !mayBeOfUnknownModel && !(isRemoved && present.ContainsKey(name)))
            {
                throw Unknown(name, provider, own, all.Value);
            }

            if (!isRemoved && Refusal(name, value!, provider, having) is { } reason)
            {
                throw new InpaintException(InpaintErrorId.InvalidParameter, $"{reason} Nothing was changed.") { Parameter = nameof(InpaintProvider.Defaults) };
            }
        }
    }

    /// <summary>Whether a value can be parsed as one of a property; options are checked later, when the model is known.</summary>
    /// <param name="name">The property.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when it cannot be parsed.</returns>
    public static bool CanBe(string name, object value) => !Properties.ContainsKey(name) || Read(name, value) is not null;

    /// <summary>Says that a value cannot be parsed as one of a property.</summary>
    /// <returns>A sentence.</returns>
    public static string NotParsed(string name, object value) => $"'{value}' cannot be the default of {name}.";

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
                request = request with { Options = new Dictionary<string, object>(request.Options, StringComparer.OrdinalIgnoreCase) { [capability.Name] = value is JsonNode node ? node.DeepClone() : value } };
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

    /// <summary>Finds the defaults that no known model has: a settings file may have been edited by hand.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="models">Its known models.</param>
    /// <returns>Their names.</returns>
    public static IReadOnlyList<string> FindUnknown(InpaintProvider provider, Func<IEnumerable<InpaintModel>> models)
    {
        string[] unknown = [.. provider.Defaults.Keys.Where(name => !Properties.ContainsKey(name) && !provider.Operations.Any(operation => provider.CapabilitiesFor(operation)!.Find(name) is not null))];
        return unknown.Length == 0 ? [] : [.. unknown.Except(models().SelectMany(model => model.Parameters).Select(p => p.Name), StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Warns of the defaults that no known model has.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="capabilities">The capabilities of the model of a request.</param>
    /// <returns>Warnings, a sentence or two each.</returns>
    public static IEnumerable<string> WarnOfUnknown(InpaintProvider provider, ProviderCapabilities capabilities) => provider.UnknownDefaults.Count == 0 ? [] :
        from name in provider.UnknownDefaults
        where provider.Defaults.ContainsKey(name) && capabilities.Find(name) is null
        let similar = SimilarName.Find(name, Properties.Keys.Concat(capabilities.Parameters.Where(CanHaveDefault).Select(p => p.Name)))
        select $"'{name}' is {PlaceOf(name, provider)}, but no parameter or option has this name, so it is ignored.{(similar is null ? "" : $" Did you mean {similar}?")}";

    /// <summary>Says where a default is set.</summary>
    /// <returns>A phrase.</returns>
    public static string PlaceOf(string name, InpaintProvider provider) =>
        $"a default of {provider.Name}{(provider.DefaultsFile is { } file ? $" in '{file}' (providers.{provider.Name}.defaults.{name})" : "")}";

    private static bool CanHaveDefault(ParameterCapability? parameter) => parameter is not null && (parameter.Option is not null || Properties.ContainsKey(parameter.Name));

    private static InpaintRequest? Read(string name, object value)
    {
        try
        {
            return value is JsonNode ? null : Properties[name].With(new InpaintRequest(), Text(value));
        }
        catch (Exception e) when (e is FormatException or OverflowException or InpaintException)
        {
            return null;
        }
    }

    /// <summary>Why none of the models that have a parameter accepts a value; null when one does.</summary>
    private static string? Refusal(string name, object value, InpaintProvider provider, ProviderCapabilities[] having)
    {
        if (having.Length == 0)
        {
            return CanBe(name, value) ? null : NotParsed(name, value);
        }

        string?[] refusals = [.. having.Select(capabilities => Refusal(name, value, provider, capabilities))];
        return refusals.Contains(null) ? null : refusals[0];
    }

    /// <summary>Why a model does not accept a value; null when it does.</summary>
    private static string? Refusal(string name, object value, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        ParameterCapability parameter = capabilities.Find(name)!;
        InpaintRequest? request = parameter.Option is null ? Read(name, value) : new InpaintRequest { Options = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase) { [name] = value } };
        if (request is null)
        {
            return NotParsed(name, value);
        }

        try
        {
            RequestValidator.CheckValue(parameter, RequestValidator.Normalize(request, capabilities), provider, capabilities);
            return null;
        }
        catch (InpaintException e)
        {
            return e.Message;
        }
    }

    private static InpaintException Unknown(string name, InpaintProvider provider, IEnumerable<ProviderCapabilities> own, IEnumerable<ProviderCapabilities> all)
    {
        static string[] NamesOf(IEnumerable<ProviderCapabilities> capabilities) =>
            [.. capabilities.SelectMany(c => c.Parameters).Where(CanHaveDefault).OrderBy(p => p.Option is not null).Select(p => p.Name).Distinct(StringComparer.OrdinalIgnoreCase)];
        bool isProperty = typeof(InpaintRequest).GetProperties().Any(property => string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase));
        string meant = !isProperty && SimilarName.Find(name, NamesOf(all)) is { } similar ? $" Did you mean {similar}?" : "";
        string learn = provider.ForModel is null ? "" : " The options of further models are known once the model has been looked up.";
        return new InpaintException(InpaintErrorId.InvalidParameter, $"{provider.Name} has no parameter or option '{name}' that can have a default. Nothing was changed.{meant} These can have one: {string.Join(", ", NamesOf(own))}.{learn}")
        {
            Parameter = nameof(provider.Defaults),
        };
    }

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!.Trim();

    private static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static int Whole(string text) => int.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
