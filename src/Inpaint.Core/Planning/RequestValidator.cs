using System.Globalization;
using System.Text.Json.Nodes;
using Inpaint.Imaging;

namespace Inpaint.Planning;

/// <summary>Checks a request against its provider's limits before anything is sent.</summary>
internal static class RequestValidator
{
    /// <summary>Checks every parameter that was given.</summary>
    /// <param name="request">The request, normalized (<see cref="Normalize"/>).</param>
    /// <param name="choice">The provider that it goes to.</param>
    /// <param name="capabilities">What that provider takes.</param>
    /// <returns>Warnings about what the provider will ignore or cap, a sentence each.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a parameter is missing, out of range, or not supported by the provider.</exception>
    public static IReadOnlyList<string> Check(InpaintRequest request, ProviderChoice choice, ProviderCapabilities capabilities)
    {
        InpaintProvider provider = choice.Provider;
        CheckLoras(request.Loras);
        CheckWebhook(request.WebhookUri);
        CheckModel(request.Model, provider, capabilities);
        List<string> warnings = capabilities.Warning is { } warning ? [warning] : [];
        string target = DescribeTarget(provider, capabilities);
        Dictionary<string, object> given = GivenParameters(request);
        foreach ((string name, object value) in given)
        {
            ParameterCapability parameter = capabilities.Find(name) is { Option: null } known ? known : throw Unsupported(name, isOption: false, target, choice, capabilities);
            CheckValue(parameter, value, target, provider);
            AddWarnings(parameter, value, provider, warnings);
        }

        foreach ((string name, object value) in request.Options)
        {
            ParameterCapability option = capabilities.Find(name) is { Option: not null } known ? known : throw Unsupported(name, isOption: true, target, choice, capabilities);
            object converted = OptionValue.Convert(option, value, target);
            CheckValue(option, converted, target, provider);
            AddWarnings(option, converted, provider, warnings);
        }

        foreach (ParameterCapability parameter in capabilities.Parameters)
        {
            if (parameter.IsRequired && !(parameter.Option is null ? given.ContainsKey(parameter.Name) : request.Options.Keys.Contains(parameter.Name, StringComparer.OrdinalIgnoreCase)))
            {
                throw Invalid($"{target} requires {DisplayName(parameter)}.", parameter.Name, provider);
            }
        }

        return warnings;
    }

    /// <summary>Checks one parameter or option of a request.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="request">The request that has it, normalized (<see cref="Normalize"/>).</param>
    /// <param name="provider">The provider.</param>
    /// <param name="capabilities">The capabilities of the model.</param>
    /// <exception cref="InpaintException">InvalidParameter: the value has the wrong type, or is out of range.</exception>
    public static void CheckValue(ParameterCapability parameter, InpaintRequest request, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        string target = DescribeTarget(provider, capabilities);
        object? value = parameter.Option is null ? GivenParameters(request).GetValueOrDefault(parameter.Name) : OptionValue.Find(request, parameter, target);
        if (value is not null)
        {
            CheckValue(parameter, value, target, provider);
        }
    }

    /// <summary>Spells the values of closed lists as the provider does, which may be case-sensitive, so that equal requests are equal, and looks the size's name up.</summary>
    /// <param name="capabilities">What the provider takes.</param>
    public static InpaintRequest Normalize(InpaintRequest request, ProviderCapabilities capabilities)
    {
        string? Spelled(string name, string? value) =>
            (capabilities.Find(name) is { } parameter ? PictureFormats.Spelled(parameter.Values, value) : null) ?? (value is "" ? null : value);
        return request with
        {
            Size = request.Size is { Name: { } name } ? FindSize(name, capabilities) ?? request.Size : request.Size,
            OutputFormat = Spelled("OutputFormat", request.OutputFormat),
            Acceleration = Spelled("Acceleration", request.Acceleration),
            Scheduler = Spelled("Scheduler", request.Scheduler),
            Priority = Spelled("Priority", request.Priority),
        };
    }

    /// <summary>Finds the pixels of a size, given as such or by the provider's name for it.</summary>
    /// <returns>Null when it is neither.</returns>
    public static ImageSize? FindSize(string text, ProviderCapabilities capabilities) =>
        ImageSize.TryParsePixels(text, out ImageSize? size) ? size
        : capabilities.Find("Size")?.NamedSizes.FirstOrDefault(named => string.Equals(named.Key, text, StringComparison.OrdinalIgnoreCase)).Value;

    private static Dictionary<string, object> GivenParameters(InpaintRequest request)
    {
        Dictionary<string, object> given = new(StringComparer.OrdinalIgnoreCase);
        void Add(string name, object? value)
        {
            if (value is not null and not "")
            {
                given[name] = value;
            }
        }

        Add("Image", request.Image);
        Add("Mask", request.Mask);
        Add("Prompt", string.IsNullOrWhiteSpace(request.Prompt) ? null : request.Prompt);
        Add("NegativePrompt", request.NegativePrompt);
        Add("Strength", request.Strength);
        Add("Steps", request.Steps);
        Add("GuidanceScale", request.GuidanceScale);
        Add("Count", request.Count);
        Add("Seed", request.Seed);
        Add("Size", request.Size);
        Add("OutputFormat", request.OutputFormat);
        Add("SafetyChecker", request.SafetyChecker);
        Add("Loras", request.Loras.Count > 0 ? request.Loras : null);
        Add("Points", request.Points.Count > 0 ? request.Points : null);
        Add("Boxes", request.Boxes.Count > 0 ? request.Boxes : null);
        Add("Acceleration", request.Acceleration);
        Add("Scheduler", request.Scheduler);
        Add("WebhookUri", request.WebhookUri);
        Add("AdditionalBody", request.AdditionalBody is { Count: > 0 } ? request.AdditionalBody : null);
        Add("Synchronous", request.Synchronous ? true : null);
        Add("PreviewFolder", request.PreviewFolder);
        Add("InlineResult", request.InlineResult ? true : null);
        Add("Priority", request.Priority);
        Add("StartTimeout", request.StartTimeout?.TotalSeconds);
        return given;
    }

    private static void AddWarnings(ParameterCapability parameter, object value, InpaintProvider provider, List<string> warnings)
    {
        if (parameter.Warning is not null)
        {
            warnings.Add(parameter.Warning);
        }

        if (parameter.CapAbove is double cap && Array.Exists(NumbersOf(value), n => n > cap))
        {
            warnings.Add(FormattableString.Invariant($"{provider.Name} documents that it caps {DisplayName(parameter)} at {cap}: {value} may have the same effect as {cap}."));
        }
    }

    private static void CheckValue(ParameterCapability parameter, object value, string target, InpaintProvider provider)
    {
        if (value is ImageSize { Name: { } name, Width: 0 })
        {
            string[] known = [.. parameter.NamedSizes.Values.Select(size => size.Name!).Distinct(StringComparer.Ordinal), .. parameter.Values];
            throw Invalid($"{DisplayName(parameter)} '{name}' is not known: {target} takes WIDTHxHEIGHT, such as 768x512{string.Concat(known.Select(n => $", {n}"))}.", parameter.Name, provider);
        }

        foreach (double n in NumbersOf(value))
        {
            if (!double.IsFinite(n) || n < (parameter.Minimum ?? double.NegativeInfinity) || n > (parameter.Maximum ?? double.PositiveInfinity))
            {
                throw Invalid(FormattableString.Invariant($"{DisplayName(parameter)} {n} is out of range: {target} takes {RangeText(parameter)}."), parameter.Name, provider);
            }

            if (parameter.MultipleOf is int multiple && n % multiple != 0)
            {
                throw Invalid(FormattableString.Invariant($"{DisplayName(parameter)} {n} does not fit: {target} takes multiples of {multiple} pixels."), parameter.Name, provider);
            }
        }

        if (parameter.Values.Count == 0)
        {
            return;
        }

        string? text = value switch { string given => given, int or long => string.Create(CultureInfo.InvariantCulture, $"{value}"), ImageSize size => size.ToString(), _ => null };
        if (text is not null && PictureFormats.Spelled(parameter.Values, text) is null)
        {
            throw Invalid($"{DisplayName(parameter)} '{text}' is not known: {target} takes {string.Join(", ", parameter.Values)}.", parameter.Name, provider);
        }
    }

    private static double[] NumbersOf(object value) => value switch
    {
        int i => [i],
        long l => [l],
        double d => [d],
        ImageSize size => [size.Width, size.Height],
        IReadOnlyList<LoraWeight> loras => [.. loras.Select(lora => lora.Scale)],
        _ => [],
    };

    private static string DisplayName(ParameterCapability parameter) => DisplayName(parameter.Name, parameter.Option is not null);

    private static string DisplayName(string name, bool isOption) => isOption ? $"Option {name}" : name;

    private static void CheckLoras(IReadOnlyList<LoraWeight> loras)
    {
        foreach (LoraWeight? lora in loras)
        {
            if (string.IsNullOrWhiteSpace(lora?.Path) || !double.IsFinite(lora.Scale))
            {
                throw Invalid($"The LoRA '{lora?.Path}' with the weight {lora?.Scale.ToString(CultureInfo.InvariantCulture) ?? "(none)"} is incomplete: it needs a URL, repository or id, and a number.", "Loras", provider: null);
            }
        }
    }

    private static void CheckWebhook(Uri? webhook)
    {
        if (webhook is not null && (!webhook.IsAbsoluteUri || (webhook.Scheme != Uri.UriSchemeHttps && webhook.Scheme != Uri.UriSchemeHttp)))
        {
            throw Invalid($"WebhookUri '{webhook.OriginalString}' is not an absolute http(s) URL.", "WebhookUri", provider: null);
        }
    }

    /// <summary>A provider that has its own models only was probably not the one that was meant by the name of another model.</summary>
    private static void CheckModel(string? model, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        if (model is { Length: > 0 } && capabilities.TakesKnownModelsOnly && !capabilities.KnownModels.Contains(model, StringComparer.OrdinalIgnoreCase))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"{provider.Name} has no model '{model}', only {string.Join(", ", capabilities.KnownModels)}. Nothing was sent.")
            {
                Provider = provider.Name,
                Parameter = "Model",
                RecommendedAction = "Specify the provider of that model.",
            };
        }
    }

    private static string RangeText(ParameterCapability parameter) => (parameter.Minimum, parameter.Maximum) switch
    {
        (double min, double max) => FormattableString.Invariant($"{min} to {max}"),
        (double min, null) => FormattableString.Invariant($"{min} or more"),
        (null, double max) => FormattableString.Invariant($"{max} or less"),
        _ => "a number",
    };

    /// <summary>The model and provider whose limits are checked; the provider alone for its default model.</summary>
    private static string DescribeTarget(InpaintProvider provider, ProviderCapabilities capabilities) =>
        provider.CapabilitiesFor(capabilities.Operation) is { } standard && standard.DefaultModel != capabilities.DefaultModel ? $"{capabilities.DefaultModel} of {provider.Name}" : provider.Name;

    private static InpaintException Unsupported(string name, bool isOption, string target, ProviderChoice choice, ProviderCapabilities capabilities)
    {
        InpaintProvider provider = choice.Provider;
        string[] others =
        [
            .. choice.BuiltIn
                .Where(p => p.Name != target && p.CapabilitiesFor(capabilities.Operation)?.Find(name) is { } found && found.Option is not null == isOption)
                .Select(p => p.Name),
        ];
        string[] own = [.. capabilities.Parameters.Where(p => p.Option is not null == isOption).Select(p => DisplayName(p))];
        string remedy = target != provider.Name ? $"It takes {string.Join(", ", own)}."
            : others.Length > 0 ? $"These have it: {string.Join(", ", others)}."
            : "No built-in provider has it.";
        return Invalid($"{target} has no {DisplayName(name, isOption)}. {remedy}", name, provider);
    }

    private static InpaintException Invalid(string message, string parameter, InpaintProvider? provider) =>
        new(InpaintErrorId.InvalidParameter, message) { Parameter = parameter, Provider = provider?.Name };
}

/// <summary>Converts the values of options from the forms in which they are given: a switch as a boolean or a word, a number as a number or text.</summary>
internal static class OptionValue
{
    /// <summary>Finds the value that a request has for an option.</summary>
    /// <returns>The converted value; null when it was not given.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the value has the wrong type.</exception>
    public static object? Find(InpaintRequest request, ParameterCapability option, string provider)
    {
        object? given = request.Options.Count == 0 ? null : request.Options.FirstOrDefault(o => string.Equals(o.Key, option.Name, StringComparison.OrdinalIgnoreCase)).Value;
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
            OptionKind.Switch => value is bool given ? given : ParameterCapability.ParseSwitch(text),
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
