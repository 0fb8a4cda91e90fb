namespace Inpaint.Emulator.Recording;

/// <summary>Counts what is open right now: a client that has stopped must bring all of these back to zero.</summary>
public sealed class ConnectionGauge
{
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

    internal void ConnectionOpened()
    {
        Interlocked.Increment(ref connections);
        Interlocked.Increment(ref accepted);
    }

    internal void ConnectionClosed() => Interlocked.Decrement(ref connections);

    internal void RequestBegun()
    {
        int now = Interlocked.Increment(ref requests);
        for (int most = MostRequestsInFlight; now > most; most = MostRequestsInFlight)
        {
            Interlocked.CompareExchange(ref mostRequests, now, most);
        }
    }

    internal void RequestEnded() => Interlocked.Decrement(ref requests);

    internal void StreamBegun() => Interlocked.Increment(ref streams);

    internal void StreamEnded() => Interlocked.Decrement(ref streams);
}
