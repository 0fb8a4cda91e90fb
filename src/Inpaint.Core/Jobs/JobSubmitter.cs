using Inpaint.Http;
using Inpaint.Journal;
using Inpaint.Planning;
using Inpaint.Providers;

namespace Inpaint.Jobs;

/// <summary>A job that a provider has taken.</summary>
/// <param name="Entry">The job; it may be finished already.</param>
/// <param name="Eta">When the service expects to be done, from now.</param>
/// <param name="IsOwn">Whether it was made here; another batch's job is followed, but not stopped.</param>
internal sealed record AcceptedJob(JournalEntry Entry, TimeSpan? Eta, bool IsOwn = true);

/// <summary>Makes jobs: hands the pictures over, writes the intent down, asks once, writes the id down.</summary>
internal sealed class JobSubmitter(JobJournal journal, PictureSpool spool, PictureCropper cutter, TimeProvider time, WatchSchedule schedule)
{
    /// <summary>How often to look whether another process's submit has been answered.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Makes a job.
    /// </summary>
    /// <param name="client">The provider.</param>
    /// <param name="plan">The checked request.</param>
    /// <param name="events">Told what happens.</param>
    /// <param name="resumption">The jobs to attach to instead, also if another process makes one at this moment; null to make one in any case.</param>
    /// <param name="stop">The user's wish to end it. A submit under way is given until the stop's deadline to be answered: knowing the id allows to cancel the job, cutting the line does not.</param>
    /// <returns>The accepted job.</returns>
    /// <exception cref="InpaintException">Nothing was made, or (SubmissionUncertain) it cannot be told.</exception>
    public async Task<AcceptedJob> SubmitAsync(IProviderClient client, RequestPlan plan, IProgress<JobEvent>? events, JobResumption? resumption, StopDeadline stop)
    {
        events?.Report(new JobEvent(JobEventKind.Timeline, $"preparing {plan.SourceName} for {plan.Provider.Name} {plan.Model}"));
        if (plan is { CroppedFrom: { } whole, Placement.Part: var part, ImageHeader: { } sent })
        {
            events?.Report(new JobEvent(JobEventKind.Timeline, $"sending {part.Width}x{part.Height} at {part.X},{part.Y} of its {whole.Width}x{whole.Height} pixels, as {sent.Width}x{sent.Height}"));
        }

        IProgress<string>? steps = events is null ? null : new EventRelay(events);
        plan = await cutter.CropAsync(plan, stop.Asked).ConfigureAwait(false);
        PreparedSubmission submission = await WithRoomAsync(() => client.PrepareAsync(plan, steps, stop.Asked), stop.Asked).ConfigureAwait(false);
        stop.Asked.ThrowIfCancellationRequested();

        JournalEntry entry = new(JournalEntry.CurrentVersion, Intent(plan)) { MadeBy = ProcessMark.Current };
        PreviewWriter? previews = plan.Request.PreviewFolder is { } folder ? new PreviewWriter(folder, entry.Job, events) : null;
        if (previews is not null)
        {
            previews.DemandFolder();
            submission = submission with { OnPreview = previews.Write };
        }

        if (plan.Placement is { } placement)
        {
            entry = entry with { Job = entry.Job with { Placement = spool.Deposit(entry.Job.JournalId, placement) } };
        }

        if (await FindOtherAsync(entry, plan, events, resumption, stop.Asked).ConfigureAwait(false) is { } other)
        {
            spool.Delete(entry);
            return new AcceptedJob(other, Eta: null, IsOwn: false);
        }

        events?.Report(new JobEvent(JobEventKind.Timeline, $"submitting, journalled as {entry.Job.JournalId}", entry.Job));
        Acceptance acceptance;
        try
        {
            stop.Asked.ThrowIfCancellationRequested();
            acceptance = await WithRoomAsync(() => client.SubmitAsync(submission, stop.Deadline), stop.Asked).ConfigureAwait(false);
        }
        catch (InpaintException e) when (e.ErrorId == InpaintErrorId.SubmissionUncertain)
        {
            throw Remember(entry, previews?.LastFile is { } last ? e.WithMessage($"{e.Message} The last picture that came is '{last}'.") : e);
        }
        catch (Exception e) when (e is InpaintException || (e is OperationCanceledException && stop.Asked.IsCancellationRequested))
        {
            // These say for certain that there is no job, so that there is nothing to remember.
            Forget(entry);
            throw;
        }
        catch (Exception e)
        {
            // Nobody foresaw it, so that nobody can say on which side of the sending it happened.
            throw Remember(entry, new InpaintException(InpaintErrorId.SubmissionUncertain, $"The submit to {plan.Provider.Name} broke off in an unforeseen way, and whether the job was made is not known. It was not sent again: {e.Message}", e));
        }

        return new AcceptedJob(Accept(plan, entry, acceptance, events), acceptance.Eta);
    }

    /// <summary>
    /// Asks again while the service says that it has no room. It has taken nothing then, and will have room in a while, so that this is a queue and no failure; who
    /// wants less says how often to repeat a call.
    /// </summary>
    private async Task<T> WithRoomAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        TimeSpan waited = TimeSpan.Zero;
        for (int refusals = 0; ; refusals++)
        {
            // Whoever has waited longer asks less often, and no two in step.
            TimeSpan pause = TimeSpan.FromSeconds(Math.Min(1 << Math.Min(refusals, 5), 30) * (1 + (Random.Shared.NextDouble() / 4)));
            try
            {
                return await ask().ConfigureAwait(false);
            }
            catch (InpaintException e) when (e is { ErrorId: InpaintErrorId.RateLimited, IsTransient: true, Job: null } && CallContext.Current?.Retry?.MaximumCount is null
                && waited + (pause = Longer(pause, e.RetryAfter)) <= schedule.RoomPatience)
            {
                CallContext.TellOfPause("rate limited", pause);
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            waited += pause;
        }
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan? other) => other > one ? other.Value : one;

    /// <summary>
    /// Writes the intent down, unless there is another job for the request. Looking and writing are one step among all processes, so that of two batches that
    /// come to the same request only one pays for it.
    /// </summary>
    /// <returns>The other job; null when the intent is on disk.</returns>
    private async Task<JournalEntry?> FindOtherAsync(JournalEntry intent, RequestPlan plan, IProgress<JobEvent>? events, JobResumption? resumption, CancellationToken cancellationToken)
    {
        if (resumption is null)
        {
            journal.Write(intent);
            return null;
        }

        bool hasTold = false;
        while (true)
        {
            InpaintJob? other;
            using (journal.Claim(plan.Fingerprint))
            {
                other = resumption.TakeOther(plan.Fingerprint, intent.Job.JournalId);
                if (other is null)
                {
                    journal.Write(intent);
                    if (hasTold && resumption.TryFindUncertain(plan, out InpaintJob? lost))
                    {
                        events?.Report(new JobEvent(JobEventKind.Warning, $"{plan.SourceName}: the submit that was waited for ({lost.JournalId}) got no answer and may have been taken. The request is submitted anew, and may be paid for twice.", intent.Job));
                    }

                    return null;
                }
            }

            if (other.State != InpaintJobState.Submitting)
            {
                events?.Report(new JobEvent(JobEventKind.Timeline, $"attaching to {other.Id}, which was made for the same request meanwhile", other));
                return journal.Read(other.JournalId) ?? new JournalEntry(JournalEntry.CurrentVersion, other);
            }

            if (!hasTold)
            {
                hasTold = true;
                events?.Report(new JobEvent(JobEventKind.Timeline, $"waiting for another process, which is submitting the same request as {other.JournalId}", other));
            }

            await Task.Delay(LookInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private InpaintException Remember(JournalEntry entry, InpaintException e)
    {
        InpaintJob uncertain = entry.Job with { State = InpaintJobState.Uncertain, Error = e.Message, ErrorId = e.ErrorId, UpdatedAt = time.GetUtcNow() };
        try
        {
            journal.Write(entry with { Job = uncertain });
        }
        catch (InpaintException unwritten) when (unwritten.ErrorId == InpaintErrorId.StateUnavailable)
        {
            // The intent is on disk and says the same after a while; what happened to the submit matters more.
        }

        return e.About(uncertain);
    }

    private void Forget(JournalEntry entry)
    {
        try
        {
            journal.Delete(entry.Job.JournalId);
            spool.Delete(entry);
        }
        catch (InpaintException e) when (e.ErrorId == InpaintErrorId.StateUnavailable)
        {
            // An intent too many on disk is harmless; why there is no job matters more.
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
        InpaintException? lost = null;
        if (acceptance.Output is { } output)
        {
            job = job with { State = InpaintJobState.Completed, CompletedAt = now, Cost = ResultBuilder.Cost(output, job, plan.Capabilities.Price) };
            try
            {
                accepted = entry with { Job = job, Result = ResultBuilder.Store(output, job, spool, now) };
            }
            catch (Exception e) when (JobFailures.LacksJob(e))
            {
                lost = JobFailures.AfterAcceptance(e, job);
                accepted = entry with { Job = job };
            }
        }

        try
        {
            accepted = journal.Write(accepted);
        }
        catch (InpaintException e) when (e.ErrorId == InpaintErrorId.StateUnavailable)
        {
            // The job is paid for and its id known: losing it because the disk is full would be the worst answer. The user keeps the id.
            events?.Report(new JobEvent(JobEventKind.Warning, $"{e.Message} The job was accepted by {job.Provider} as {job.Id}; note this id, it is written down nowhere else.", job));
        }

        if (lost is not null)
        {
            throw lost;
        }

        events?.Report(new JobEvent(JobEventKind.Timeline, $"accepted by {job.Provider} as {job.Id}", job));
        return accepted;
    }

    private InpaintJob Intent(RequestPlan plan)
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
            Parameters = RequestParameters.Describe(plan.Request),
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
