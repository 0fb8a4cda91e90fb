using Inpaint.Http;

namespace Inpaint.Providers.Shared;

/// <summary>The base URL and the channel of an HTTP client.</summary>
internal static class ServiceChannel
{
    /// <summary>Gets the base URL of a provider that needs one.</summary>
    /// <returns>The URL.</returns>
    /// <exception cref="InpaintException">InvalidParameter: it has none.</exception>
    public static Uri RequireBaseUri(this InpaintProvider provider) =>
        provider.BaseUri ?? throw new InpaintException(InpaintErrorId.InvalidParameter, $"Provider '{provider.Name}' has no base URL. Set its BaseUri.")
        {
            Provider = provider.Name,
            Parameter = nameof(InpaintProvider.BaseUri),
        };

    /// <summary>Makes the settings of a client's channel. Nothing is opened before the first call.</summary>
    /// <param name="services">The services of the client.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="guard">The hosts to which the key may go.</param>
    /// <param name="resilience">Retry and timeout settings; null for the defaults.</param>
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
