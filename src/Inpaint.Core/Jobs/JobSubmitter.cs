using Inpaint.Http;
using Inpaint.Journal;
using Inpaint.Planning;
using Inpaint.Providers;

namespace Inpaint.Jobs;

/// <summary>A job that a provider has accepted.</summary>
/// <param name="Entry">The job; it may be finished already.</param>
/// <param name="Eta">The time to completion that the service expects.</param>
/// <param name="IsOwn">Whether it was created here; another batch's job is followed, but not cancelled.</param>
internal sealed record AcceptedJob(JournalEntry Entry, TimeSpan? Eta, bool IsOwn = true);

/// <summary>Creates jobs: prepares the pictures, writes the intent to the journal, submits once, writes the id to the journal.</summary>
internal sealed class JobSubmitter(JobJournal journal, PictureSpool spool, PictureCropper cropper, TimeProvider time, WatchSchedule schedule)
{
    /// <summary>How often to check whether another process's submit has got its response.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Creates a job.</summary>
    /// <param name="client">The provider's client.</param>
    /// <param name="slot">Entered when the job can be sent; the caller frees it when the job is over.</param>
    /// <param name="plan">The checked request.</param>
    /// <param name="events">Receives events.</param>
    /// <param name="resumption">Jobs to attach to instead, even one that another process is just creating; null to create one in any case.</param>
    /// <param name="stop">Ends the work. A submit under way may use the time until the deadline, because with the id the job can be cancelled, while closing the connection does not cancel it.</param>
    /// <returns>The accepted job.</returns>
    /// <exception cref="InpaintException">No job was created, or (SubmissionUncertain) that is not known.</exception>
    public async Task<AcceptedJob> SubmitAsync(IProviderClient client, JobSlot slot, RequestPlan plan, IProgress<JobEvent>? events, JobResumption? resumption, StopDeadline stop)
    {
        events?.Report(new JobEvent(JobEventKind.Timeline, $"preparing {plan.SourceName} for {plan.Provider.Name} {plan.Model}"));
        if (plan is { CroppedFrom: { } whole, Placement.Part: var part, ImageHeader: { } sent })
        {
            events?.Report(new JobEvent(JobEventKind.Timeline, $"sending {part.Width}x{part.Height} at {part.X},{part.Y} of its {whole.Width}x{whole.Height} pixels, as {sent.Width}x{sent.Height}"));
        }

        IProgress<string>? steps = events is null ? null : new EventRelay(events);
        plan = await cropper.CropAsync(plan, stop.StopRequested).ConfigureAwait(false);
        PreparedSubmission submission = await WaitForCapacityAsync(() => client.PrepareAsync(plan, steps, stop.StopRequested), slot: null, stop.StopRequested).ConfigureAwait(false);
        stop.StopRequested.ThrowIfCancellationRequested();
        Task turn = slot.EnterAsync(stop.StopRequested);
        if (!turn.IsCompleted)
        {
            events?.Report(new JobEvent(JobEventKind.Timeline, $"waiting until {plan.Provider.Name} has capacity"));
        }

        await turn.ConfigureAwait(false);
        JournalEntry entry = new(JournalEntry.CurrentVersion, CreateIntent(plan)) { MadeBy = ProcessMark.Current };
        PreviewWriter? previews = plan.Request.PreviewFolder is { } folder ? new PreviewWriter(folder, entry.Job, events) : null;
        if (previews is not null)
        {
            previews.EnsureFolder();
            submission = submission with { OnPreview = previews.Write };
        }

        if (plan.Placement is { } placement)
        {
            entry = entry with { Job = entry.Job with { Placement = spool.StorePlacement(entry.Job.JournalId, placement) } };
        }

        if (await WriteIntentOrFindOtherAsync(entry, plan, events, resumption, stop.StopRequested).ConfigureAwait(false) is { } other)
        {
            spool.Delete(entry);
            return new AcceptedJob(other, Eta: null, IsOwn: false);
        }

        events?.Report(new JobEvent(JobEventKind.Timeline, $"submitting, journalled as {entry.Job.JournalId}", entry.Job));
        Acceptance acceptance;
        try
        {
            stop.StopRequested.ThrowIfCancellationRequested();
            acceptance = await WaitForCapacityAsync(() => client.SubmitAsync(submission, stop.Deadline), slot, stop.StopRequested).ConfigureAwait(false);
        }
        catch (InpaintException e) when (e.ErrorId == InpaintErrorId.SubmissionUncertain)
        {
            throw RecordUncertain(entry, previews?.LastFile is { } last ? e.WithMessage($"{e.Message} The last preview is '{last}'.") : e);
        }
        catch (Exception e) when (e is InpaintException || (e is OperationCanceledException && stop.StopRequested.IsCancellationRequested))
        {
            // These mean for certain that there is no job.
            Discard(entry);
            events?.Report(new JobEvent(JobEventKind.Timeline, $"{plan.SourceName}: no job was created", entry.Job with { State = InpaintJobState.Cancelled }));
            throw;
        }
        catch (Exception e)
        {
            // It is unexpected, so that it may have happened before or after sending.
            throw RecordUncertain(entry, new InpaintException(InpaintErrorId.SubmissionUncertain, $"The submit to {plan.Provider.Name} failed unexpectedly, and it is not known whether the job was created. It was not sent again: {e.Message}", e));
        }

        slot.Accept();
        return new AcceptedJob(Accept(plan, entry, acceptance, events), acceptance.Eta);
    }

    /// <summary>
    /// Repeats a call while the service refuses it for lack of capacity (429). Nothing was accepted then, and there will be capacity later, so that this is a queue and
    /// no error; a caller that sets retry limits opts out. A slot is given back meanwhile, and the first refusal is known to all jobs of the provider at once.
    /// </summary>
    private async Task<T> WaitForCapacityAsync<T>(Func<Task<T>> call, JobSlot? slot, CancellationToken cancellationToken)
    {
        TimeSpan waited = TimeSpan.Zero;
        RetryLimits? limits = CallContext.Current?.Retry;
        if (slot is not null && limits?.MaximumCount is null)
        {
            CallContext.Current = (CallContext.Current ?? new CallContext(Retry: null, OnPause: null)) with { WaitsForCapacity = true };
        }

        for (int refusals = 0; ; refusals++)
        {
            // Exponential backoff with jitter.
            TimeSpan pause = limits?.Interval ?? TimeSpan.FromSeconds(Math.Min(1 << Math.Min(refusals, 5), 30) * (1 + (Random.Shared.NextDouble() / 4)));
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (InpaintException e) when (e is { ErrorId: InpaintErrorId.RateLimited, IsTransient: true, Job: null })
            {
                slot?.Refuse();
                pause = Longer(pause, e.RetryAfter);
                if (limits?.MaximumCount is not null || waited + pause > schedule.CapacityTimeout)
                {
                    throw;
                }

                CallContext.ReportPause("rate limited", pause);
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            waited += pause;
            await (slot?.EnterAsync(cancellationToken) ?? Task.CompletedTask).ConfigureAwait(false);
        }
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan? other) => other > one ? other.Value : one;

    /// <summary>
    /// Writes the intent to the journal, unless there is another job for the request, which is returned. Reading and writing are one atomic step among all processes,
    /// so that of two batches with the same request only one pays for it.
    /// </summary>
    private async Task<JournalEntry?> WriteIntentOrFindOtherAsync(JournalEntry intent, RequestPlan plan, IProgress<JobEvent>? events, JobResumption? resumption, CancellationToken cancellationToken)
    {
        if (resumption is null)
        {
            journal.Add(intent);
            return null;
        }

        bool isReported = false;
        while (true)
        {
            InpaintJob? other;
            using (journal.Claim(plan.Fingerprint))
            {
                other = resumption.TakeOther(plan.Fingerprint, intent.Job.JournalId);
                if (other is null)
                {
                    journal.Add(intent);
                    if (isReported && resumption.TryFindUncertain(plan, out InpaintJob? lost))
                    {
                        events?.Report(new JobEvent(JobEventKind.Warning, $"{plan.SourceName}: the submit by another process ({lost.JournalId}) got no response and may have been accepted. The request is submitted again, and may be paid for twice.", intent.Job));
                    }

                    return null;
                }
            }

            if (other.State != InpaintJobState.Submitting)
            {
                events?.Report(new JobEvent(JobEventKind.Timeline, $"attaching to {other.Id}, which was created for the same request meanwhile", other));
                return journal.Read(other.JournalId) ?? new JournalEntry(JournalEntry.CurrentVersion, other);
            }

            if (!isReported)
            {
                isReported = true;
                events?.Report(new JobEvent(JobEventKind.Timeline, $"waiting for another process, which is submitting the same request as {other.JournalId}", other));
            }

            await Task.Delay(PollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private InpaintException RecordUncertain(JournalEntry entry, InpaintException e)
    {
        InpaintJob uncertain = entry.Job with { State = InpaintJobState.Uncertain, Error = e.Message, ErrorId = e.ErrorId, UpdatedAt = time.GetUtcNow() };
        try
        {
            journal.Write(entry with { Job = uncertain }, isDurable: false);
        }
        catch (InpaintException unwritten) when (unwritten.ErrorId == InpaintErrorId.StateUnavailable)
        {
            // The intent is on disk and becomes uncertain by itself; what happened to the submit matters more.
        }

        return e.About(uncertain);
    }

    private void Discard(JournalEntry entry)
    {
        try
        {
            journal.Delete(entry.Job.JournalId);
            spool.Delete(entry);
        }
        catch (InpaintException e) when (e.ErrorId == InpaintErrorId.StateUnavailable)
        {
            // A leftover intent is harmless; why there is no job matters more.
        }
    }

    private JournalEntry Accept(RequestPlan plan, JournalEntry entry, Acceptance acceptance, IProgress<JobEvent>? events)
    {
        DateTimeOffset now = time.GetUtcNow();
        InpaintJob job = entry.Job with
        {
            Id = acceptance.Id,
            State = acceptance.State,
            QueuePosition = acceptance.QueuePosition,
            ProviderData = acceptance.ProviderData,
            SubmittedAt = now,
            UpdatedAt = now,
        };
        JournalEntry accepted = entry with { Job = job };
        InpaintException? failure = null;
        if (acceptance.Output is { } output)
        {
            job = job with { State = InpaintJobState.Completed, CompletedAt = now, Cost = ResultBuilder.Cost(output, job, plan.Capabilities.Price) };
            try
            {
                accepted = entry with { Job = job, Result = ResultBuilder.Store(output, job, spool, now) };
            }
            catch (Exception e) when (JobFailures.LacksJob(e))
            {
                failure = JobFailures.AfterAcceptance(e, job);
                accepted = entry with { Job = job };
            }
        }

        try
        {
            accepted = journal.Write(accepted);
        }
        catch (InpaintException e) when (e.ErrorId == InpaintErrorId.StateUnavailable)
        {
            // The job is paid for and its id is known: a full disk must not lose it.
            events?.Report(new JobEvent(JobEventKind.Warning, $"{e.Message} The job was accepted by {job.Provider} as {job.Id}; note this id, it is recorded nowhere else.", job));
        }

        if (failure is not null)
        {
            throw failure;
        }

        events?.Report(new JobEvent(JobEventKind.Timeline, $"accepted by {job.Provider} as {job.Id}", job));
        return accepted;
    }

    private InpaintJob CreateIntent(RequestPlan plan)
    {
        string journalId = journal.NewId();
        DateTimeOffset now = time.GetUtcNow();
        return new InpaintJob
        {
            Id = journalId,
            JournalId = journalId,
            Provider = plan.Provider.Name,
            Model = plan.Model,
            Operation = plan.Request.Operation,
            State = InpaintJobState.Submitting,
            Prompt = plan.Request.Prompt,
            Source = plan.Request.Image?.Origin,
            Count = plan.Count,
            Cost = plan.EstimatedCost,
            Fingerprint = plan.Fingerprint,
            Columns = plan.Request.Columns,
            Parameters = RequestParameters.Describe(plan.Request, plan.MaskRecipe),
            IsFree = !plan.Capabilities.IsPaid,
            CreatedAt = now,
            UpdatedAt = now,
        };
    }

    private sealed class EventRelay(IProgress<JobEvent> events) : IProgress<string>
    {
        public void Report(string value) => events.Report(new JobEvent(JobEventKind.Timeline, value));
    }
}

/// <summary>
/// Stopping has two moments: the request, after which nothing new is started, and soon after it the deadline, by which everything must have ended. In between a
/// submit may still get its response and a remote cancel be sent.
/// </summary>
internal sealed class StopDeadline : IDisposable
{
    /// <summary>Stopping must take less than a second, of which the host may need 0.2 seconds to end itself after an interrupt signal.</summary>
    public static readonly TimeSpan GracePeriod = TimeSpan.FromMilliseconds(700);

    private readonly CancellationTokenSource deadline;
    private readonly CancellationTokenRegistration registration;

    /// <summary>Starts the grace period when the token is cancelled.</summary>
    public StopDeadline(TimeProvider time, CancellationToken stopRequested)
    {
        StopRequested = stopRequested;
        deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        registration = stopRequested.Register(() => deadline.CancelAfter(GracePeriod));
    }

    /// <summary>Cancelled when the stop is requested.</summary>
    public CancellationToken StopRequested { get; }

    /// <summary>Cancelled when everything must have ended.</summary>
    public CancellationToken Deadline => deadline.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        registration.Dispose();
        deadline.Dispose();
    }
}
