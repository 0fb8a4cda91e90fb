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

    /// <summary>
    /// How many answers in a row may bring nothing, for reasons that may pass, before the waiting is given up. Each has been repeated by the wire already, where it
    /// knows that it may.
    /// </summary>
    public int FailuresInARow { get; init; } = 6;

    /// <summary>For how long answers must have brought nothing before the waiting is given up, however many they were: what an odd answer hides may be there a moment later.</summary>
    public TimeSpan FailurePatience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The same where somebody wants to know how a job stands, and does not wait for it.</summary>
    public TimeSpan GlancePatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For how long a service may go on to say that it has no room before the waiting is given up. That is no failure, but a queue.</summary>
    public TimeSpan RoomPatience { get; init; } = TimeSpan.FromMinutes(45);

    /// <summary>When a job has been complete for so long, what is asked for its result and does not bring it is not early any more.</summary>
    public TimeSpan NoLongerEarly { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The mean distance of two looks when all are wanted at once.</summary>
    public TimeSpan LookInterval => TimeSpan.FromSeconds(1 / LooksPerSecond);

    /// <summary>Whether a failure to learn of a job may pass: it says something about the asking, or comes too early, and is not the provider's last word.</summary>
    /// <param name="e">The failure.</param>
    /// <returns>False for a verdict, and for what asking again does not change: the key, the account, this machine.</returns>
    public static bool MayPass(InpaintException e) => !e.IsVerdict && (e.IsTransient || e.ErrorId is InpaintErrorId.ProviderUnavailable or InpaintErrorId.RateLimited
        or InpaintErrorId.ResponseInvalid or InpaintErrorId.JobNotFound or InpaintErrorId.ResultExpired or InpaintErrorId.JobFailed);

    /// <summary>Whether to ask on after another answer that brought nothing.</summary>
    /// <param name="e">The failure.</param>
    /// <param name="failures">How many there have been in a row, this one counted.</param>
    /// <param name="waited">The pauses between them.</param>
    /// <param name="isGlance">Whether nobody waits for the job.</param>
    /// <returns>False when it is enough.</returns>
    public bool AsksOn(InpaintException e, int failures, TimeSpan waited, bool isGlance = false) => MayPass(e) && (isGlance ? waited < GlancePatience
        : e.ErrorId == InpaintErrorId.RateLimited ? waited < RoomPatience
        : failures < FailuresInARow || waited < FailurePatience);

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
