using Inpaint.Http;

namespace Inpaint.Providers.Shared;

/// <summary>What a client of a service over HTTP begins with: the base URL and the channel.</summary>
internal static class ServiceChannel
{
    /// <summary>The base URL of a provider that cannot do without one.</summary>
    /// <returns>The URL.</returns>
    /// <exception cref="InpaintException">InvalidParameter: it has none.</exception>
    public static Uri RequireBaseUri(this InpaintProvider provider) =>
        provider.BaseUri ?? throw new InpaintException(InpaintErrorId.InvalidParameter, $"Provider '{provider.Name}' has no base URL. Set its BaseUri.")
        {
            Provider = provider.Name,
            Parameter = nameof(InpaintProvider.BaseUri),
        };

    /// <summary>Describes the channel of a client. Nothing is opened before the first call.</summary>
    /// <param name="services">What the client is made of.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="guard">The hosts to which the key may go.</param>
    /// <param name="resilience">How calls are repeated; null for the usual way.</param>
    /// <returns>The settings, without a header for the key.</returns>
    public static ChannelSettings ChannelTo(this ProviderServices services, ProviderDescriptor kind, HostGuard guard, ResilienceOptions? resilience) => new()
    {
        Provider = services.Provider.Name,
        Guard = guard,
        Http = services.Http,
        Time = services.Time,
        Key = services.ApiKey,
        MissingKeyAdvice = $"The key is taken from the provider's ApiKey or from the environment variable {kind.KeyVariablesOf(services.Provider.Name)[0]}. {kind.KeyAdvice}",
        UncertainAdvice = kind.UncertainAdvice ?? "",
        Resilience = resilience ?? new ResilienceOptions(),
    };
}
