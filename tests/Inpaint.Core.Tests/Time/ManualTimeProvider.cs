namespace Inpaint.Tests.Time;

/// <summary>A clock that moves only when told to, and then rings every timer at its own moment, one after the other, on the teller's thread.</summary>
internal class ManualTimeProvider : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private DateTimeOffset now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>How many timers were ever made.</summary>
    public int TimersMade { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ManualTimer timer = new(this, callback, state);
        lock (gate)
        {
            TimersMade++;
            timers.Add(timer);
        }

        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock without ringing anything on the way, as a suspended machine does; what fell due rings once, at the end.</summary>
    public void Suspend(TimeSpan span)
    {
        lock (gate)
        {
            now += span;
        }

        Advance(TimeSpan.Zero);
    }

    public void Advance(TimeSpan span)
    {
        DateTimeOffset end = GetUtcNow() + span;
        while (RingNext(end))
        {
        }

        lock (gate)
        {
            now = end > now ? end : now;
        }
    }

    /// <summary>Moves the clock to the moment of the timer that is due first, and rings it.</summary>
    /// <param name="latest">A timer that is due later stays, and the clock where it is.</param>
    /// <returns>Whether there was one.</returns>
    public bool RingNext(DateTimeOffset latest)
    {
        ManualTimer? next;
        lock (gate)
        {
            next = timers.Where(t => t.Due <= latest).MinBy(t => t.Due);
            now = next?.Due > now ? next.Due.Value : now;
            next?.Schedule(now);
        }

        next?.Ring();
        return next is not null;
    }

    /// <summary>Whether a timer made here has yet to ring.</summary>
    /// <param name="timer">The timer.</param>
    /// <returns>False once it has rung, or been disposed of.</returns>
    protected bool IsPending(ITimer timer)
    {
        lock (gate)
        {
            return ((ManualTimer)timer).Due is not null;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan period = Timeout.InfiniteTimeSpan;

        public DateTimeOffset? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                this.period = period;
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock.now + dueTime;
                return true;
            }
        }

        public void Schedule(DateTimeOffset now) => Due = period > TimeSpan.Zero ? now + period : null;

        public void Ring() => callback(state);

        public void Dispose()
        {
            lock (clock.gate)
            {
                Due = null;
                clock.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
