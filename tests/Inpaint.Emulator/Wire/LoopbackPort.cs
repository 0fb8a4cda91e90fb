using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Inpaint.Emulator.Wire;

/// <summary>
/// Ports below those that systems choose for connections and for servers without a port of their own. No other socket takes such a port while its server is offline, and
/// two servers of this process never have the same.
/// </summary>
internal static class LoopbackPort
{
    private const int First = 20_000;
    private const int Count = 12_000;
    private static int used = Random.Shared.Next(Count);

    /// <summary>Listens on a free port.</summary>
    /// <param name="transport">What listens.</param>
    /// <param name="address">The address.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The listener.</returns>
    public static async ValueTask<IConnectionListener> BindAsync(IConnectionListenerFactory transport, IPAddress address, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await transport.BindAsync(new IPEndPoint(address, Next()), cancellationToken);
            }
            catch (Exception e) when (e is AddressInUseException or SocketException { SocketErrorCode: SocketError.AccessDenied })
            {
                // Another program's, or one that the system keeps back.
            }
        }
    }

    /// <summary>A port on which nothing listens.</summary>
    /// <returns>The port.</returns>
    public static int FindClosed()
    {
        while (true)
        {
            int port = Next();
            try
            {
                using TcpListener probe = new(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // As above.
            }
        }
    }

    private static int Next() => First + (int)((uint)Interlocked.Increment(ref used) % Count);
}
