namespace Inpaint.Http;

/// <summary>Holds back all calls to a service that has asked one of them to wait: limits count per account, so that each call finding them out anew would only prolong them.</summary>
internal sealed class RateGate(TimeProvider time)
{
    private readonly Lock gate = new();
    private DateTimeOffset opensAt = DateTimeOffset.MinValue;

    /// <summary>How long the gate stays closed; not positive while it is open.</summary>
    public TimeSpan Remaining
    {
        get
        {
            lock (gate)
            {
                return opensAt - time.GetUtcNow();
            }
        }
    }

    /// <summary>Closes the gate; a pause that is already longer stays.</summary>
    /// <param name="pause">For how long.</param>
    public void CloseFor(TimeSpan pause)
    {
        DateTimeOffset until = time.GetUtcNow() + pause;
        lock (gate)
        {
            opensAt = until > opensAt ? until : opensAt;
        }
    }

    /// <summary>Waits until the gate is open.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When open.</returns>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (Remaining is { Ticks: > 0 } pause)
        {
            CallContext.TellOfPause("rate limited", pause);

            // Timers know whole milliseconds only; rounded down, the last of them would be spent in a busy loop.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(pause.TotalMilliseconds)), time, cancellationToken).ConfigureAwait(false);
        }
    }
}
