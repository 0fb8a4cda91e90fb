using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;

namespace Inpaint.Http;

/// <summary>What an HTTP client is used for; each purpose has its own connection rules.</summary>
internal enum HttpPurpose
{
    /// <summary>Short calls that may be repeated, such as status, result and cancel.</summary>
    Call,

    /// <summary>
    /// Submits. Each gets a connection of its own, which may have been opened ahead: on a kept-alive one that the server has just closed, a request fails after its
    /// bytes were written, and whether it arrived cannot be told.
    /// </summary>
    Submit,

    /// <summary>Uploads and downloads of pictures, which go to other hosts without a key.</summary>
    Transfer,
}

/// <summary>
/// Makes the HTTP clients, one for each purpose. They never follow redirects, because a key must not be sent along, and have no timeout, because that belongs to the
/// operation. <see cref="HttpClient"/> would add only what is not used here.
/// </summary>
/// <param name="proxy">The proxy; null for the system's.</param>
/// <param name="resolve">Resolves a host name to IP addresses; null for the system's DNS.</param>
/// <param name="createHandler">Makes the handlers that send the requests; null for those described here.</param>
/// <param name="time">The clock; null for the system's.</param>
/// <param name="validate">Validates certificates; null for the platform's rules.</param>
internal sealed class HttpClientSource(
    IWebProxy? proxy = null,
    Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null,
    Func<HttpMessageHandler>? createHandler = null,
    TimeProvider? time = null,
    RemoteCertificateValidationCallback? validate = null) : IDisposable
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly LoopbackBypassProxy effectiveProxy = new(proxy ?? HttpClient.DefaultProxy);
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> resolver = resolve ?? Dns.GetHostAddressesAsync;
    private readonly ConcurrentDictionary<string, NetworkZones> zones = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock gate = new();
    private readonly HttpMessageInvoker?[] clients = new HttpMessageInvoker?[(int)HttpPurpose.Transfer + 1];
    private readonly HttpMessageInvoker?[] directClients = new HttpMessageInvoker?[(int)NetworkZones.All + 1];
    private ReadyConnections? ready;
    private bool isDisposed;

    /// <summary>Gets the client for a purpose, which belongs to this source.</summary>
    public HttpMessageInvoker Get(HttpPurpose purpose) => Get(clients, (int)purpose, handler =>
    {
        bool isSubmit = purpose == HttpPurpose.Submit;
        handler.PooledConnectionLifetime = isSubmit ? TimeSpan.Zero : ConnectionLifetime;

        // With a limit, however large, the handler keeps its pool for a host, though no connection in it; without one, it makes a pool for each submit.
        handler.MaxConnectionsPerServer = isSubmit ? int.MaxValue - 1 : int.MaxValue;
        handler.Proxy = effectiveProxy;
        handler.ConnectCallback = isSubmit ? (context, cancellationToken) => Ready().TakeAsync(context.DnsEndPoint, cancellationToken) : null;
    });

    /// <summary>
    /// Gets a client for a URL that came from a service, which must not make this machine call into its own network: when the connection is made, the IP address
    /// to which the name resolves is checked, and calls throw InsecureTransport where it is not
    /// allowed. Behind a proxy, checking names is the proxy's task.
    /// </summary>
    /// <exception cref="InpaintException">InsecureTransport: the host is a literal address in a network that is not allowed.</exception>
    public async ValueTask<HttpMessageInvoker> GetForAsync(Uri url, AllowedNetworks allowed, CancellationToken cancellationToken)
    {
        NetworkZones? known = NetworkZone.OfHost(url.IdnHost);
        bool isProxied = effectiveProxy.GetProxy(url) is not null;
        NetworkZones open = allowed.IsAnywhere ? NetworkZones.All
            : known == NetworkZones.None || (known is null && isProxied) ? NetworkZones.None
            : await ResolveZonesAsync(allowed, cancellationToken).ConfigureAwait(false);
        if (known is { } zone && (zone & ~open) != NetworkZones.None)
        {
            throw Forbidden(url.IdnHost, zone);
        }

        return isProxied ? Get(HttpPurpose.Transfer) : Get(directClients, (int)open, handler =>
        {
            handler.UseProxy = false;
            handler.ConnectCallback = (context, token) => ConnectAsync(context, open, token);
        });
    }

    /// <summary>Opens a connection for a submit that will follow within seconds. Returns at once, and fails silently.</summary>
    public void ConnectAhead(Uri target, UpcomingSubmit upcoming)
    {
        if (createHandler is null)
        {
            Ready().Open(target, upcoming);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            ready?.Dispose();
            foreach (HttpMessageInvoker? client in clients.Concat(directClients))
            {
                client?.Dispose();
            }
        }
    }

    private static InpaintException Forbidden(string host, NetworkZones zone)
    {
        string where = zone switch
        {
            NetworkZones.Loopback => "this machine itself",
            NetworkZones.LinkLocal => "on the link-local network",
            _ => "in a private network",
        };
        return new InpaintException(InpaintErrorId.InsecureTransport, $"{host} was not called: it is {where}, and the URL came from a service outside that network.")
        {
            RecommendedAction = "Only a provider whose base URI is in the same network may return such URLs. If the provider is your own, set its BaseUri to an address in that network.",
        };
    }

    private HttpMessageInvoker Get(HttpMessageInvoker?[] known, int index, Action<SocketsHttpHandler> configure)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            return known[index] ??= new Client(createHandler?.Invoke() ?? MakeHandler(configure));
        }
    }

    private SocketsHttpHandler MakeHandler(Action<SocketsHttpHandler> configure)
    {
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = ConnectionLifetime,
            EnableMultipleHttp2Connections = true,
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate | DecompressionMethods.Brotli,
        };
        handler.SslOptions.RemoteCertificateValidationCallback = validate;
        configure(handler);
        return handler;
    }

    private async Task<NetworkZones> ResolveZonesAsync(AllowedNetworks allowed, CancellationToken cancellationToken)
    {
        NetworkZones found = NetworkZones.None;
        foreach (Uri? configured in allowed.Bases)
        {
            if (configured?.IdnHost is not { } host)
            {
                continue;
            }

            if (NetworkZone.OfHost(host) is { } literal)
            {
                found |= literal;
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
                    // A name that cannot be resolved is no reason to allow more than the internet.
                }
            }

            found |= known;
        }

        return found;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, NetworkZones open, CancellationToken cancellationToken)
    {
        DnsEndPoint endPoint = context.DnsEndPoint;
        IPAddress[] addresses = await resolver(endPoint.Host, cancellationToken).ConfigureAwait(false);
        IPAddress[] allowed = Array.FindAll(addresses, address => (NetworkZone.Of(address) & ~open) == NetworkZones.None);
        if (allowed.Length == 0 && addresses.Length > 0)
        {
            throw Forbidden($"{endPoint.Host} ({addresses[0]})", NetworkZone.Of(addresses[0]));
        }

        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, endPoint.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private ReadyConnections Ready()
    {
        lock (gate)
        {
            return ready ??= new ReadyConnections(effectiveProxy, time ?? TimeProvider.System, validate);
        }
    }

    /// <summary>Unwraps a refusal to connect from the exception in which the platform reports it, which would be retried as a network failure.</summary>
    private sealed class Client(HttpMessageHandler handler) : HttpMessageInvoker(handler)
    {
        public override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
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

    /// <summary>
    /// The system's proxy for everything but loopback. A key may go to loopback unencrypted because it does not leave the machine; through a proxy it would, and
    /// most environments that name a proxy name no exceptions.
    /// </summary>
    private sealed class LoopbackBypassProxy(IWebProxy system) : IWebProxy
    {
        /// <inheritdoc/>
        public ICredentials? Credentials
        {
            get => system.Credentials;
            set => system.Credentials = value;
        }

        /// <inheritdoc/>
        public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : system.GetProxy(destination);

        /// <inheritdoc/>
        public bool IsBypassed(Uri host) => HostGuard.IsLoopback(host) || system.IsBypassed(host);
    }
}
