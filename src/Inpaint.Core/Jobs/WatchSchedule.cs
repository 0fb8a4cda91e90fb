namespace Inpaint.Jobs;

/// <summary>How often waiting jobs are looked at.</summary>
internal sealed record WatchSchedule
{
    /// <summary>Shortest pause between two looks at the same job.</summary>
    public TimeSpan ShortestPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest pause between two looks at the same job.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause grows to this share of the job's time under watch: a job that has run for a minute need not be known done to the half second.</summary>
    public double ShareOfAge { get; init; } = 0.1;

    /// <summary>
    /// The pause before a look is this share of the time in which the service expects to be done, when that is the longer one: the looks come the closer together
    /// the nearer the end is, and a job that is done before its time is noticed after a quarter of what was still expected, not at its end.
    /// </summary>
    public double ShareOfExpectation { get; init; } = 0.25;

    /// <summary>How many looks a second all jobs of a provider together may cause.</summary>
    public double LooksPerSecond { get; init; } = 8;

    /// <summary>How many looks may be under way at once.</summary>
    public int ConcurrentLooks { get; init; } = 8;

    /// <summary>How many jobs are listened to at once; the others are looked at.</summary>
    public int ConcurrentStreams { get; init; } = 32;

    /// <summary>How many looks in a row may fail for reasons that may pass before the waiting is given up. Each has been repeated by the wire already.</summary>
    public int FailuresInARow { get; init; } = 6;

    /// <summary>The mean distance of two looks when all are wanted at once.</summary>
    public TimeSpan LookInterval => TimeSpan.FromSeconds(1 / LooksPerSecond);

    /// <summary>Computes the pause before the next look at a job.</summary>
    /// <param name="age">How long it has been watched.</param>
    /// <param name="watched">How many jobs share the schedule.</param>
    /// <param name="failures">How many looks in a row have failed.</param>
    /// <param name="expected">When the service expects to be done, from now; negative when that moment has passed.</param>
    /// <param name="asked">How long the service has asked to be left alone.</param>
    /// <returns>The pause.</returns>
    public TimeSpan PauseBefore(TimeSpan age, int watched, int failures, TimeSpan? expected = null, TimeSpan? asked = null)
    {
        double byAge = age.Ticks * ShareOfAge;
        double byExpectation = (expected?.Ticks ?? 0) * ShareOfExpectation;
        TimeSpan pause = TimeSpan.FromTicks((long)Math.Clamp(Math.Max(byAge, byExpectation), ShortestPause.Ticks, LongestPause.Ticks));
        if (asked is TimeSpan wait && wait > pause)
        {
            pause = wait < LongestPause * 3 ? wait : LongestPause * 3;
        }

        if (failures > 0)
        {
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks << Math.Min(failures, 6), LongestPause.Ticks * 3));
        }

        TimeSpan share = TimeSpan.FromSeconds(watched / LooksPerSecond);
        return pause > share ? pause : share;
    }
}
