namespace Inpaint.Providers;

/// <summary>Describes a kind of provider.</summary>
/// <param name="Kind">The kind's name.</param>
/// <param name="Capabilities">Its capabilities, one entry per operation.</param>
/// <param name="Create">Creates a client.</param>
internal sealed record ProviderDescriptor(string Kind, IReadOnlyList<ProviderCapabilities> Capabilities, Func<ProviderServices, IProviderClient> Create)
{
    /// <summary>The built-in providers of this kind.</summary>
    public IReadOnlyList<BuiltInProvider> BuiltIn { get; init; } = [];

    /// <summary>The default number of concurrent jobs of a batch: what the provider's smallest plan allows, or more where further jobs wait in its queue at no cost.</summary>
    public int JobsAtOnce { get; init; } = 4;

    /// <summary>Whether a provider of this kind needs a base URL.</summary>
    public bool NeedsBaseUri { get; init; } = true;

    /// <summary>A sentence about keys, such as where they are created.</summary>
    public string KeyAdvice { get; init; } = "";

    /// <summary>How to find out whether a submit of unknown outcome created a job; null where jobs are free.</summary>
    public string? UncertainAdvice { get; init; }

    /// <summary>The names of its <see cref="InpaintProvider.Endpoints"/>.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>Gets the capabilities of a model, possibly from a description in the state folder; null where all models take the same.</summary>
    public Func<InpaintProvider, string, InpaintOperation, string, ProviderCapabilities>? ForModel { get; init; }

    /// <summary>Gets the known models, including those with a description in the state folder; null where the capabilities list all.</summary>
    public Func<InpaintProvider, string, IReadOnlyList<InpaintModel>>? KnownModels { get; init; }

    /// <summary>The environment variables that may hold a provider's key, in order; two joined by '+' make one key of the form <c>first:second</c>.</summary>
    public IReadOnlyList<string> KeyVariablesOf(string name) =>
        BuiltIn.FirstOrDefault(b => string.Equals(b.Provider.Name, name, StringComparison.OrdinalIgnoreCase))?.KeyVariables
        ?? ["INPAINT_" + string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_')) + "_API_KEY"];
}

/// <summary>A built-in provider.</summary>
/// <param name="Provider">Its settings.</param>
/// <param name="KeyVariables">See <see cref="ProviderDescriptor.KeyVariablesOf"/>.</param>
internal sealed record BuiltInProvider(InpaintProvider Provider, params string[] KeyVariables);

/// <summary>The list of all kinds of providers: a kind consists of its line here and its folder.</summary>
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

    /// <summary>Finds a kind.</summary>
    /// <param name="kinds">The known kinds.</param>
    /// <param name="kind">Its name, in any case.</param>
    /// <exception cref="InpaintException">InvalidParameter: there is no such kind.</exception>
    public static ProviderDescriptor Find(IReadOnlyList<ProviderDescriptor> kinds, string kind) =>
        kinds.FirstOrDefault(d => string.Equals(d.Kind, kind, StringComparison.OrdinalIgnoreCase))
        ?? throw new InpaintException(InpaintErrorId.InvalidParameter, $"There is no provider kind '{kind}'. The kinds are {string.Join(", ", kinds.Select(d => d.Kind))}.") { Parameter = nameof(ProviderSettings.Kind) };
}
