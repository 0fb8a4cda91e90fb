namespace Inpaint.Jobs;

/// <summary>How waiting jobs are watched: how many streams and polls there may be, how often a job is polled, and how long failures to do so are tolerated.</summary>
internal sealed record WatchSchedule
{
    /// <summary>The shortest pause between two polls of a job.</summary>
    public TimeSpan MinInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The pause before the first poll of a job whose duration cannot be estimated; none is done at once.</summary>
    public TimeSpan FirstInterval => MinInterval * 2.5;

    /// <summary>The pause after the first failed query. A failure tells nothing about the job, so that there is no hurry to repeat it.</summary>
    public TimeSpan FailureInterval => MinInterval * 5;

    /// <summary>The longest pause between two polls of a job, unless the service asks for more or there are more jobs than <see cref="PollsPerSecond"/> allows for.</summary>
    public TimeSpan MaxInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause between polls as a share of the time for which the job has been watched: completion is noticed after at most this share of the job's duration.</summary>
    public double IntervalPerAge { get; init; } = 0.1;

    /// <summary>
    /// The pause before a poll as a share of the time after which the service expects to be done, where that is the longer pause. A job that finishes early is thereby
    /// noticed after a quarter of the time that was still expected.
    /// </summary>
    public double IntervalPerExpectation { get; init; } = 0.25;

    /// <summary>The rate of polls to one provider at which this starts, and the most that it reaches. It is halved when the provider answers 429, and recovers.</summary>
    public double PollsPerSecond { get; init; } = 100;

    /// <summary>How many polls of one provider may be under way at once.</summary>
    public int MaxConcurrentPolls { get; init; } = 32;

    /// <summary>How many status streams of one provider may be open at once; further jobs are polled. Over HTTP/2 they share connections, over HTTP/1.1 each has its own.</summary>
    public int MaxConcurrentStreams { get; init; } = 256;

    /// <summary>Up to this age a job is polled at its own pace before older ones get their share of the rate, so that many long jobs do not delay a short one.</summary>
    public TimeSpan ShortJobAge { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The number of failures in a row, each already retried by the HTTP layer, that is tolerated however quickly they come.</summary>
    public int MaxFailuresInARow { get; init; } = 6;

    /// <summary>The time for which failures are tolerated however many they are: what an odd response hides may be there a moment later.</summary>
    public TimeSpan FailureTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The time for which failures of a single query are tolerated, where nobody waits for the job.</summary>
    public TimeSpan QueryFailureTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The time for which a service may refuse calls for lack of capacity (429). That is a queue and no failure.</summary>
    public TimeSpan CapacityTimeout { get; init; } = TimeSpan.FromMinutes(45);

    /// <summary>The time after completion from which a missing result is no longer taken for a result that is not there yet.</summary>
    public TimeSpan ResultGracePeriod { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Whether a failure may be transient: it is about the call, or comes too early, and is not the provider's final word. False for what retrying does not change, such as the key or the account.</summary>
    public static bool MayBeTransient(InpaintException e) => !e.IsVerdict && (e.IsTransient || e.ErrorId is InpaintErrorId.ProviderUnavailable or InpaintErrorId.RateLimited
        or InpaintErrorId.ResponseInvalid or InpaintErrorId.JobNotFound or InpaintErrorId.ResultExpired or InpaintErrorId.JobFailed);

    /// <summary>Whether to repeat a query after a number of failures in a row, with the given pauses between them. A single query, for which nobody waits, is given up sooner.</summary>
    public bool ShouldRetry(InpaintException e, int failures, TimeSpan waited, bool isQuery = false) => MayBeTransient(e) && (isQuery ? waited < QueryFailureTimeout
        : e.ErrorId == InpaintErrorId.RateLimited ? waited < CapacityTimeout
        : failures < MaxFailuresInARow || waited < FailureTimeout);

    /// <summary>The pause before the next poll of a job that has been watched for <paramref name="age"/>.</summary>
    /// <param name="age">How long the job has been watched.</param>
    /// <param name="expected">The time to completion that the service expects; null when it has named none, negative when it has passed.</param>
    /// <param name="learned">When comparable jobs are best polled; null when none has finished.</param>
    public TimeSpan IntervalFor(TimeSpan age, TimeSpan? expected = null, PollTimes? learned = null)
    {
        TimeSpan byAge = age > TimeSpan.Zero ? Max(age * IntervalPerAge, MinInterval) : FirstInterval;
        TimeSpan pause = learned?.IntervalAt(age) ?? Max(byAge, (expected ?? TimeSpan.Zero) * IntervalPerExpectation);
        return Min(Max(pause, MinInterval), MaxInterval);
    }

    /// <summary>Lengthens a pause after failures in a row, and to what the service asked for in <c>Retry-After</c>, up to three times <see cref="MaxInterval"/>.</summary>
    public TimeSpan BackOff(TimeSpan pause, int failures, TimeSpan? retryAfter)
    {
        TimeSpan longest = MaxInterval * 3;
        pause = retryAfter is TimeSpan wait ? Max(pause, Min(wait, longest)) : pause;
        return failures > 0 ? Min(Max(pause, FailureInterval) * (1 << Math.Min(failures, 6)), longest) : pause;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
