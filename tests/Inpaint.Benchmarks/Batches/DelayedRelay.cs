using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Inpaint.Benchmarks.Batches;

/// <summary>Makes a server on loopback as far away as one on the internet: a TCP relay that passes everything on a fixed time later, and lets opening a connection take a round trip.</summary>
internal sealed class DelayedRelay : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Uri target;
    private readonly TimeSpan delay;

    /// <summary>Starts a relay.</summary>
    /// <param name="target">Where the server listens.</param>
    /// <param name="roundTrip">The time from a request to its response, beyond what the server takes.</param>
    public DelayedRelay(Uri target, TimeSpan roundTrip)
    {
        this.target = target;
        delay = roundTrip / 2;
        listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"{target.Scheme}://{listener.LocalEndpoint}");

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = RelayAsync(await listener.AcceptSocketAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task RelayAsync(Socket client)
    {
        // The system accepts at once. Over a real network, a client could send only after the server's response.
        long open = Stopwatch.GetTimestamp() + TicksOf(2 * delay);
        using Socket server = new(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            client.NoDelay = server.NoDelay = true;
            await server.ConnectAsync(target.Host, target.Port);
            await Task.WhenAll(PassOnAsync(client, server, open), PassOnAsync(server, client, open));
        }
    }

    private async Task PassOnAsync(Socket from, Socket to, long open)
    {
        Channel<(long Due, byte[] Piece)> underWay = Channel.CreateUnbounded<(long, byte[])>();
        Task writing = WriteAsync();
        byte[] buffer = new byte[64 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and int read)
            {
                underWay.Writer.TryWrite((Math.Max(open, Stopwatch.GetTimestamp()) + TicksOf(delay), buffer[..read]));
            }
        }
        catch (SocketException)
        {
            // A reset ends the connection as well.
        }

        underWay.Writer.Complete();
        await writing;

        async Task WriteAsync()
        {
            try
            {
                await foreach ((long due, byte[] piece) in underWay.Reader.ReadAllAsync())
                {
                    if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { Ticks: > 0 } wait)
                    {
                        await Task.Delay(wait);
                    }

                    await to.SendAsync(piece);
                }

                to.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // The other end has gone.
            }
        }
    }

    private static long TicksOf(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
