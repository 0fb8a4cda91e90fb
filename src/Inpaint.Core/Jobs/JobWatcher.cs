using Inpaint.Providers;

namespace Inpaint.Jobs;

/// <summary>
/// Watches all waiting jobs of a provider: the first ones by listening where the provider tells changes by itself, the others on one common schedule.
/// There is no loop and no thread per job; a night of thousands costs a timer and a queue.
/// </summary>
internal sealed class JobWatcher : IDisposable
{
    private readonly object gate = new();
    private readonly IProviderClient client;
    private readonly TimeProvider time;
    private readonly WatchSchedule schedule;
    private readonly ITimer timer;
    private readonly PriorityQueue<Watched, DateTimeOffset> due = new();
    private int watchedCount;
    private int looks;
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
    /// <param name="onUpdate">Told of each standing, from any thread but never twice at once.</param>
    /// <param name="cancellationToken">Ends the waiting, not the job.</param>
    /// <returns>The last standing.</returns>
    /// <exception cref="InpaintException">The job cannot be watched any longer.</exception>
    public async Task<JobUpdate> WaitAsync(InpaintJob job, bool canStream, TimeSpan? eta, Action<JobUpdate> onUpdate, CancellationToken cancellationToken)
    {
        Watched watched = new(job, time.GetUtcNow(), onUpdate, cancellationToken);
        bool listens;
        lock (gate)
        {
            watchedCount++;
            listens = canStream && streams < schedule.ConcurrentStreams;
            if (listens)
            {
                streams++;
            }
        }

        Task listening = Task.CompletedTask;
        try
        {
            using CancellationTokenRegistration registration = cancellationToken.Register(() => watched.Done.TrySetCanceled(cancellationToken));
            if (listens)
            {
                listening = ListenAsync(watched);
            }
            else
            {
                Schedule(watched, eta);
            }

            return await watched.Done.Task.ConfigureAwait(false);
        }
        finally
        {
            // It never throws and ends with the token or the last update, so that no task outlives the wait.
            await listening.ConfigureAwait(false);
            lock (gate)
            {
                watchedCount--;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    private async Task ListenAsync(Watched watched)
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

        Schedule(watched, eta: null);
    }

    private void Schedule(Watched watched, TimeSpan? eta)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (gate)
        {
            TimeSpan pause = schedule.PauseBefore(now - watched.Since, watchedCount, watched.Failures, eta);
            due.Enqueue(watched, now + pause);
        }

        Pump();
    }

    private void Pump()
    {
        List<Watched> dueNow = [];
        lock (gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            while (due.TryPeek(out Watched? next, out DateTimeOffset at))
            {
                if (next.Done.Task.IsCompleted)
                {
                    due.Dequeue();
                }
                else if (at <= now && looks < schedule.ConcurrentLooks)
                {
                    looks++;
                    dueNow.Add(due.Dequeue());
                }
                else
                {
                    // With all looks taken, the end of one pumps again.
                    TimeSpan rest = at > now ? at - now : Timeout.InfiniteTimeSpan;
                    timer.Change(rest, Timeout.InfiniteTimeSpan);
                    break;
                }
            }
        }

        foreach (Watched watched in dueNow)
        {
            _ = LookAsync(watched);
        }
    }

    private async Task LookAsync(Watched watched)
    {
        TimeSpan? eta = null;
        try
        {
            JobUpdate update = await client.GetStatusAsync(watched.Job, includeLog: true, watched.CancellationToken).ConfigureAwait(false);
            watched.Failures = 0;
            watched.Take(update);
            eta = update.Eta;
        }
        catch (OperationCanceledException) when (watched.CancellationToken.IsCancellationRequested)
        {
            watched.Done.TrySetCanceled(watched.CancellationToken);
        }
        catch (InpaintException e) when (e.IsTransient && watched.Failures + 1 < schedule.FailuresInARow)
        {
            watched.Failures++;
            eta = e.RetryAfter;
        }
        catch (Exception e)
        {
            watched.Done.TrySetException(e);
        }
        finally
        {
            lock (gate)
            {
                looks--;
            }
        }

        if (watched.Done.Task.IsCompleted)
        {
            Pump();
        }
        else
        {
            Schedule(watched, eta);
        }
    }

    private sealed class Watched(InpaintJob job, DateTimeOffset since, Action<JobUpdate> onUpdate, CancellationToken cancellationToken)
    {
        public InpaintJob Job { get; } = job;

        public DateTimeOffset Since { get; } = since;

        public CancellationToken CancellationToken { get; } = cancellationToken;

        public TaskCompletionSource<JobUpdate> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Failures { get; set; }

        /// <summary>Passes an update on.</summary>
        /// <param name="update">The update.</param>
        /// <returns>Whether it was the last.</returns>
        public bool Take(JobUpdate update)
        {
            onUpdate(update);
            bool isLast = update.State is InpaintJobState.Completed or InpaintJobState.Failed or InpaintJobState.Cancelled;
            if (isLast)
            {
                Done.TrySetResult(update);
            }

            return isLast;
        }
    }
}
