namespace Inpaint.Jobs;

/// <summary>How often waiting jobs are looked at.</summary>
internal sealed record WatchSchedule
{
    /// <summary>Shortest pause between two looks at the same job.</summary>
    public TimeSpan MinInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest pause between two looks at the same job.</summary>
    public TimeSpan MaxInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause grows to this share of the job's time under watch: a job that has run for a minute need not be known done to the half second.</summary>
    public double IntervalPerAge { get; init; } = 0.1;

    /// <summary>
    /// The pause before a look is this share of the time in which the service expects to be done, when that is the longer one: the looks come the closer together
    /// the nearer the end is, and a job that is done before its time is noticed after a quarter of what was still expected, not at its end.
    /// </summary>
    public double IntervalPerExpectation { get; init; } = 0.25;

    /// <summary>How many looks a second all jobs of a provider together may cause.</summary>
    public double PollsPerSecond { get; init; } = 8;

    /// <summary>How many looks may be under way at once.</summary>
    public int MaxConcurrentPolls { get; init; } = 8;

    /// <summary>How many jobs are listened to at once; the others are looked at.</summary>
    public int MaxConcurrentStreams { get; init; } = 32;

    /// <summary>
    /// How many answers in a row may bring nothing, for reasons that may pass, before the waiting is given up. Each has been repeated by the wire already, where it
    /// knows that it may.
    /// </summary>
    public int MaxFailuresInARow { get; init; } = 6;

    /// <summary>For how long answers must have brought nothing before the waiting is given up, however many they were: what an odd answer hides may be there a moment later.</summary>
    public TimeSpan FailureTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The same where somebody wants to know how a job stands, and does not wait for it.</summary>
    public TimeSpan QueryFailureTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For how long a service may go on to say that it has no room before the waiting is given up. That is no failure, but a queue.</summary>
    public TimeSpan CapacityTimeout { get; init; } = TimeSpan.FromMinutes(45);

    /// <summary>When a job has been complete for so long, what is asked for its result and does not bring it is not early any more.</summary>
    public TimeSpan ResultGracePeriod { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The mean distance of two looks when all are wanted at once.</summary>
    public TimeSpan PollInterval => TimeSpan.FromSeconds(1 / PollsPerSecond);

    /// <summary>Whether a failure to learn of a job may pass: it says something about the asking, or comes too early, and is not the provider's last word.</summary>
    public static bool MayBeTransient(InpaintException e) => !e.IsVerdict && (e.IsTransient || e.ErrorId is InpaintErrorId.ProviderUnavailable or InpaintErrorId.RateLimited
        or InpaintErrorId.ResponseInvalid or InpaintErrorId.JobNotFound or InpaintErrorId.ResultExpired or InpaintErrorId.JobFailed);

    /// <summary>Whether to ask on after another answer that brought nothing.</summary>
    public bool ShouldRetry(InpaintException e, int failures, TimeSpan waited, bool isGlance = false) => MayBeTransient(e) && (isGlance ? waited < QueryFailureTimeout
        : e.ErrorId == InpaintErrorId.RateLimited ? waited < CapacityTimeout
        : failures < MaxFailuresInARow || waited < FailureTimeout);

    /// <summary>Computes the pause before the next look at a job.</summary>
    public TimeSpan IntervalFor(TimeSpan age, int watched, int failures, TimeSpan? expected = null, TimeSpan? asked = null)
    {
        double byAge = age.Ticks * IntervalPerAge;
        double byExpectation = (expected?.Ticks ?? 0) * IntervalPerExpectation;
        TimeSpan pause = TimeSpan.FromTicks((long)Math.Clamp(Math.Max(byAge, byExpectation), MinInterval.Ticks, MaxInterval.Ticks));
        if (asked is TimeSpan wait && wait > pause)
        {
            pause = wait < MaxInterval * 3 ? wait : MaxInterval * 3;
        }

        if (failures > 0)
        {
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks << Math.Min(failures, 6), MaxInterval.Ticks * 3));
        }

        TimeSpan share = TimeSpan.FromSeconds(watched / PollsPerSecond);
        return pause > share ? pause : share;
    }
}
