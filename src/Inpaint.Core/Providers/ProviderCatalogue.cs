namespace Inpaint.Providers;

/// <summary>What the engine knows of a kind of provider.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Capabilities">What it can do, per operation.</param>
/// <param name="KeyVariables">Environment variables that may hold the key, in order; two joined by '+' make one key of the form <c>first:second</c>.</param>
/// <param name="Create">Makes a client.</param>
internal sealed record ProviderDescriptor(
    ProviderKind Kind,
    IReadOnlyList<ProviderCapabilities> Capabilities,
    IReadOnlyList<string> KeyVariables,
    Func<ProviderServices, IProviderClient> Create);

/// <summary>The one list of providers: a kind's line here and its folder beside this file are all there is to it.</summary>
internal static class ProviderCatalogue
{
    /// <summary>The kinds.</summary>
    public static IReadOnlyList<ProviderDescriptor> Kinds { get; } =
    [
    ];

    /// <summary>The providers that exist without being set.</summary>
    public static IReadOnlyList<InpaintProvider> BuiltIn { get; } =
    [
        new() { Name = "Local", Kind = ProviderKind.Local },
        new() { Name = "Fal", Kind = ProviderKind.Fal, BaseUri = new Uri("https://queue.fal.run"), SyncUri = new Uri("https://fal.run"), StorageUri = new Uri("https://rest.fal.ai") },
    ];

    /// <summary>Finds a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>What is known of it.</returns>
    public static ProviderDescriptor Get(ProviderKind kind) => Kinds.First(d => d.Kind == kind);
}
