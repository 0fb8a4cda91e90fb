using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Inpaint.Http;

/// <summary>What a client is wanted for; each purpose has connection rules of its own.</summary>
internal enum HttpPurpose
{
    /// <summary>Short calls that may be repeated: status, result, cancel.</summary>
    Call,

    /// <summary>
    /// Submits. Each gets a connection of its own: on a kept one that the server has just closed, a request dies after its bytes were written, and whether
    /// it arrived cannot be told.
    /// </summary>
    Submit,

    /// <summary>Uploads and downloads of pictures, which go to other hosts and carry no key.</summary>
    Transfer,
}

/// <summary>
/// Hands out HTTP clients. Built at the first call, so that importing the module loads none of it. Redirects are never followed by the client, because
/// a key must not travel with them; timeouts belong to the operation, not to the client.
/// </summary>
/// <param name="proxy">The way out of this machine; null for the system's.</param>
internal sealed class HttpClientSource(IWebProxy? proxy = null) : IDisposable
{
    // By its interface, because the library that has the class would be loaded for it at once.
    private readonly Lazy<IServiceProvider> services = new(() => Build(proxy));

    /// <summary>Makes a client. It is cheap, and may be kept or dropped.</summary>
    /// <param name="purpose">What for.</param>
    /// <returns>The client.</returns>
    public HttpClient Create(HttpPurpose purpose) => services.Value.GetRequiredService<IHttpClientFactory>().CreateClient(purpose.ToString());

    /// <inheritdoc/>
    public void Dispose()
    {
        if (services.IsValueCreated)
        {
            ((IDisposable)services.Value).Dispose();
        }
    }

    private static ServiceProvider Build(IWebProxy? proxy)
    {
        ServiceCollection collection = new();
        foreach (HttpPurpose purpose in Enum.GetValues<HttpPurpose>())
        {
            collection
                .AddHttpClient(purpose.ToString(), client => client.Timeout = Timeout.InfiniteTimeSpan)
                .RemoveAllLoggers()
                .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
                .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
                {
                    AllowAutoRedirect = false,
                    UseCookies = false,
                    Proxy = new LoopbackBypass(proxy ?? HttpClient.DefaultProxy),
                    ConnectTimeout = TimeSpan.FromSeconds(15),
                    PooledConnectionLifetime = purpose == HttpPurpose.Submit ? TimeSpan.Zero : TimeSpan.FromMinutes(5),
                    AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate | DecompressionMethods.Brotli,
                });
        }

        return collection.BuildServiceProvider();
    }
}
