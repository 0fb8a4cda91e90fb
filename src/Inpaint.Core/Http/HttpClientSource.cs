using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
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
/// <param name="resolve">Looks a host's addresses up; null for the system's way.</param>
/// <param name="createHandler">Makes the handlers that send the requests; null for those described here.</param>
internal sealed class HttpClientSource(IWebProxy? proxy = null, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null, Func<HttpMessageHandler>? createHandler = null) : IDisposable
{
    private readonly LoopbackBypassProxy wayOut = new(proxy ?? HttpClient.DefaultProxy);
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> resolver = resolve ?? Dns.GetHostAddressesAsync;
    private readonly ConcurrentDictionary<string, NetworkZones> zones = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock gate = new();

    // By its interface, because the library that has the class would be loaded for it at once.
    private IServiceProvider? services;

    /// <summary>Makes a client. It is cheap, and may be kept or dropped.</summary>
    /// <param name="purpose">What for.</param>
    /// <returns>The client.</returns>
    public HttpClient Create(HttpPurpose purpose) => Create(purpose.ToString());

    /// <summary>
    /// Makes a client for a place that a service has named, which must not make this machine talk to its own network: a name is checked by the address to which it
    /// really leads, when the connection is made. Names behind a proxy are the proxy's to judge.
    /// </summary>
    /// <param name="place">The place.</param>
    /// <param name="home">Where the service itself is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The client. Its calls throw <see cref="InpaintException"/> (InsecureTransport) where the place leads elsewhere than it may.</returns>
    /// <exception cref="InpaintException">InsecureTransport: the place says by itself that it leads there.</exception>
    public async Task<HttpClient> CreateForAsync(Uri place, AllowedNetworks home, CancellationToken cancellationToken)
    {
        NetworkZones? told = NetworkZone.OfHost(place.IdnHost);
        bool isProxied = wayOut.GetProxy(place) is not null;
        NetworkZones open = home.IsAnywhere ? NetworkZones.All
            : told == NetworkZones.None || (told is null && isProxied) ? NetworkZones.None
            : await FindAsync(home, cancellationToken).ConfigureAwait(false);
        if (told is { } zone && (zone & ~open) != NetworkZones.None)
        {
            throw Forbidden(place.IdnHost, zone);
        }

        return isProxied ? Create(HttpPurpose.Transfer) : Create(DirectName(open));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            (services as IDisposable)?.Dispose();
        }
    }

    private static string DirectName(NetworkZones open) => $"Direct{(int)open}";

    private static InpaintException Forbidden(string place, NetworkZones zone)
    {
        string where = zone switch
        {
            NetworkZones.Loopback => "this machine itself",
            NetworkZones.LinkLocal => "on this machine's own link",
            _ => "in a private network",
        };
        return new InpaintException(InpaintErrorId.InsecureTransport, $"{place} was not called: it is {where}, and was named by a service that is elsewhere.")
        {
            RecommendedAction = "Only a provider whose own address is there may name such a place. If it is one of yours, set it with Set-InpaintProvider -BaseUri.",
        };
    }

    private HttpClient Create(string name)
    {
        lock (gate)
        {
            services ??= Build();
        }

        return services.GetRequiredService<IHttpClientFactory>().CreateClient(name);
    }

    private async Task<NetworkZones> FindAsync(AllowedNetworks home, CancellationToken cancellationToken)
    {
        NetworkZones found = NetworkZones.None;
        foreach (string host in home.Bases.OfType<Uri>().Select(b => b.IdnHost).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (NetworkZone.OfHost(host) is { } told)
            {
                found |= told;
                continue;
            }

            if (!zones.TryGetValue(host, out NetworkZones known))
            {
                try
                {
                    known = (await resolver(host, cancellationToken).ConfigureAwait(false)).Aggregate(NetworkZones.None, (all, address) => all | NetworkZone.Of(address));
                    zones[host] = known;
                }
                catch (SocketException)
                {
                    // Where it cannot be found, it is no reason to allow more than the internet.
                }
            }

            found |= known;
        }

        return found;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, NetworkZones open, CancellationToken cancellationToken)
    {
        DnsEndPoint place = context.DnsEndPoint;
        IPAddress[] addresses = await resolver(place.Host, cancellationToken).ConfigureAwait(false);
        IPAddress[] allowed = [.. addresses.Where(address => (NetworkZone.Of(address) & ~open) == NetworkZones.None)];
        if (allowed.Length == 0 && addresses.Length > 0)
        {
            throw Forbidden($"{place.Host} ({addresses[0]})", NetworkZone.Of(addresses[0]));
        }

        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, place.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private ServiceProvider Build()
    {
        ServiceCollection collection = new();
        foreach (HttpPurpose purpose in Enum.GetValues<HttpPurpose>())
        {
            Add(collection, purpose.ToString(), purpose == HttpPurpose.Submit ? TimeSpan.Zero : TimeSpan.FromMinutes(5), handler => handler.Proxy = wayOut);
        }

        for (NetworkZones open = NetworkZones.None; open <= NetworkZones.All; open++)
        {
            NetworkZones allowed = open;
            Add(collection, DirectName(open), TimeSpan.FromMinutes(5), handler =>
            {
                handler.UseProxy = false;
                handler.ConnectCallback = (context, cancellationToken) => ConnectAsync(context, allowed, cancellationToken);
            }).AddHttpMessageHandler(() => new RefusalHandler());
        }

        return collection.BuildServiceProvider();
    }

    private IHttpClientBuilder Add(ServiceCollection collection, string name, TimeSpan lifetime, Action<SocketsHttpHandler> configure) => collection
        .AddHttpClient(name, client => client.Timeout = Timeout.InfiniteTimeSpan)
        .RemoveAllLoggers()
        .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
        .ConfigurePrimaryHttpMessageHandler(() =>
        {
            if (createHandler is not null)
            {
                return createHandler();
            }

            SocketsHttpHandler handler = new()
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(15),
                PooledConnectionLifetime = lifetime,
                AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate | DecompressionMethods.Brotli,
            };
            configure(handler);
            return handler;
        });

    /// <summary>The platform takes what a connection was refused for for a failure of the network, which would be tried again.</summary>
    private sealed class RefusalHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException e) when (e.InnerException is InpaintException refusal)
            {
                ExceptionDispatchInfo.Throw(refusal);
                throw;
            }
        }
    }
}
