using Inpaint.Journal;
using Inpaint.Providers;

namespace Inpaint.Jobs;

/// <summary>Follows a job that a provider has accepted: queries its status, waits for it, reads its result, cancels it, and records every change of state.</summary>
internal sealed class JobFollower(JobJournal journal, PictureSpool spool, TimeProvider time, WatchSchedule schedule)
{
    /// <summary>Queries a job's status, and reads its result once it is completed.</summary>
    public async Task<JournalEntry> RefreshAsync(ProviderAccess access, JournalEntry entry, bool includeLog, CancellationToken cancellationToken)
    {
        if (entry.IsSettled && !includeLog)
        {
            return entry;
        }

        JobUpdate update = await RetryAsync(
            () => access.Client.GetStatusAsync(entry.Job, includeLog, cancellationToken), entry.Job, isQuery: true, events: null, cancellationToken).ConfigureAwait(false);
        if (entry.IsSettled)
        {
            // Only the log is new: fal reports a failed job as completed, which must not undo the recorded failure.
            return entry with { Job = entry.Job with { Logs = update.Logs } };
        }

        JournalEntry refreshed = entry.WithState(Merge(entry.Job, update) with { Logs = update.Logs }, time.GetUtcNow());
        return await SettleAsync(access, refreshed, update, isQuery: true, events: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Waits until a job is finished; cancelling ends the wait, not the job. <paramref name="eta"/> is the time to completion that the service expects; <paramref name="onFinished"/> is called
    /// before the result is read.
    /// </summary>
    public async Task<JournalEntry> WaitAsync(ProviderAccess access, JournalEntry entry, TimeSpan? eta, IProgress<JobEvent>? events, CancellationToken cancellationToken, Action? onFinished = null)
    {
        if (entry.IsSettled)
        {
            return entry;
        }

        JournalEntry current = entry;
        LogWindow log = new();
        void Apply(JobUpdate update)
        {
            InpaintJob job = Merge(current.Job, update);
            bool isNews = job.State != current.Job.State;
            current = current.WithState(job, time.GetUtcNow());
            if (isNews)
            {
                events?.Report(new JobEvent(JobEventKind.Timeline, $"{job.Provider} {job.Id}: {job.State}", job));
            }

            events?.Report(new JobEvent(JobEventKind.Progress, job.State.ToString(), job));
            foreach (InpaintLogEntry line in log.NewLines(update.Logs))
            {
                events?.Report(new JobEvent(JobEventKind.Log, line.Message, job));
            }
        }

        bool canStream = access.Provider.CapabilitiesFor(entry.Job.Operation)?.StreamsStatus ?? false;
        JobUpdate last;
        try
        {
            last = await access.Watcher.WaitAsync(entry.Job, canStream, eta, Apply, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (current.UnwrittenHistory.Count > 0)
        {
            Write(current, current.Job, events);
            throw;
        }

        onFinished?.Invoke();
        return await SettleAsync(access, current, last, isQuery: false, events, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks the provider to cancel a job, and records what that did.</summary>
    public async Task<JournalEntry> StopAsync(ProviderAccess access, JournalEntry entry, CancellationToken cancellationToken)
    {
        // Completed, although the result has not been read yet: there is nothing left to cancel.
        StopOutcome outcome = entry.IsSettled || entry.Job.State == InpaintJobState.Completed
            ? StopOutcome.AlreadyCompleted
            : await access.Client.CancelAsync(entry.Job, cancellationToken).ConfigureAwait(false);
        InpaintJob job = entry.Job with { StopOutcome = outcome, UpdatedAt = time.GetUtcNow() };
        if (outcome == StopOutcome.Cancelled)
        {
            job = job with { State = InpaintJobState.Cancelled, CompletedAt = job.CompletedAt ?? time.GetUtcNow(), QueuePosition = null };
        }

        return Write(entry, job);
    }

    /// <summary>Asks the provider to cancel a job for which nobody waits any longer. A failure to do so is reported and not thrown. A job of another process is left alone.</summary>
    public async Task<InpaintJob> CancelAsync(ProviderAccess access, AcceptedJob accepted, IProgress<JobEvent>? events, CancellationToken deadline)
    {
        if (!accepted.IsOwn)
        {
            return journal.Latest(accepted.Entry).Job;
        }

        try
        {
            InpaintJob stopped = (await StopAsync(access, journal.Latest(accepted.Entry), deadline).ConfigureAwait(false)).Job;
            events?.Report(new JobEvent(JobEventKind.Timeline, $"stopping {stopped.Provider} {stopped.Id}: {stopped.StopOutcome}", stopped));
            return stopped;
        }
        catch (Exception e) when (e is InpaintException or OperationCanceledException)
        {
            // The stop continues regardless; the journal still lists the job, so that it can be cancelled or collected later.
            InpaintJob job = accepted.Entry.Job;
            events?.Report(new JobEvent(JobEventKind.Timeline, $"{job.Provider} did not confirm the cancellation of {job.Id}", job));
            return job;
        }
    }

    /// <summary>Waits while another process is submitting a job.</summary>
    /// <exception cref="InpaintException">JobNotFound: the provider did not accept it.</exception>
    public async Task<JournalEntry> WaitForSubmitAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        while (entry.Job.State == InpaintJobState.Submitting)
        {
            await Task.Delay(JobSubmitter.PollInterval, time, cancellationToken).ConfigureAwait(false);
            entry = journal.ResolveState(entry.Job.JournalId)
                ?? throw new InpaintException(InpaintErrorId.JobNotFound, $"{entry.Job.Provider} did not accept the job of {entry.Job.CreatedAt:u}; the process that submitted it reported the reason.") { Job = entry.Job };
        }

        return entry;
    }

    /// <summary>
    /// Reads the result of a completed job, and writes the entry once, whatever it has become. Only the result tells whether a completed job succeeded: fal reports failed
    /// and cancelled jobs as completed too.
    /// </summary>
    private async Task<JournalEntry> SettleAsync(ProviderAccess access, JournalEntry entry, JobUpdate update, bool isQuery, IProgress<JobEvent>? events, CancellationToken cancellationToken)
    {
        if (entry.IsSettled || entry.Job.State != InpaintJobState.Completed)
        {
            return Write(entry, entry.Job, events);
        }

        try
        {
            ProviderOutput output = update.Output
                ?? await RetryAsync(() => access.Client.GetResultAsync(entry.Job, cancellationToken), entry.Job, isQuery, events, cancellationToken).ConfigureAwait(false);
            DateTimeOffset now = time.GetUtcNow();
            StoredResult result = ResultBuilder.Store(output, entry.Job, spool, now);
            InpaintJob job = entry.Job with
            {
                Cost = ResultBuilder.Cost(output, entry.Job, access.PriceFor(entry.Job)),
                IsProvisional = false,
                CompletedAt = entry.Job.CompletedAt ?? now,
                UpdatedAt = now,
            };
            return Write(entry with { Result = result }, job, events);
        }
        catch (InpaintException e) when (e.IsVerdict || IsConclusive(e, entry.Job, isQuery))
        {
            InpaintJobState state = e.ErrorId == InpaintErrorId.JobCancelled ? InpaintJobState.Cancelled : InpaintJobState.Failed;
            DateTimeOffset now = time.GetUtcNow();
            InpaintJob job = entry.Job with
            {
                State = state,
                Error = e.Message,
                ErrorId = e.ErrorId,
                IsTransient = e.IsTransient,

                // The same response long after completion is final.
                IsProvisional = !e.IsVerdict && !(entry.Job.IsProvisional && IsPastResultGracePeriod(entry.Job)),
                CompletedAt = entry.Job.CompletedAt ?? now,
                UpdatedAt = now,
            };
            return Write(entry, job, events);
        }
        catch (Exception)
        {
            // Nobody who goes on with the job may take it for one that can still be cancelled.
            Write(entry, entry.Job, events);
            throw;
        }
    }

    /// <summary>Whether the same error has been returned for so long that the job counts as failed until it is queried again.</summary>
    private bool IsConclusive(InpaintException e, InpaintJob job, bool isQuery) =>
        e.ErrorId is InpaintErrorId.JobFailed or InpaintErrorId.ResultExpired && (!isQuery || IsPastResultGracePeriod(job));

    private bool IsPastResultGracePeriod(InpaintJob job) => job.CompletedAt is { } completed && time.GetUtcNow() - completed >= schedule.ResultGracePeriod;

    /// <summary>Repeats a query while its error may be transient.</summary>
    private async Task<T> RetryAsync<T>(Func<Task<T>> query, InpaintJob job, bool isQuery, IProgress<JobEvent>? events, CancellationToken cancellationToken)
    {
        TimeSpan waited = TimeSpan.Zero;
        for (int failures = 1; ; failures++)
        {
            TimeSpan pause;
            try
            {
                return await query().ConfigureAwait(false);
            }
            catch (InpaintException e) when (schedule.ShouldRetry(e, failures, waited, isQuery))
            {
                pause = schedule.BackOff(schedule.FailureInterval, e.ErrorId == InpaintErrorId.RateLimited ? 0 : failures - 1, e.RetryAfter);
                events?.Report(new JobEvent(JobEventKind.Timeline, FormattableString.Invariant($"{e.Message.TrimEnd('.')}; retrying in {pause.TotalSeconds:0.#} s"), job));
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            waited += pause;
        }
    }

    private InpaintJob Merge(InpaintJob job, JobUpdate update)
    {
        DateTimeOffset now = time.GetUtcNow();
        return job with
        {
            State = update.State,
            QueuePosition = update.QueuePosition,
            Progress = update.Progress,
            InferenceSeconds = update.InferenceSeconds ?? job.InferenceSeconds,
            Error = update.Error,
            ErrorId = update.ErrorId,
            IsTransient = update.IsTransient,
            SubmittedAt = job.SubmittedAt ?? job.CreatedAt,
            UpdatedAt = now,
            CompletedAt = update.IsFinished ? job.CompletedAt ?? now : null,
        };
    }

    /// <summary>
    /// Writes a change to the journal, without log lines, which the provider keeps. The id is on disk already, so that a journal that cannot be written now, as on a full
    /// disk, is a warning and no error.
    /// </summary>
    private JournalEntry Write(JournalEntry entry, InpaintJob job, IProgress<JobEvent>? events = null)
    {
        if (job is { State: InpaintJobState.Cancelled, Cost: { } estimate })
        {
            // No service charges for a job that it has cancelled.
            job = job with { Cost = estimate.NotCharged() };
        }

        JournalEntry changed = entry with { Job = job };
        try
        {
            // The provider tells all of it once more, but for pictures that came inside its response.
            bool isOnlyHere = changed.Result?.Images.Any(image => image.IsFile) == true;
            JournalEntry written = journal.Write(changed with { Job = job with { Logs = [] } }, isDurable: isOnlyHere);
            return written with { Job = written.Job with { Logs = job.Logs } };
        }
        catch (InpaintException e) when (e.ErrorId == InpaintErrorId.StateUnavailable)
        {
            events?.Report(new JobEvent(JobEventKind.Warning, $"{e.Message} The state of job {job.Id} of {job.Provider} was not recorded.", job));
            return changed;
        }
    }
}

/// <summary>
/// Tells new log lines from those seen before. A service may return a moving window instead of a growing list, so that lines are identified by their timestamp and
/// text, never by their position.
/// </summary>
internal sealed class LogWindow
{
    /// <summary>More than any service's window; beyond it the oldest are forgotten.</summary>
    private const int MaxRemembered = 2_000;

    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();

    /// <summary>Returns the lines that have not been seen, in order.</summary>
    public List<InpaintLogEntry> NewLines(IReadOnlyList<InpaintLogEntry> lines)
    {
        List<InpaintLogEntry> fresh = [];
        foreach (InpaintLogEntry line in lines)
        {
            string key = $"{line.Timestamp}\n{line.Message}";
            if (!seen.Add(key))
            {
                continue;
            }

            order.Enqueue(key);
            fresh.Add(line);
            if (order.Count > MaxRemembered)
            {
                seen.Remove(order.Dequeue());
            }
        }

        return fresh;
    }
}
