using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Inpaint.Http;

/// <summary>How certain a submit is, for which a connection is opened ahead.</summary>
internal enum UpcomingSubmit
{
    /// <summary>It will follow at once. It uses a connection that was opened for one that is less certain, if there is one.</summary>
    Certain,

    /// <summary>It is one like the last, and will probably follow within seconds.</summary>
    Likely,

    /// <summary>Its request is being checked. It uses a connection that was opened for a likely one, if there is one.</summary>
    Planned,
}

/// <summary>
/// TLS connections that are opened before they are needed: a submit has a connection of its own, and would otherwise wait two round trips for it. Each serves one
/// request. One that is not used within seconds is closed: a server closes idle connections as well, and a request must not be written to one that it is just closing.
/// </summary>
/// <param name="proxy">Says which hosts are called directly; behind a proxy, no connections are opened.</param>
/// <param name="validate">Validates certificates; null for the platform's rules.</param>
internal sealed class ReadyConnections(IWebProxy proxy, TimeProvider time, RemoteCertificateValidationCallback? validate) : IDisposable
{
    /// <summary>How long a connection may wait for its request. Servers commonly close idle connections after five seconds or more.</summary>
    public static readonly TimeSpan MaximumAge = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    /// <summary>The largest number of connections that wait for a request at one host.</summary>
    public const int MaximumCount = 64;

    private readonly Dictionary<string, Host> hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource disposal = new();

    /// <summary>Opens a connection for a request that will follow soon. Returns at once, and a failure is left for the request to find.</summary>
    /// <param name="target">Where the request will go.</param>
    /// <param name="upcoming">How certain the request is.</param>
    public void Open(Uri target, UpcomingSubmit upcoming)
    {
        if (target.Scheme != Uri.UriSchemeHttps || (!proxy.IsBypassed(target) && proxy.GetProxy(target) is not null))
        {
            return;
        }

        Connection connection;
        Host host;
        lock (hosts)
        {
            if (disposal.IsCancellationRequested)
            {
                return;
            }

            string name = NameOf(target.IdnHost, target.Port);
            if (!hosts.TryGetValue(name, out host!))
            {
                hosts.Add(name, host = new Host());
            }

            if (upcoming != UpcomingSubmit.Likely && host.Spares > 0)
            {
                host.Spares -= upcoming == UpcomingSubmit.Certain ? 1 : 0;
                return;
            }

            if (host.Waiting.Count >= MaximumCount)
            {
                return;
            }

            host.Spares += upcoming == UpcomingSubmit.Certain ? 0 : 1;
            connection = new Connection(time.GetUtcNow(), ConnectAsync(target));
            host.Waiting.AddLast(connection);
        }

        _ = ExpireAsync(host, connection);
    }

    /// <summary>Gets the connection for a new request: one that is ready or nearly so, else a new one, over which TLS is still to be negotiated.</summary>
    public async ValueTask<Stream> TakeAsync(DnsEndPoint endPoint, CancellationToken cancellationToken)
    {
        while (Next(endPoint) is { } connection)
        {
            try
            {
                ReadyStream? stream = await connection.Opening.WaitAsync(cancellationToken).ConfigureAwait(false);
                if (stream is not null && await stream.IsIdleAsync(cancellationToken).ConfigureAwait(false))
                {
                    return stream;
                }
            }
            catch (OperationCanceledException)
            {
                connection.Close();
                throw;
            }

            connection.Close();
        }

        return await ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (hosts)
        {
            disposal.Cancel();
            foreach (Connection connection in hosts.Values.SelectMany(host => host.Waiting))
            {
                connection.Close();
            }

            hosts.Clear();
        }
    }

    private static string NameOf(string host, int port) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{host}:{port}");

    private static async Task<NetworkStream> ConnectAsync(DnsEndPoint endPoint, CancellationToken cancellationToken)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<ReadyStream?> ConnectAsync(Uri target)
    {
        using CancellationTokenSource expiry = new(MaximumAge, time);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(disposal.Token, expiry.Token);
        ReadyStream? stream = null;
        try
        {
            stream = new ReadyStream(await ConnectAsync(new DnsEndPoint(target.IdnHost, target.Port), limit.Token).ConfigureAwait(false), validate);
            SslClientAuthenticationOptions options = new() { TargetHost = target.IdnHost, ApplicationProtocols = [SslApplicationProtocol.Http11] };
            await stream.AuthenticateAsClientAsync(options, limit.Token).ConfigureAwait(false);
            stream.BeginIdle();
            return stream;
        }
        catch (Exception)
        {
            // The request opens a connection itself then, and fails for the same reason, or does not.
            stream?.Dispose();
            return null;
        }
    }

    private Connection? Next(DnsEndPoint endPoint)
    {
        lock (hosts)
        {
            // By the clock on the wall: a machine may have slept since.
            DateTimeOffset oldest = time.GetUtcNow() - MaximumAge;
            Host? host = hosts.GetValueOrDefault(NameOf(endPoint.Host, endPoint.Port));
            while (host?.Waiting.First is { Value: var connection })
            {
                host.Remove(connection);
                if (connection.OpenedAt > oldest)
                {
                    return connection;
                }

                connection.Close();
            }

            return null;
        }
    }

    private async Task ExpireAsync(Host host, Connection connection)
    {
        await Task.Delay(MaximumAge, time, disposal.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (hosts)
        {
            if (host.Remove(connection))
            {
                connection.Close();
            }
        }
    }

    private sealed class Host
    {
        public LinkedList<Connection> Waiting { get; } = new();

        /// <summary>How many of those that wait are not yet meant for a certain request.</summary>
        public int Spares { get; set; }

        public bool Remove(Connection connection)
        {
            bool isRemoved = Waiting.Remove(connection);
            Spares = Math.Min(Spares, Waiting.Count);
            return isRemoved;
        }
    }

    private sealed record Connection(DateTimeOffset OpenedAt, Task<ReadyStream?> Opening)
    {
        /// <summary>Closes the connection, as soon as it is open.</summary>
        public void Close() => _ = Opening.ContinueWith(static opening => opening.Result?.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>A connection that notices while it is idle that the server closes it.</summary>
    private sealed class ReadyStream(NetworkStream inner, RemoteCertificateValidationCallback? validate) : SslStream(inner, leaveInnerStreamOpen: false, validate)
    {
        private Task<int>? idling;

        /// <summary>Whether the server has neither closed the connection nor said anything yet. The socket knows it before the read that is under way does.</summary>
        public async ValueTask<bool> IsIdleAsync(CancellationToken cancellationToken)
        {
            while (idling is { IsCompleted: false } && inner.Socket.Poll(TimeSpan.Zero, SelectMode.SelectRead))
            {
                if (inner.Socket.Available == 0)
                {
                    return false;
                }

                // What has just arrived may be session tickets, which the read takes and goes on, or the notice of the end.
                await Task.Delay(Moment, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }

            return idling is { IsCompleted: false };
        }

        /// <summary>Begins to wait for bytes from the server, which the first read goes on with.</summary>
        public void BeginIdle() => idling = base.ReadAsync(Memory<byte>.Empty, CancellationToken.None).AsTask();

        /// <inheritdoc/>
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Interlocked.Exchange(ref idling, null) is { } pending)
            {
                await pending.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            return await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
    }
}
