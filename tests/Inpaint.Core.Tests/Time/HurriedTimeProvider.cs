namespace Inpaint.Tests.Time;

/// <summary>A clock on which a pause takes a moment, and a deadline its whole time. For long runs in which only the order of things matters.</summary>
/// <param name="showsPauses">Whether the clock shows the time at which a pause would have ended; else it is the system's.</param>
internal sealed class HurriedTimeProvider(bool showsPauses = false) : TimeProvider
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private long skippedTicks;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref skippedTicks));

    // The timers of deadlines belong to cancellation sources, those of pauses to delays.
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (state is CancellationTokenSource || dueTime <= Moment)
        {
            return base.CreateTimer(callback, state, dueTime, period);
        }

        DateTimeOffset due = GetUtcNow() + dueTime;
        return base.CreateTimer(Skip, state, Moment, period);

        void Skip(object? given)
        {
            // Pauses that run at the same time take no longer together than the longest of them.
            long skipped = Interlocked.Read(ref skippedTicks);
            while (showsPauses && (due - base.GetUtcNow()).Ticks is var needed && needed > skipped)
            {
                skipped = Interlocked.CompareExchange(ref skippedTicks, needed, skipped);
            }

            callback(given);
        }
    }
}
