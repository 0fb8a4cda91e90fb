using System.Net;
using Inpaint.Emulator.Recording;
using Microsoft.AspNetCore.Connections;

namespace Inpaint.Emulator.Wire;

/// <summary>
/// Listens like the transport it wraps, but can stop and start again on the same port while the server lives: connections are then refused by the system itself, exactly as
/// by a host that is down.
/// </summary>
internal sealed class SwitchableListener(IConnectionListenerFactory transport, ConnectionGauge gauge) : IConnectionListenerFactory, IConnectionListener
{
    private readonly Lock gate = new();
    private readonly HashSet<ConnectionContext> connections = [];
    private readonly CancellationTokenSource closed = new();
    private readonly List<IConnectionListener> unbound = [];
    private IConnectionListener? listener;
    private TaskCompletionSource online = Completed();

    public EndPoint EndPoint { get; private set; } = new IPEndPoint(IPAddress.Loopback, 0);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        listener = endpoint is IPEndPoint { Port: 0 } any
            ? await LoopbackPort.BindAsync(transport, any.Address, cancellationToken)
            : await transport.BindAsync(endpoint, cancellationToken);
        EndPoint = listener.EndPoint;
        return this;
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (!closed.IsCancellationRequested)
        {
            await online.Task.WaitAsync(closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            IConnectionListener current = listener!;
            if (!closed.IsCancellationRequested && await current.AcceptAsync(cancellationToken) is { } connection)
            {
                Track(connection, current);
                return connection;
            }
        }

        return null;
    }

    public async Task GoOfflineAsync()
    {
        ConnectionContext[] open;
        lock (gate)
        {
            if (!online.Task.IsCompleted)
            {
                return;
            }

            online = new(TaskCreationOptions.RunContinuationsAsynchronously);
            open = [.. connections];

            // It is not disposed of before the server ends: that would take the memory from connections on which a request is still being answered.
            unbound.Add(listener!);
        }

        await listener!.UnbindAsync();
        foreach (ConnectionContext connection in open)
        {
            connection.Abort();
        }
    }

    public async Task GoOnlineAsync()
    {
        if (online.Task.IsCompleted)
        {
            return;
        }

        listener = await transport.BindAsync(EndPoint);
        online.SetResult();
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await closed.CancelAsync();
        await listener!.UnbindAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IConnectionListener ended in listener is null ? unbound : unbound.Append(listener).Distinct())
        {
            await ended.DisposeAsync();
        }
    }

    private void Track(ConnectionContext connection, IConnectionListener from)
    {
        gauge.ConnectionOpened();
        bool isEnded;
        lock (gate)
        {
            connections.Add(connection);
            isEnded = unbound.Contains(from);
        }

        connection.ConnectionClosed.UnsafeRegister(_ =>
        {
            gauge.ConnectionClosed();
            lock (gate)
            {
                connections.Remove(connection);
            }
        }, null);

        // Accepted in the moment in which all others were ended.
        if (isEnded)
        {
            connection.Abort();
        }
    }

    private static TaskCompletionSource Completed()
    {
        TaskCompletionSource source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        source.SetResult();
        return source;
    }
}
