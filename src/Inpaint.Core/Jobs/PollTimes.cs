namespace Inpaint.Jobs;

/// <summary>
/// The ages at which a job is best polled, learned from how long comparable jobs of the batch have taken: the schedule with the shortest mean wait after completion, each wait measured
/// as a share of what its job took, among those that need no more polls than fal's own client. A batch may have several kinds of jobs, as quick ones whose model is loaded already;
/// each kind gets its polls.
/// </summary>
/// <param name="minInterval">The shortest pause between two polls.</param>
/// <param name="maxInterval">The longest pause between two polls.</param>
internal sealed class PollTimes(TimeSpan minInterval, TimeSpan maxInterval)
{
    /// <summary>The durations kept; older ones are dropped, since a provider's load changes.</summary>
    private const int Capacity = 100;

    private const int MinDurations = 4;

    /// <summary>After how many new durations the polls are planned again.</summary>
    private const int DurationsPerPlan = 8;

    /// <summary>How much a duration varies among jobs that take the same time, as a share of it.</summary>
    private const double Variation = 0.08;

    /// <summary>How many jobs are taken to be of a duration that was never seen. It keeps some polls everywhere.</summary>
    private const double UnseenJobs = 0.5;

    /// <summary>The distance of the ages that are considered, as a share of the age, where that is longer than the shortest pause.</summary>
    private const double Resolution = 0.005;

    /// <summary>What a poll has to save at least, in durations of a job. It keeps a batch from using up polls that help little.</summary>
    private const double MinGain = 1e-5;

    /// <summary>The interval of fal's own client, in seconds.</summary>
    private const double ReferenceInterval = 0.5;

    /// <summary>The share of its polls that is planned with, because the next jobs may take longer than the last ones.</summary>
    private const double BudgetShare = 0.97;

    /// <summary>Nothing is planned beyond this age, in seconds: with the longest pause between polls, waits are a small share of the duration by then.</summary>
    private const double Horizon = 600;

    private readonly double unit = minInterval.TotalSeconds;

    private readonly Queue<Duration> durations = new();
    private double[] polls = [];
    private double costOfPoll = 0.02;
    private int unplanned;

    /// <summary>Adds the duration of a job, which is known to lie between two ages.</summary>
    /// <param name="unfinished">The age at which the job was last seen unfinished.</param>
    /// <param name="finished">The age at which it was seen finished.</param>
    public void Add(TimeSpan unfinished, TimeSpan finished)
    {
        durations.Enqueue(new Duration(unfinished.TotalSeconds, Math.Max(finished.TotalSeconds, unit)));
        unplanned++;
        if (durations.Count > Capacity)
        {
            durations.Dequeue();
        }
    }

    /// <summary>The pause before the next poll; null when too few durations are known, or the job takes longer than any before it.</summary>
    public TimeSpan? IntervalAt(TimeSpan age)
    {
        if (durations.Count < MinDurations)
        {
            return null;
        }

        if (polls.Length == 0 || unplanned >= DurationsPerPlan)
        {
            Plan();
        }

        // A poll and its response take time, which would make every other one of close polls too late.
        int next = Array.FindIndex(polls, poll => poll > age.TotalSeconds + (unit / 2));
        return next < 0 ? null : TimeSpan.FromSeconds(polls[next]) - age;
    }

    private void Plan()
    {
        unplanned = 0;
        double[] ages = AgesUpTo(Math.Min(durations.Max(d => d.Finished) * (1 + Variation), Horizon));
        double[] weights = WeightsAt(ages);

        // For a job of less than half a second, that client makes two polls. A budget below one can be kept by no schedule: polls would become dearer, and the only one later, with each plan.
        double budget = Math.Max(1.5, (durations.Average(d => Math.Min((d.Unfinished + d.Finished) / 2, Horizon)) * BudgetShare / ReferenceInterval) + 0.5);
        for (int attempt = 0; attempt < 3; attempt++)
        {
            (polls, double expected) = CheapestPolls(ages, weights);
            double excess = expected / budget;
            costOfPoll = Math.Max(costOfPoll * Math.Clamp(excess * excess, 0.25, 4), MinGain);
        }
    }

    /// <summary>The ages at which polls are considered.</summary>
    private double[] AgesUpTo(double last)
    {
        List<double> ages = [0, unit];
        while (ages[^1] < last)
        {
            ages.Add(ages[^1] + Math.Max(unit, Resolution * ages[^1]));
        }

        return [.. ages];
    }

    /// <summary>How many jobs have finished between each age and the one before it.</summary>
    private double[] WeightsAt(double[] ages)
    {
        double[] weights = new double[ages.Length];
        for (int i = 2; i < ages.Length; i++)
        {
            weights[i] = UnseenJobs * Math.Log(ages[i] / ages[i - 1]) / Math.Log(ages[^1] / unit);
        }

        foreach ((double unfinished, double finished) in durations)
        {
            double from = unfinished * (1 - Variation);
            double to = finished * (1 + Variation);
            int i = Array.BinarySearch(ages, from);
            for (i = i < 0 ? ~i : i + 1; i < ages.Length && ages[i - 1] < to; i++)
            {
                weights[i] += (Math.Min(to, ages[i]) - Math.Max(from, ages[i - 1])) / (to - from);
            }
        }

        return weights;
    }

    /// <summary>
    /// Chooses among all sequences of polls the one that costs least, by dynamic programming from the last age to the first: a wait costs its share of the job's duration, and a poll,
    /// which is made only for jobs that are unfinished at the one before it, <see cref="costOfPoll"/>.
    /// </summary>
    /// <returns>The ages, and how many of these polls a job takes on average.</returns>
    private (double[] Polls, double Expected) CheapestPolls(double[] ages, double[] weights)
    {
        int count = ages.Length;
        double total = durations.Count + UnseenJobs;

        // The jobs that have finished up to an age, and the sum of the inverse of their durations: the shares waited when a poll at t notices what has finished since one at s are
        // t * (inverse(t) - inverse(s)) - (finished(t) - finished(s)).
        double[] finished = new double[count];
        double[] inverse = new double[count];
        for (int i = 1; i < count; i++)
        {
            finished[i] = finished[i - 1] + weights[i];
            inverse[i] = inverse[i - 1] + (weights[i] * 2 / (ages[i] + ages[i - 1]));
        }

        double[] costs = new double[count];
        int[] next = new int[count];
        for (int i = count - 2; i >= 0; i--)
        {
            double latest = ages[i] + maxInterval.TotalSeconds;
            double poll = costOfPoll * (total - finished[i]);
            costs[i] = double.MaxValue;
            for (int j = i + 1; j < count && (j == i + 1 || ages[j] <= latest); j++)
            {
                double cost = poll + (ages[j] * (inverse[j] - inverse[i])) - (finished[j] - finished[i]) + costs[j];
                if (cost < costs[i])
                {
                    (costs[i], next[i]) = (cost, j);
                }
            }
        }

        List<double> chosen = [];
        double expected = 0;
        for (int i = 0; i < count - 1; i = next[i])
        {
            chosen.Add(ages[next[i]]);
            expected += (total - finished[i]) / total;
        }

        return ([.. chosen], expected);
    }

    /// <summary>The age in seconds at which a job was last seen unfinished, and the one at which it was seen finished.</summary>
    private sealed record Duration(double Unfinished, double Finished);
}
