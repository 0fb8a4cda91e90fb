using System.Globalization;
using Inpaint.Imaging;

namespace Inpaint.Planning;

/// <summary>Holds a request against what its provider takes, before anything is sent.</summary>
internal static class RequestValidator
{
    /// <summary>Checks every parameter that was given.</summary>
    /// <param name="request">The request.</param>
    /// <param name="choice">Where it is to go.</param>
    /// <param name="capabilities">What that provider takes.</param>
    /// <returns>What the provider will ignore or cap, a sentence each.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a parameter is missing, out of range, or not the provider's.</exception>
    public static IReadOnlyList<string> Check(InpaintRequest request, ProviderChoice choice, ProviderCapabilities capabilities)
    {
        InpaintProvider provider = choice.Provider;
        CheckLoras(request.Loras);
        CheckWebhook(request.WebhookUri);
        CheckModel(request.Model, provider, capabilities);
        List<string> cautions = capabilities.Caution is { } caution ? [caution] : [];
        string taker = TakerOf(provider, capabilities);
        Dictionary<string, object> given = GivenParameters(request);
        foreach ((string name, object value) in given)
        {
            ParameterCapability parameter = capabilities.Find(name) is { Option: null } known ? known : throw NotTaken(name, isOption: false, taker, choice, capabilities);
            CheckValue(parameter, value, taker, provider);
            AddCautions(parameter, value, provider, cautions);
        }

        foreach ((string name, object value) in request.Options)
        {
            ParameterCapability option = capabilities.Find(name) is { Option: not null } known ? known : throw NotTaken(name, isOption: true, taker, choice, capabilities);
            object converted = OptionValue.Convert(option, value, taker);
            CheckValue(option, converted, taker, provider);
            AddCautions(option, converted, provider, cautions);
        }

        foreach (ParameterCapability required in capabilities.Parameters.Where(p => p.IsRequired && !(p.Option is null ? given.ContainsKey(p.Name) : request.Options.Keys.Contains(p.Name, StringComparer.OrdinalIgnoreCase))))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"{taker} needs {DisplayName(required)}.");
        }

        return cautions;
    }

    /// <summary>Writes the values of closed lists the way the provider does: it may mind the case, and equal requests shall be equal.</summary>
    /// <param name="request">The checked request.</param>
    /// <param name="capabilities">What the provider takes.</param>
    /// <returns>The same request.</returns>
    public static InpaintRequest Normalize(InpaintRequest request, ProviderCapabilities capabilities)
    {
        string? Spelled(string name, string? value) =>
            (capabilities.Find(name) is { } parameter ? PictureFormats.Spelled(parameter.Values, value) : null) ?? (value is "" ? null : value);
        return request with
        {
            OutputFormat = Spelled("OutputFormat", request.OutputFormat),
            Acceleration = Spelled("Acceleration", request.Acceleration),
            Scheduler = Spelled("Scheduler", request.Scheduler),
            Priority = Spelled("Priority", request.Priority),
        };
    }

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
        Add("NoSafetyChecker", request.SafetyChecker);
        Add("Lora", request.Loras.Count > 0 ? request.Loras : null);
        Add("Point", request.Points.Count > 0 ? request.Points : null);
        Add("Box", request.Boxes.Count > 0 ? request.Boxes : null);
        Add("Acceleration", request.Acceleration);
        Add("Scheduler", request.Scheduler);
        Add("WebhookUri", request.WebhookUri);
        Add("AdditionalBody", request.AdditionalBody is { Count: > 0 } ? request.AdditionalBody : null);
        Add("Synchronous", request.Synchronous ? true : null);
        Add("PreviewPath", request.PreviewFolder);
        Add("InlineResult", request.InlineResult ? true : null);
        Add("Priority", request.Priority);
        Add("StartTimeoutSec", request.StartTimeout?.TotalSeconds);
        return given;
    }

    private static void AddCautions(ParameterCapability parameter, object value, InpaintProvider provider, List<string> cautions)
    {
        if (parameter.Caution is not null)
        {
            cautions.Add(parameter.Caution);
        }

        if (parameter.CapAbove is double cap && NumbersOf(value).Any(n => n > cap))
        {
            cautions.Add(FormattableString.Invariant($"{provider.Name} documents that it caps {DisplayName(parameter)} at {cap}: {value} may have no other effect than {cap}."));
        }
    }

    private static void CheckValue(ParameterCapability parameter, object value, string taker, InpaintProvider provider)
    {
        foreach (double n in NumbersOf(value))
        {
            if (!double.IsFinite(n) || n < (parameter.Minimum ?? double.NegativeInfinity) || n > (parameter.Maximum ?? double.PositiveInfinity))
            {
                string shown = n.ToString(CultureInfo.InvariantCulture);
                throw new InpaintException(InpaintErrorId.InvalidParameter, $"{DisplayName(parameter)} {shown} is out of range: {taker} takes {RangeText(parameter)}.") { Provider = provider.Name };
            }

            if (parameter.MultipleOf is int multiple && n % multiple != 0)
            {
                string shown = n.ToString(CultureInfo.InvariantCulture);
                throw new InpaintException(InpaintErrorId.InvalidParameter, $"{DisplayName(parameter)} {shown} does not fit: {taker} takes multiples of {multiple} pixels.") { Provider = provider.Name };
            }
        }

        string? text = value switch { string given => given, int or long => string.Create(CultureInfo.InvariantCulture, $"{value}"), ImageSize size => size.ToString(), _ => null };
        if (parameter.Values.Count > 0 && text is not null && PictureFormats.Spelled(parameter.Values, text) is null)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"{DisplayName(parameter)} '{text}' is not known: {taker} takes {string.Join(", ", parameter.Values)}.") { Provider = provider.Name };
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

    private static string DisplayName(string name, bool isOption) => isOption ? $"-Option {name}" : "-" + name;

    private static void CheckLoras(IReadOnlyList<LoraWeight> loras)
    {
        foreach (LoraWeight? lora in loras)
        {
            if (string.IsNullOrWhiteSpace(lora?.Path) || !double.IsFinite(lora.Scale))
            {
                throw new InpaintException(InpaintErrorId.InvalidParameter, $"-Lora '{lora?.Path}' with the weight {lora?.Scale.ToString(CultureInfo.InvariantCulture) ?? "none"} is none: it needs an address, repository or id, and a number.");
            }
        }
    }

    private static void CheckWebhook(Uri? webhook)
    {
        if (webhook is not null && (!webhook.IsAbsoluteUri || (webhook.Scheme != Uri.UriSchemeHttps && webhook.Scheme != Uri.UriSchemeHttp)))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"-WebhookUri '{webhook.OriginalString}' is not a full http(s) address.");
        }
    }

    /// <summary>What is embedded has the models that are built in; who names another one means another provider.</summary>
    private static void CheckModel(string? model, InpaintProvider provider, ProviderCapabilities capabilities)
    {
        if (model is { Length: > 0 } && capabilities.TakesKnownModelsOnly && !capabilities.KnownModels.Contains(model, StringComparer.OrdinalIgnoreCase))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"{provider.Name} has no model '{model}', only {string.Join(", ", capabilities.KnownModels)}. Nothing was sent.")
            {
                Provider = provider.Name,
                RecommendedAction = "Name the provider whose model it is with -Provider.",
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

    /// <summary>Who takes the parameters: a provider's usual model goes by the provider's name.</summary>
    private static string TakerOf(InpaintProvider provider, ProviderCapabilities capabilities) =>
        provider.CapabilitiesFor(capabilities.Operation) is { } standard && standard.DefaultModel != capabilities.DefaultModel ? $"{capabilities.DefaultModel} of {provider.Name}" : provider.Name;

    private static InpaintException NotTaken(string name, bool isOption, string taker, ProviderChoice choice, ProviderCapabilities capabilities)
    {
        InpaintProvider provider = choice.Provider;
        string[] others =
        [
            .. choice.BuiltIn
                .Where(p => p.Name != taker && p.CapabilitiesFor(capabilities.Operation)?.Find(name) is { } found && found.Option is not null == isOption)
                .Select(p => p.Name),
        ];
        string[] own = [.. capabilities.Parameters.Where(p => p.Option is not null == isOption).Select(p => DisplayName(p))];
        string remedy = taker != provider.Name ? $"It takes {string.Join(", ", own)}."
            : others.Length > 0 ? $"These have it: {string.Join(", ", others)}."
            : "No built-in provider has it.";
        return new InpaintException(InpaintErrorId.InvalidParameter, $"{taker} has no {DisplayName(name, isOption)}. {remedy}") { Provider = provider.Name };
    }
}
