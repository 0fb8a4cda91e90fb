namespace Inpaint.Providers;

/// <summary>What the engine knows of a kind of provider.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Capabilities">What it can do, per operation.</param>
/// <param name="Create">Makes a client.</param>
internal sealed record ProviderDescriptor(ProviderKind Kind, IReadOnlyList<ProviderCapabilities> Capabilities, Func<ProviderServices, IProviderClient> Create)
{
    /// <summary>What to do about a job of which nobody knows whether it was made; null where that costs nothing.</summary>
    public string? UncertainAdvice { get; init; }

    /// <summary>The names of its <see cref="InpaintProvider.Endpoints"/>.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>What a provider, of which more may be written down in the state folder, can do with a model; null where all models take the same.</summary>
    public Func<InpaintProvider, string, InpaintOperation, string, ProviderCapabilities>? ForModel { get; init; }

    /// <summary>The models of a provider that are known without asking it, of which more may be written down in the state folder; null where its capabilities list all.</summary>
    public Func<InpaintProvider, string, IReadOnlyList<InpaintModel>>? KnownModels { get; init; }
}

/// <summary>A provider that exists without being set.</summary>
/// <param name="Provider">Its settings.</param>
/// <param name="KeyVariables">Environment variables that may hold its key, in order; two joined by '+' make one key of the form <c>first:second</c>.</param>
internal sealed record BuiltInProvider(InpaintProvider Provider, params string[] KeyVariables);

/// <summary>The one list of providers: a kind's line here and its folder beside this file are all there is to it.</summary>
internal static class ProviderCatalogue
{
    /// <summary>The kinds.</summary>
    public static IReadOnlyList<ProviderDescriptor> Kinds { get; } =
    [
        new(ProviderKind.Local, [Local.LocalCapabilities.Inpaint], services => new Local.LocalClient(services)),
        new(ProviderKind.Fal, Fal.FalCapabilities.All, services => new Fal.FalClient(services))
        {
            UncertainAdvice = Fal.FalClient.UncertainAdvice,
            ForModel = Fal.FalCapabilities.For,
            KnownModels = Fal.Models.FalKnownModels.All,
            Endpoints = [Fal.FalEndpoints.Sync, Fal.FalEndpoints.Storage, Fal.FalEndpoints.PlatformName],
        },
        new(ProviderKind.FalGateway, FalGateway.FalGatewayCapabilities.All, services => new FalGateway.FalGatewayClient(services)) { UncertainAdvice = FalGateway.FalGatewayClient.UncertainAdvice },
        new(ProviderKind.ModelsLab, ModelsLab.ModelsLabCapabilities.All, services => new ModelsLab.ModelsLabClient(services)) { UncertainAdvice = ModelsLab.ModelsLabClient.UncertainAdvice },
    ];

    /// <summary>The providers that exist without being set.</summary>
    public static IReadOnlyList<BuiltInProvider> BuiltIn { get; } =
    [
        new(new("Local", ProviderKind.Local)),
        new(
            new("Fal", ProviderKind.Fal)
            {
                BaseUri = new Uri("https://queue.fal.run"),
                Endpoints = new Dictionary<string, Uri>
                {
                    [Fal.FalEndpoints.Sync] = new("https://fal.run"),
                    [Fal.FalEndpoints.Storage] = new("https://rest.fal.ai"),
                    [Fal.FalEndpoints.PlatformName] = new("https://api.fal.ai/v1"),
                },
            },
            "FAL_KEY",
            "FAL_KEY_ID+FAL_KEY_SECRET"),
        new(new("ChainHub", ProviderKind.FalGateway) { BaseUri = new Uri("https://api.chainhub.tech") }, "CHAINHUB_API_KEY"),
        new(new("KkiAi", ProviderKind.FalGateway) { BaseUri = new Uri("https://www.kkiai.com") }, "KKIAI_API_KEY"),
        new(new("ModelsLab", ProviderKind.ModelsLab) { BaseUri = new Uri("https://modelslab.com/api/v6") }, "MODELSLAB_API_KEY"),
    ];
}
