using Inpaint.Http;
using Inpaint.Providers;

namespace Inpaint.Jobs;

/// <summary>
/// Watches all waiting jobs of a provider: by a status stream where the provider has one, else by polling on one common schedule. There is no loop and no thread per
/// job; thousands of jobs take one timer and one queue.
/// </summary>
internal sealed class JobWatcher : IDisposable
{
    // Keeps date arithmetic in range, whatever the service returns.
    private static readonly TimeSpan MaxExpectation = TimeSpan.FromDays(1);

    private readonly Lock gate = new();
    private readonly IProviderClient client;
    private readonly TimeProvider time;
    private readonly WatchSchedule schedule;
    private readonly ITimer timer;
    private readonly CancellationTokenSource disposal = new();
    private readonly PriorityQueue<WatchedJob, DateTimeOffset> due = new();
    private readonly Dictionary<string, PollTimes> learned = new(StringComparer.Ordinal);
    private DateTimeOffset nextSlot = DateTimeOffset.MinValue;
    private double pollsPerSecond;
    private double shortJobsDemand;
    private double longJobsDemand;
    private int activePolls;
    private int streams;

    public JobWatcher(IProviderClient client, TimeProvider time, WatchSchedule schedule)
    {
        this.client = client;
        this.time = time;
        this.schedule = schedule;
        pollsPerSecond = schedule.PollsPerSecond;
        timer = time.CreateTimer(_ => Pump(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Waits until a job is finished.</summary>
    /// <param name="job">The job.</param>
    /// <param name="canStream">Whether the provider has a status stream.</param>
    /// <param name="eta">The time to completion that the service expects; null when unknown.</param>
    /// <param name="onUpdate">Receives each status, on any thread but never concurrently, and not after the wait has ended.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The final status.</returns>
    /// <exception cref="InpaintException">The job cannot be watched any longer.</exception>
    public async Task<JobUpdate> WaitAsync(InpaintJob job, bool canStream, TimeSpan? eta, Action<JobUpdate> onUpdate, CancellationToken cancellationToken)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, disposal.Token);
        WatchedJob watched = new(job, time.GetUtcNow(), onUpdate, end.Token);
        bool listens;
        lock (gate)
        {
            listens = canStream && streams < schedule.MaxConcurrentStreams;
            if (listens)
            {
                streams++;
            }
        }

        Task listening = Task.CompletedTask;
        try
        {
            using CancellationTokenRegistration registration = end.Token.Register(() => watched.Done.TrySetCanceled(end.Token));
            if (listens)
            {
                listening = ListenAsync(watched);
            }
            else
            {
                Schedule(watched, eta, retryAfter: null);
            }

            return await watched.Done.Task.ConfigureAwait(false);
        }
        finally
        {
            // Neither ever throws, and both end with the token or the final update, so that nothing outlives the wait.
            await listening.ConfigureAwait(false);
            Task poll;
            lock (gate)
            {
                poll = watched.Poll.Task;
                ReleaseDemand(watched);
            }

            await poll.ConfigureAwait(false);
        }
    }

    /// <summary>Ends every wait.</summary>
    public void Dispose()
    {
        disposal.Cancel();
        timer.Dispose();
    }

    private async Task ListenAsync(WatchedJob watched)
    {
        try
        {
            await client.FollowStatusAsync(watched.Job, update => Hear(watched, update), watched.CancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (watched.CancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (InpaintException)
        {
            // Polling finds the reason, and reports it if it persists.
        }
        catch (Exception e)
        {
            watched.Done.TrySetException(e);
            return;
        }
        finally
        {
            lock (gate)
            {
                streams--;
            }
        }

        if (!watched.Done.Task.IsCompleted)
        {
            Schedule(watched, eta: null, retryAfter: null);
        }
    }

    private bool Hear(WatchedJob watched, JobUpdate update)
    {
        try
        {
            // An event comes when it happens, unlike the response to a poll.
            watched.UnfinishedAt = time.GetUtcNow();
            return !Apply(watched, update);
        }
        catch (Exception e)
        {
            watched.Done.TrySetException(e);
            return false;
        }
    }

    private void Schedule(WatchedJob watched, TimeSpan? eta, TimeSpan? retryAfter, bool isRateLimited = false)
    {
        DateTimeOffset now = time.GetUtcNow();
        TimeSpan pause;
        lock (gate)
        {
            if (eta is TimeSpan expected)
            {
                watched.ExpectedAt = now + (expected < MaxExpectation ? expected : MaxExpectation);
            }

            pollsPerSecond = isRateLimited ? Math.Max(pollsPerSecond / 2, 1) : Math.Min(pollsPerSecond * 1.02, schedule.PollsPerSecond);
            pause = schedule.IntervalFor(now - watched.Since, watched.ExpectedAt - now, learned.GetValueOrDefault(watched.Kind));
            pause = schedule.BackOff(ClaimDemand(watched, now, pause), isRateLimited ? 0 : watched.Failures, retryAfter);
            watched.FailingFor += watched.Failures > 0 ? pause : TimeSpan.Zero;
            due.Enqueue(watched, now + pause);
        }

        if (isRateLimited)
        {
            CallContext.ReportPause("rate limited", pause);
        }

        Pump();
    }

    private void Pump()
    {
        List<WatchedJob> dueNow = [];
        lock (gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            while (due.TryPeek(out WatchedJob? next, out DateTimeOffset at))
            {
                if (next.Done.Task.IsCompleted)
                {
                    due.Dequeue();
                    continue;
                }

                DateTimeOffset from = at > EarliestSlot ? at : EarliestSlot;
                if (from > now || activePolls >= schedule.MaxConcurrentPolls)
                {
                    // While as many polls as allowed are under way, the end of one calls this again.
                    timer.Change(from > now ? from - now : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                    break;
                }

                activePolls++;
                nextSlot = (nextSlot > now ? nextSlot : now) + SlotLength;
                next.Poll = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                dueNow.Add(due.Dequeue());
            }
        }

        foreach (WatchedJob watched in dueNow)
        {
            _ = PollAsync(watched);
        }
    }

    private async Task PollAsync(WatchedJob watched)
    {
        TimeSpan? eta = null;
        TimeSpan? retryAfter = null;
        bool isRateLimited = false;
        CallContext.Current = watched.Context;
        try
        {
            JobUpdate update = await client.GetStatusAsync(watched.Job, includeLog: true, watched.CancellationToken).ConfigureAwait(false);
            watched.Failures = 0;
            watched.FailingFor = TimeSpan.Zero;
            Apply(watched, update);
            eta = update.Eta;
        }
        catch (OperationCanceledException) when (watched.CancellationToken.IsCancellationRequested)
        {
            watched.Done.TrySetCanceled(watched.CancellationToken);
        }
        catch (InpaintException e) when (schedule.ShouldRetry(e, watched.Failures + 1, watched.FailingFor))
        {
            watched.Failures++;
            isRateLimited = e.ErrorId == InpaintErrorId.RateLimited;
            retryAfter = e.RetryAfter;
        }
        catch (Exception e)
        {
            watched.Done.TrySetException(e);
        }
        finally
        {
            lock (gate)
            {
                activePolls--;
            }

            watched.Poll.SetResult();
        }

        if (watched.Done.Task.IsCompleted)
        {
            Pump();
        }
        else
        {
            Schedule(watched, eta, retryAfter, isRateLimited);
        }
    }

    /// <summary>
    /// Spreads the polls of jobs that are due at the same moment, as after a suspended machine wakes: as many as may be under way are sent at once, the others follow
    /// at the permitted rate.
    /// </summary>
    private DateTimeOffset EarliestSlot => nextSlot > DateTimeOffset.MinValue ? nextSlot - (SlotLength * (schedule.MaxConcurrentPolls - 1)) : nextSlot;

    private TimeSpan SlotLength => TimeSpan.FromSeconds(1 / pollsPerSecond);

    /// <summary>
    /// Lengthens a pause when the jobs together want more polls than permitted. Short jobs have the whole rate to themselves, and long ones what is left of it but no less
    /// than a quarter: a long job can wait for its poll, a short one has nothing to wait with.
    /// </summary>
    private TimeSpan ClaimDemand(WatchedJob watched, DateTimeOffset now, TimeSpan pause)
    {
        ReleaseDemand(watched);
        watched.Demand = 1 / pause.TotalSeconds;
        watched.IsShort = now - watched.Since < schedule.ShortJobAge;
        (watched.IsShort ? ref shortJobsDemand : ref longJobsDemand) += watched.Demand;
        double share = watched.IsShort ? pollsPerSecond : Math.Max(pollsPerSecond / 4, pollsPerSecond - shortJobsDemand);
        return pause * Math.Max(1, (watched.IsShort ? shortJobsDemand : longJobsDemand) / share);
    }

    private void ReleaseDemand(WatchedJob watched)
    {
        (watched.IsShort ? ref shortJobsDemand : ref longJobsDemand) -= watched.Demand;
        watched.Demand = 0;
    }

    /// <summary>Passes an update on, unless nobody waits for it any longer; true when none follows.</summary>
    private bool Apply(WatchedJob watched, JobUpdate update)
    {
        if (watched.Done.Task.IsCompleted)
        {
            return true;
        }

        watched.OnUpdate(update);
        if (update.IsFinished)
        {
            if (update.State == InpaintJobState.Completed && watched.IsWatchedFromStart)
            {
                NoteDuration(watched);
            }

            watched.Done.TrySetResult(update);
        }

        watched.UnfinishedAt = time.GetUtcNow();
        return update.IsFinished;
    }

    private void NoteDuration(WatchedJob watched)
    {
        lock (gate)
        {
            if (!learned.TryGetValue(watched.Kind, out PollTimes? times))
            {
                learned.Add(watched.Kind, times = new PollTimes(schedule.MinInterval, schedule.MaxInterval));
            }

            times.Add(watched.UnfinishedAt - watched.Since, time.GetUtcNow() - watched.Since);
        }
    }

    private sealed class WatchedJob(InpaintJob job, DateTimeOffset since, Action<JobUpdate> onUpdate, CancellationToken cancellationToken)
    {
        public InpaintJob Job { get; } = job;

        public DateTimeOffset Since { get; } = since;

        /// <summary>When the job was last seen unfinished.</summary>
        public DateTimeOffset UnfinishedAt { get; set; } = since;

        public Action<JobUpdate> OnUpdate { get; } = onUpdate;

        /// <summary>Jobs of the same kind take about the same time.</summary>
        public string Kind => $"{Job.Operation} {Job.Model}";

        /// <summary>Whether the time of the wait is the job's duration.</summary>
        public bool IsWatchedFromStart => Since - Job.SubmittedAt < TimeSpan.FromSeconds(1);

        /// <summary>The polls per second that the job asks for; 0 while it is not polled.</summary>
        public double Demand { get; set; }

        public bool IsShort { get; set; }

        public CancellationToken CancellationToken { get; } = cancellationToken;

        public TaskCompletionSource<JobUpdate> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completed when no poll is under way.</summary>
        public TaskCompletionSource Poll { get; set; } = Idle();

        /// <summary>The context of the caller that waits, for the polls.</summary>
        public CallContext? Context { get; } = CallContext.Current;

        public int Failures { get; set; }

        /// <summary>The pauses since the first of the failures in a row.</summary>
        public TimeSpan FailingFor { get; set; }

        /// <summary>When the service expects to be done, by its latest estimate; null when it has given none.</summary>
        public DateTimeOffset? ExpectedAt { get; set; }

        private static TaskCompletionSource Idle()
        {
            TaskCompletionSource idle = new();
            idle.SetResult();
            return idle;
        }
    }
}
