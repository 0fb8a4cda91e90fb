namespace Inpaint.Emulator.Recording;

/// <summary>Counts what is open right now: a client that has stopped must bring all of these back to zero.</summary>
public sealed class ConnectionGauge
{
    private readonly Changes changes = new();
    private int connections;
    private int accepted;
    private int requests;
    private int mostRequests;
    private int streams;

    /// <summary>Open TCP connections, idle ones of the client's pool included.</summary>
    public int Open => Volatile.Read(ref connections);

    /// <summary>TCP connections accepted since the start.</summary>
    public int Accepted => Volatile.Read(ref accepted);

    /// <summary>Requests that are being answered.</summary>
    public int RequestsInFlight => Volatile.Read(ref requests);

    /// <summary>The most requests that were being answered at once since the start.</summary>
    public int MostRequestsInFlight => Volatile.Read(ref mostRequests);

    /// <summary>Server-sent event streams that are being written.</summary>
    public int OpenStreams => Volatile.Read(ref streams);

    /// <summary>Waits for what is open to be as a test needs it.</summary>
    /// <param name="condition">Whether it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends when the condition is met.</returns>
    public Task WaitForAsync(Func<ConnectionGauge, bool> condition, CancellationToken cancellationToken) => changes.WaitForAsync(() => condition(this), cancellationToken);

    internal void ConnectionOpened()
    {
        Interlocked.Increment(ref accepted);
        Count(ref connections, 1);
    }

    internal void ConnectionClosed() => Count(ref connections, -1);

    internal void RequestBegun()
    {
        int now = Count(ref requests, 1);
        for (int most = MostRequestsInFlight; now > most; most = MostRequestsInFlight)
        {
            Interlocked.CompareExchange(ref mostRequests, now, most);
        }
    }

    internal void RequestEnded() => Count(ref requests, -1);

    internal void StreamBegun() => Count(ref streams, 1);

    internal void StreamEnded() => Count(ref streams, -1);

    private int Count(ref int counter, int change)
    {
        int now = Interlocked.Add(ref counter, change);
        changes.Announce();
        return now;
    }
}
