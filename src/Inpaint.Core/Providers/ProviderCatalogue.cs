namespace Inpaint.Providers;

/// <summary>What the engine knows of a kind of provider.</summary>
/// <param name="Kind">The kind's name.</param>
/// <param name="Capabilities">What it can do, per operation.</param>
/// <param name="Create">Makes a client.</param>
internal sealed record ProviderDescriptor(string Kind, IReadOnlyList<ProviderCapabilities> Capabilities, Func<ProviderServices, IProviderClient> Create)
{
    /// <summary>The providers of this kind that exist without being set.</summary>
    public IReadOnlyList<BuiltInProvider> BuiltIn { get; init; } = [];

    /// <summary>Whether a provider of this kind cannot do without a base URL.</summary>
    public bool NeedsBaseUri { get; init; } = true;

    /// <summary>Where keys are made, or what else there is to know about them, in one sentence.</summary>
    public string KeyAdvice { get; init; } = "";

    /// <summary>How to find out whether a job was made whose submit has an unknown outcome; null where that costs nothing.</summary>
    public string? UncertainAdvice { get; init; }

    /// <summary>The names of its <see cref="InpaintProvider.Endpoints"/>.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>What a provider, of which more may be written down in the state folder, can do with a model; null where all models take the same.</summary>
    public Func<InpaintProvider, string, InpaintOperation, string, ProviderCapabilities>? ForModel { get; init; }

    /// <summary>The models of a provider that are known without asking it, of which more may be written down in the state folder; null where its capabilities list all.</summary>
    public Func<InpaintProvider, string, IReadOnlyList<InpaintModel>>? KnownModels { get; init; }

    /// <summary>The environment variables that may hold a provider's key, in order; two joined by '+' make one key of the form <c>first:second</c>.</summary>
    public IReadOnlyList<string> KeyVariablesOf(string name) =>
        BuiltIn.FirstOrDefault(b => string.Equals(b.Provider.Name, name, StringComparison.OrdinalIgnoreCase))?.KeyVariables
        ?? ["INPAINT_" + string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_')) + "_API_KEY"];
}

/// <summary>A provider that exists without being set.</summary>
/// <param name="Provider">Its settings.</param>
/// <param name="KeyVariables">See <see cref="ProviderDescriptor.KeyVariablesOf"/>.</param>
internal sealed record BuiltInProvider(InpaintProvider Provider, params string[] KeyVariables);

/// <summary>The one list of kinds of providers: a kind's line here and its folder beside this file are all there is to it.</summary>
internal static class ProviderCatalogue
{
    /// <summary>The kinds.</summary>
    public static IReadOnlyList<ProviderDescriptor> Kinds { get; } =
    [
        Local.LocalClient.Descriptor,
        Fal.FalClient.Descriptor,
        FalGateway.FalGatewayClient.Descriptor,
        ModelsLab.ModelsLabClient.Descriptor,
    ];
}
