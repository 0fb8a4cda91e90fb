namespace Inpaint.Engine;

/// <summary>
/// Estimates how long the rest of a batch takes, from the pace of its last items. Items run several at a time and often end in waves, so the pace is measured up to the
/// last end rather than up to now, unless the next end is overdue. All members are thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class BatchPace(TimeProvider time)
{
    /// <summary>The number of ends that count, because a provider's pace changes over time.</summary>
    private const int Window = 256;

    /// <summary>The minimum number of ends for an estimate.</summary>
    private const int MinEnds = 2;

    private readonly Lock gate = new();

    // The ends in the window, and the time before the first of them.
    private readonly Queue<DateTimeOffset> ends = new();
    private DateTimeOffset? windowStart;
    private DateTimeOffset last;

    /// <summary>Records the start of an item.</summary>
    public void Begin()
    {
        lock (gate)
        {
            windowStart ??= time.GetUtcNow();
        }
    }

    /// <summary>Records the end of an item, whatever its outcome.</summary>
    public void End()
    {
        lock (gate)
        {
            last = time.GetUtcNow();
            windowStart ??= last;
            ends.Enqueue(last);
            if (ends.Count > Window)
            {
                windowStart = ends.Dequeue();
            }
        }
    }

    /// <summary>Estimates the time until the last item ends.</summary>
    /// <param name="items">The number of items that have not ended yet.</param>
    /// <returns>The time from now; null while too few items have ended.</returns>
    public TimeSpan? TimeLeft(int items)
    {
        lock (gate)
        {
            if (ends.Count < MinEnds || windowStart is not { } start)
            {
                return null;
            }

            // The time since the last end is part of the next wave, unless all items should have ended by now.
            DateTimeOffset now = time.GetUtcNow();
            TimeSpan left = ((last - start) / ends.Count * items) - (now - last);
            return left >= TimeSpan.Zero ? left : (now - start) / ends.Count * items;
        }
    }
}
