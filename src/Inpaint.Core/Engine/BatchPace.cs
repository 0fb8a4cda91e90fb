namespace Inpaint.Engine;

/// <summary>
/// Estimates how long the rest of a batch takes, from how long its last items took and how many ran at once. Items that are still running count as far as they have
/// come; otherwise the estimate would be too long while the first ones run, and whenever one of several that began together has ended. All members are thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class BatchPace(TimeProvider time)
{
    /// <summary>The minimum number of ended items that count; not all do, because a provider's pace changes over time.</summary>
    private const int Window = 256;

    /// <summary>The minimum number of ended items that count for each that runs: fewer would be mostly quick ones.</summary>
    private const int WindowForEach = 4;

    /// <summary>The minimum number of ended items for an estimate.</summary>
    private const int MinEnds = 2;

    private readonly Lock gate = new();
    private readonly List<DateTimeOffset> running = [];

    // How long each item of the window took, and the clock and the running time of all items together when it ended.
    private readonly Queue<(double Took, DateTimeOffset At, double Busy)> ended = new();
    private (DateTimeOffset At, double Busy)? windowStart;
    private bool isCut;

    // The running time of all items together, up to the last change of their number.
    private double busy;
    private DateTimeOffset changed;

    /// <summary>Records the start of an item.</summary>
    /// <returns>When it started, for <see cref="End"/>.</returns>
    public DateTimeOffset Begin()
    {
        lock (gate)
        {
            DateTimeOffset now = Advance();
            windowStart ??= (now, busy);
            running.Add(now);
            return now;
        }
    }

    /// <summary>Records the end of an item, whatever its outcome.</summary>
    /// <param name="begun">When it started, as <see cref="Begin"/> returned it. The end of an item whose start was not recorded does not count.</param>
    public void End(DateTimeOffset begun)
    {
        lock (gate)
        {
            DateTimeOffset now = Advance();
            if (!running.Remove(begun))
            {
                return;
            }

            ended.Enqueue(((now - begun).TotalSeconds, now, busy));
            while (ended.Count > Math.Max(Window, WindowForEach * running.Count))
            {
                (_, DateTimeOffset at, double before) = ended.Dequeue();
                windowStart = (at, before);
                isCut = true;
            }
        }
    }

    /// <summary>Estimates the time until the last item ends.</summary>
    /// <param name="items">The number of items that have not ended yet, those that are running included.</param>
    /// <returns>The time from now; null while too few items have ended.</returns>
    public TimeSpan? TimeLeft(int items)
    {
        lock (gate)
        {
            DateTimeOffset now = Advance();
            if (ended.Count < MinEnds || windowStart is not { } start || now <= start.At)
            {
                return null;
            }

            double[] ages = [.. running.Select(begun => (now - begun).TotalSeconds)];

            // As many of the ended items were running when the window began as are running now, so the ended ones alone are a fair sample.
            Lifetimes lifetimes = new([.. ended.Select(item => item.Took)], isCut ? [] : [.. ages]);
            double work = lifetimes.Mean * Math.Max(0, items - ages.Length);
            double longest = 0;
            foreach (double age in ages)
            {
                double left = lifetimes.LeftAt(age);
                work += left;
                longest = Math.Max(longest, left);
            }

            double atOnce = (busy - start.Busy) / (now - start.At).TotalSeconds;
            return TimeSpan.FromSeconds(atOnce > 0 ? Math.Max(longest, work / atOnce) : 0);
        }
    }

    private DateTimeOffset Advance()
    {
        DateTimeOffset now = time.GetUtcNow();
        busy += running.Count * (now - changed).TotalSeconds;
        changed = now;
        return now;
    }

    /// <summary>
    /// How long items take, from those that have ended and those that are still running, of which only a minimum is known (the Kaplan-Meier estimator). The mean of the
    /// ended ones alone would be too short, because quick items end first.
    /// </summary>
    private sealed class Lifetimes
    {
        // For each duration that was seen, in ascending order: the share of items that take longer, and the mean of all durations up to there.
        private readonly List<(double At, double Longer, double Mean)> steps = [(0, 1, 0)];

        public Lifetimes(double[] took, double[] ages)
        {
            Array.Sort(took);
            Array.Sort(ages);
            int passed = 0;
            for (int i = 0; i < took.Length; i++)
            {
                while (passed < ages.Length && ages[passed] < took[i])
                {
                    passed++;
                }

                (double at, double longer, double mean) = steps[^1];
                int others = took.Length - i + ages.Length - passed;
                steps.Add((took[i], longer * (others - 1) / others, mean + (longer * (took[i] - at))));
            }
        }

        public double Mean => MeanUpTo(double.MaxValue);

        /// <summary>How much longer an item runs that has run for a time. One that has outlived all others is expected to take as much longer again.</summary>
        public double LeftAt(double age)
        {
            (double at, double longer, _) = StepAt(age);
            return at < steps[^1].At ? (Mean - MeanUpTo(age)) / longer : age - at;
        }

        private double MeanUpTo(double age)
        {
            (double at, double longer, double mean) = StepAt(age);
            return at < steps[^1].At ? mean + (longer * (age - at)) : mean;
        }

        /// <summary>The last step up to an age; a binary search, because a thousand running items are asked for among thousands of steps.</summary>
        private (double At, double Longer, double Mean) StepAt(double age)
        {
            int low = 0;
            int high = steps.Count;
            while (high - low > 1)
            {
                int middle = (low + high) / 2;
                (low, high) = steps[middle].At <= age ? (middle, high) : (low, middle);
            }

            return steps[low];
        }
    }
}
