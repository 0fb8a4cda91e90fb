using Inpaint.Http;
using Inpaint.Providers;

namespace Inpaint.Jobs;

/// <summary>
/// Watches all waiting jobs of a provider: the first ones by listening where the provider tells changes by itself, the others on one common schedule.
/// There is no loop and no thread per job; a night of thousands costs a timer and a queue.
/// </summary>
internal sealed class JobWatcher : IDisposable
{
    // Nothing that a service says may lead beyond the calendar.
    private static readonly TimeSpan LongestExpectation = TimeSpan.FromDays(1);

    private readonly Lock gate = new();
    private readonly IProviderClient client;
    private readonly TimeProvider time;
    private readonly WatchSchedule schedule;
    private readonly ITimer timer;
    private readonly CancellationTokenSource disposal = new();
    private readonly PriorityQueue<WatchedJob, DateTimeOffset> due = new();
    private DateTimeOffset freeFrom = DateTimeOffset.MinValue;
    private int watchedCount;
    private int activePolls;
    private int streams;

    public JobWatcher(IProviderClient client, TimeProvider time, WatchSchedule schedule)
    {
        this.client = client;
        this.time = time;
        this.schedule = schedule;
        timer = time.CreateTimer(_ => Pump(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Waits until a job is finished.</summary>
    /// <param name="job">The job.</param>
    /// <param name="canStream">Whether the provider tells changes by itself.</param>
    /// <param name="eta">When the service expects to be done, from now.</param>
    /// <param name="onUpdate">Told of each standing, from any thread but never twice at once, and not after the wait has ended.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The last standing.</returns>
    /// <exception cref="InpaintException">The job cannot be watched any longer.</exception>
    public async Task<JobUpdate> WaitAsync(InpaintJob job, bool canStream, TimeSpan? eta, Action<JobUpdate> onUpdate, CancellationToken cancellationToken)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, disposal.Token);
        WatchedJob watched = new(job, time.GetUtcNow(), onUpdate, end.Token);
        bool listens;
        lock (gate)
        {
            watchedCount++;
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
                Schedule(watched, eta, asked: null);
            }

            return await watched.Done.Task.ConfigureAwait(false);
        }
        finally
        {
            // Neither ever throws, and both end with the token or the last update, so that nothing outlives the wait.
            await listening.ConfigureAwait(false);
            Task poll;
            lock (gate)
            {
                poll = watched.Poll.Task;
                watchedCount--;
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
            await foreach (JobUpdate update in client.StreamStatusAsync(watched.Job, watched.CancellationToken).ConfigureAwait(false))
            {
                if (watched.Take(update))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (watched.CancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (InpaintException)
        {
            // Whatever ended the stream, the schedule finds out what is the matter and reports it if it stays.
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

        Schedule(watched, eta: null, asked: null);
    }

    private void Schedule(WatchedJob watched, TimeSpan? eta, TimeSpan? asked, bool isForRoom = false)
    {
        DateTimeOffset now = time.GetUtcNow();
        TimeSpan pause;
        lock (gate)
        {
            if (eta is TimeSpan expected)
            {
                watched.ExpectedAt = now + (expected < LongestExpectation ? expected : LongestExpectation);
            }

            pause = schedule.IntervalFor(now - watched.Since, watchedCount - streams, isForRoom ? 0 : watched.Failures, watched.ExpectedAt - now, asked);
            watched.FailingFor += watched.Failures > 0 ? pause : TimeSpan.Zero;
            due.Enqueue(watched, now + pause);
        }

        if (isForRoom)
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

                DateTimeOffset from = at > EarliestPoll ? at : EarliestPoll;
                if (from > now || activePolls >= schedule.MaxConcurrentPolls)
                {
                    // With all activePolls taken, the end of one pumps again.
                    timer.Change(from > now ? from - now : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                    break;
                }

                activePolls++;
                freeFrom = (freeFrom > now ? freeFrom : now) + schedule.PollInterval;
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
        TimeSpan? asked = null;
        bool isForRoom = false;
        CallContext.Current = watched.Context;
        try
        {
            JobUpdate update = await client.GetStatusAsync(watched.Job, includeLog: true, watched.CancellationToken).ConfigureAwait(false);
            watched.Failures = 0;
            watched.FailingFor = TimeSpan.Zero;
            watched.Take(update);
            eta = update.Eta;
        }
        catch (OperationCanceledException) when (watched.CancellationToken.IsCancellationRequested)
        {
            watched.Done.TrySetCanceled(watched.CancellationToken);
        }
        catch (InpaintException e) when (schedule.ShouldRetry(e, watched.Failures + 1, watched.FailingFor))
        {
            watched.Failures++;
            isForRoom = e.ErrorId == InpaintErrorId.RateLimited;
            asked = e.RetryAfter;
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
            Schedule(watched, eta, asked, isForRoom);
        }
    }

    /// <summary>
    /// Looks are spread even when many jobs fall due at one moment, as after a suspended machine wakes: as many as may be under way go at once, the others
    /// follow at the schedule's pace.
    /// </summary>
    private DateTimeOffset EarliestPoll => freeFrom > DateTimeOffset.MinValue ? freeFrom - (schedule.PollInterval * (schedule.MaxConcurrentPolls - 1)) : freeFrom;

    private sealed class WatchedJob(InpaintJob job, DateTimeOffset since, Action<JobUpdate> onUpdate, CancellationToken cancellationToken)
    {
        public InpaintJob Job { get; } = job;

        public DateTimeOffset Since { get; } = since;

        public CancellationToken CancellationToken { get; } = cancellationToken;

        public TaskCompletionSource<JobUpdate> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completed when no poll is under way.</summary>
        public TaskCompletionSource Poll { get; set; } = Idle();

        /// <summary>Whose wait this is, for the calls that poll at the job.</summary>
        public CallContext? Context { get; } = CallContext.Current;

        public int Failures { get; set; }

        /// <summary>The pauses since the first of the failures in a row.</summary>
        public TimeSpan FailingFor { get; set; }

        /// <summary>When the service expects to be done, by what it said last; null when it has said nothing.</summary>
        public DateTimeOffset? ExpectedAt { get; set; }

        /// <summary>Passes an update on, unless nobody waits for it any longer.</summary>
        public bool Take(JobUpdate update)
        {
            if (Done.Task.IsCompleted)
            {
                return true;
            }

            onUpdate(update);
            bool isLast = update.State is InpaintJobState.Completed or InpaintJobState.Failed or InpaintJobState.Cancelled;
            if (isLast)
            {
                Done.TrySetResult(update);
            }

            return isLast;
        }

        private static TaskCompletionSource Idle()
        {
            TaskCompletionSource idle = new();
            idle.SetResult();
            return idle;
        }
    }
}
