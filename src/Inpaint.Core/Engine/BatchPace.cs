namespace Inpaint.Engine;

/// <summary>
/// Estimates how long the rest of a batch takes, by the pace at which its last items have ended. Items run several at a time and often end in waves, so that time counts up to the
/// last end and not up to now, unless the next one is overdue. All members are safe to use from several threads.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class BatchPace(TimeProvider time)
{
    /// <summary>The ends that count; a provider's pace changes over a night.</summary>
    private const int Window = 256;

    /// <summary>Fewer ends say too little.</summary>
    private const int MinEnds = 2;

    private readonly Lock gate = new();

    // What came before the first end of the window, and the ends themselves.
    private readonly Queue<DateTimeOffset> ends = new();
    private DateTimeOffset? windowStart;
    private DateTimeOffset last;

    /// <summary>Notes that an item has begun.</summary>
    public void Begin()
    {
        lock (gate)
        {
            windowStart ??= time.GetUtcNow();
        }
    }

    /// <summary>Notes that an item has ended, however it did.</summary>
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

    /// <summary>Estimates when the last item will have ended.</summary>
    /// <param name="items">How many items have not ended yet.</param>
    /// <returns>The time from now; null while too few have ended to tell.</returns>
    public TimeSpan? TimeLeft(int items)
    {
        lock (gate)
        {
            if (ends.Count < MinEnds || windowStart is not { } start)
            {
                return null;
            }

            // What has passed since the last end is a part of the next wave, unless all should have ended by now.
            DateTimeOffset now = time.GetUtcNow();
            TimeSpan left = ((last - start) / ends.Count * items) - (now - last);
            return left >= TimeSpan.Zero ? left : (now - start) / ends.Count * items;
        }
    }
}
