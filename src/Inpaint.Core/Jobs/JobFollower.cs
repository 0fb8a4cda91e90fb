using Inpaint.Journal;
using Inpaint.Providers;

namespace Inpaint.Jobs;

/// <summary>Follows a job that a provider has accepted: asks, waits, collects, stops; writes every change of standing down.</summary>
internal sealed class JobFollower(JobJournal journal, PictureSpool spool, TimeProvider time, WatchSchedule schedule)
{
    /// <summary>Asks where a job stands, and collects its result's addresses once it is completed.</summary>
    /// <param name="access">The provider.</param>
    /// <param name="entry">The job.</param>
    /// <param name="includeLog">Whether to ask for log lines.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The job as it is now.</returns>
    public async Task<JournalEntry> RefreshAsync(ProviderAccess access, JournalEntry entry, bool includeLog, CancellationToken cancellationToken)
    {
        if (entry.IsSettled && !includeLog)
        {
            return entry;
        }

        JobUpdate update = await InsistAsync(
            () => access.Client.GetStatusAsync(entry.Job, includeLog, cancellationToken), entry.Job, isGlance: true, events: null, cancellationToken).ConfigureAwait(false);
        if (entry.IsSettled)
        {
            // Only the log is news: fal calls a failed job completed, and its own word must not undo the verdict.
            return entry with { Job = entry.Job with { Logs = update.Logs } };
        }

        JournalEntry refreshed = Write(entry, Merge(entry.Job, update) with { Logs = update.Logs });
        return await SettleAsync(access, refreshed, update, isGlance: true, events: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until a job is finished.</summary>
    /// <param name="access">The provider.</param>
    /// <param name="entry">The job.</param>
    /// <param name="eta">When the service expects to be done, from now.</param>
    /// <param name="events">Told of each change and each new log line.</param>
    /// <param name="cancellationToken">Ends the waiting, not the job.</param>
    /// <returns>The finished job.</returns>
    public async Task<JournalEntry> WaitAsync(ProviderAccess access, JournalEntry entry, TimeSpan? eta, IProgress<JobEvent>? events, CancellationToken cancellationToken)
    {
        if (entry.IsSettled)
        {
            return entry;
        }

        JournalEntry current = entry;
        LogWindow log = new();
        void Take(JobUpdate update)
        {
            InpaintJob job = Merge(current.Job, update);
            if (job.State != current.Job.State)
            {
                current = Write(current, job, events);
                events?.Report(new JobEvent(JobEventKind.Timeline, $"{job.Provider} {job.Id}: {job.State}", job));
            }

            current = current with { Job = job };
            events?.Report(new JobEvent(JobEventKind.Progress, job.State.ToString(), job));
            foreach (InpaintLogEntry line in log.NewLines(update.Logs))
            {
                events?.Report(new JobEvent(JobEventKind.Log, line.Message, job));
            }
        }

        bool canStream = access.Provider.CapabilitiesFor(entry.Job.Operation)?.StreamsStatus ?? false;
        JobUpdate last = await access.Watcher.WaitAsync(entry.Job, canStream, eta, Take, cancellationToken).ConfigureAwait(false);
        return await SettleAsync(access, current, last, isGlance: false, events, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks the provider to stop a job.</summary>
    /// <param name="access">The provider.</param>
    /// <param name="entry">The job.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The job with what that did.</returns>
    public async Task<JournalEntry> StopAsync(ProviderAccess access, JournalEntry entry, CancellationToken cancellationToken)
    {
        // Completed, but with the result still on its way: there is nothing left to cancel.
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

    /// <summary>Asks the provider to cancel a job whose waiting was given up; a failure to do so is told and not thrown.</summary>
    /// <param name="access">The provider.</param>
    /// <param name="accepted">The job. One that belongs to another process is left alone.</param>
    /// <param name="events">Told what that did.</param>
    /// <param name="deadline">Ends the asking.</param>
    /// <returns>The job as last known.</returns>
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
            // The stop goes on regardless; the journal still lists the job as it was, so that it can be stopped or collected later.
            InpaintJob job = accepted.Entry.Job;
            events?.Report(new JobEvent(JobEventKind.Timeline, $"{job.Provider} did not confirm that {job.Id} is cancelled", job));
            return job;
        }
    }

    /// <summary>Waits while another process is submitting a job: it has an id in a moment, or is gone.</summary>
    /// <param name="entry">The job.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The job, submitted or uncertain.</returns>
    /// <exception cref="InpaintException">JobNotFound: the provider did not take it.</exception>
    public async Task<JournalEntry> AfterSubmitAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        while (entry.Job.State == InpaintJobState.Submitting)
        {
            await Task.Delay(JobSubmitter.LookInterval, time, cancellationToken).ConfigureAwait(false);
            entry = journal.Standing(entry.Job.JournalId)
                ?? throw new InpaintException(InpaintErrorId.JobNotFound, $"{entry.Job.Provider} did not take the job of {entry.Job.CreatedAt:u}; the process that submitted it was told why.") { Job = entry.Job };
        }

        return entry;
    }

    /// <summary>A completed job is known only by its result: fal reports failed and cancelled ones as completed too.</summary>
    private async Task<JournalEntry> SettleAsync(ProviderAccess access, JournalEntry entry, JobUpdate update, bool isGlance, IProgress<JobEvent>? events, CancellationToken cancellationToken)
    {
        if (entry.IsSettled || entry.Job.State != InpaintJobState.Completed)
        {
            return entry;
        }

        try
        {
            ProviderOutput output = update.Output
                ?? await InsistAsync(() => access.Client.GetResultAsync(entry.Job, cancellationToken), entry.Job, isGlance, events, cancellationToken).ConfigureAwait(false);
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
        catch (InpaintException e) when (e.IsVerdict || IsConclusive(e, entry.Job, isGlance))
        {
            InpaintJobState state = e.ErrorId == InpaintErrorId.JobCancelled ? InpaintJobState.Cancelled : InpaintJobState.Failed;
            DateTimeOffset now = time.GetUtcNow();
            InpaintJob job = entry.Job with
            {
                State = state,
                Error = e.Message,
                ErrorId = e.ErrorId,

                // Who hears the same long afterwards need not ask a third time.
                IsProvisional = !e.IsVerdict && !(entry.Job.IsProvisional && IsNoLongerEarly(entry.Job)),
                CompletedAt = entry.Job.CompletedAt ?? now,
                UpdatedAt = now,
            };
            return Write(entry, job, events);
        }
    }

    /// <summary>Whether the same answer has been given for so long that the job counts as failed until it is asked about again.</summary>
    private bool IsConclusive(InpaintException e, InpaintJob job, bool isGlance) =>
        e.ErrorId is InpaintErrorId.JobFailed or InpaintErrorId.ResultExpired && (!isGlance || IsNoLongerEarly(job));

    private bool IsNoLongerEarly(InpaintJob job) => job.CompletedAt is { } completed && time.GetUtcNow() - completed >= schedule.NoLongerEarly;

    /// <summary>Asks again while an answer brings nothing that may come yet.</summary>
    private async Task<T> InsistAsync<T>(Func<Task<T>> ask, InpaintJob job, bool isGlance, IProgress<JobEvent>? events, CancellationToken cancellationToken)
    {
        TimeSpan waited = TimeSpan.Zero;
        for (int failures = 1; ; failures++)
        {
            TimeSpan pause;
            try
            {
                return await ask().ConfigureAwait(false);
            }
            catch (InpaintException e) when (schedule.AsksOn(e, failures, waited, isGlance))
            {
                pause = schedule.PauseBefore(TimeSpan.Zero, watched: 1, e.ErrorId == InpaintErrorId.RateLimited ? 0 : failures - 1, asked: e.RetryAfter);
                events?.Report(new JobEvent(JobEventKind.Timeline, FormattableString.Invariant($"{e.Message.TrimEnd('.')}; asking again in {pause.TotalSeconds:0.#} s"), job));
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            waited += pause;
        }
    }

    private InpaintJob Merge(InpaintJob job, JobUpdate update)
    {
        DateTimeOffset now = time.GetUtcNow();
        bool isFinished = update.State is InpaintJobState.Completed or InpaintJobState.Failed or InpaintJobState.Cancelled;
        return job with
        {
            State = update.State,
            QueuePosition = update.QueuePosition,
            Progress = update.Progress,
            InferenceSeconds = update.InferenceSeconds ?? job.InferenceSeconds,
            Error = update.Error,
            ErrorId = update.ErrorId,
            SubmittedAt = job.SubmittedAt ?? job.CreatedAt,
            UpdatedAt = now,
            CompletedAt = isFinished ? job.CompletedAt ?? now : null,
        };
    }

    /// <summary>
    /// Writes down what changed; log lines are the provider's to keep. The id is on disk already, so that a journal that cannot be written now, as on a full
    /// disk, costs a warning and not the job.
    /// </summary>
    private JournalEntry Write(JournalEntry entry, InpaintJob job, IProgress<JobEvent>? events = null)
    {
        JournalEntry changed = entry with { Job = job };
        try
        {
            JournalEntry written = journal.Write(changed with { Job = job with { Logs = [] } });
            return written with { Job = written.Job with { Logs = job.Logs } };
        }
        catch (InpaintException e) when (e.ErrorId == InpaintErrorId.StateUnavailable)
        {
            events?.Report(new JobEvent(JobEventKind.Warning, $"{e.Message} What became of job {job.Id} at {job.Provider} is not written down.", job));
            return changed;
        }
    }
}
