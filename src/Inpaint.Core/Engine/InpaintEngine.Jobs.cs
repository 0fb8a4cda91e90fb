using System.Runtime.CompilerServices;
using System.Security;
using Inpaint.Http;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Planning;
using Inpaint.Providers;

namespace Inpaint.Engine;

/// <content>Jobs: submitting, watching, collecting, stopping, listing and removing them.</content>
public sealed partial class InpaintEngine
{
    /// <summary>Submits a job and returns as soon as the provider has accepted it.</summary>
    /// <param name="plan">The checked request.</param>
    /// <param name="options">Options of the call; null for the defaults. After <see cref="RunOptions.Timeout"/> nothing more is sent.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests; a job that was just accepted is cancelled at the provider.</param>
    /// <returns>The job.</returns>
    /// <exception cref="InpaintException">No job was created, or (SubmissionUncertain) it is not known whether one was.</exception>
    public async Task<InpaintJob> StartAsync(RequestPlan plan, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        EnsureComplete(plan);
        using PendingCalls.Call call = calls.Enter();
        IProgress<JobEvent>? events = Begin(options);
        using CancellationTokenSource limit = LimitOf(options);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using StopDeadline stop = new(time, either.Token);
        using ProviderAccess access = AccessTo(plan.Provider, options?.ApiKey);
        await using ConfiguredAsyncDisposable refresh = ModelRefresh.Begin(access.Client, plan.Model).ConfigureAwait(false);
        using JobSlot slot = new(access.Slots);
        access.Client.ConnectAhead(plan.Request, UpcomingSubmit.Certain);
        access.Client.ConnectAhead(plan.Request, UpcomingSubmit.Likely);
        AcceptedJob accepted;
        try
        {
            accepted = await submitter.SubmitAsync(access.Client, slot, plan, events, options?.Resumption, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw JobFailures.TimedOut(options!.Timeout!.Value, job: null);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            await follower.CancelAsync(access, accepted, events, stop.Deadline).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return accepted.Entry.Job;
    }

    /// <summary>Submits a job, waits for it and collects the result.</summary>
    /// <param name="plan">The checked request.</param>
    /// <param name="options">Options of the call; null for the defaults. After <see cref="RunOptions.Timeout"/> the job is cancelled at the provider.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests; the job is cancelled at the provider, and everything has ended within a second.</param>
    /// <returns>The result.</returns>
    /// <exception cref="InpaintException">Why there is no result; <see cref="InpaintException.Job"/> holds the job if one was created.</exception>
    public async Task<InpaintResult> RunAsync(RequestPlan plan, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        EnsureComplete(plan);
        using PendingCalls.Call call = calls.Enter();
        IProgress<JobEvent>? events = Begin(options);
        using CancellationTokenSource limit = LimitOf(options);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using StopDeadline stop = new(time, either.Token);
        using ProviderAccess access = AccessTo(plan.Provider, options?.ApiKey);
        await using ConfiguredAsyncDisposable refresh = ModelRefresh.Begin(access.Client, plan.Model).ConfigureAwait(false);
        using JobSlot slot = new(access.Slots);
        access.Client.ConnectAhead(plan.Request, UpcomingSubmit.Certain);
        AcceptedJob? accepted = null;
        try
        {
            accepted = await submitter.SubmitAsync(access.Client, slot, plan, events, options?.Resumption, stop).ConfigureAwait(false);
            either.Token.ThrowIfCancellationRequested();
            JournalEntry settled = await follower.WaitAsync(access, accepted.Entry, accepted.Eta, events, either.Token, onFinished: () => access.Client.ConnectAhead(plan.Request, UpcomingSubmit.Likely)).ConfigureAwait(false);
            slot.Dispose();
            return await finisher.CollectAsync(settled, events, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            InpaintJob? job = accepted is null ? null : await follower.CancelAsync(access, accepted, events, stop.Deadline).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw JobFailures.TimedOut(options?.Timeout ?? TimeSpan.Zero, job);
        }
        catch (Exception e) when (accepted is not null && JobFailures.LacksJob(e))
        {
            throw JobFailures.AfterAcceptance(e, journal.Latest(accepted.Entry).Job);
        }
    }

    /// <summary>Refreshes the status of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="includeLog">Whether to read the provider's log lines.</param>
    /// <param name="options">Options of the call; null for the defaults.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The job as it is now.</returns>
    /// <exception cref="InpaintException">Why the status cannot be read.</exception>
    public async Task<InpaintJob> GetStatusAsync(InpaintJob job, bool includeLog = false, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        using PendingCalls.Call call = calls.Enter();
        Begin(options);
        JournalEntry entry = journal.GetOrCreate(job);
        if (!entry.Job.IsAccepted || (entry.IsSettled && !includeLog))
        {
            return entry.Job;
        }

        using ProviderAccess access = AccessTo(entry.Job, options?.ApiKey);
        JournalEntry refreshed = await JobFailures.AttributeAsync(
            journal, entry, () => follower.RefreshAsync(access, entry, includeLog, cancellationToken)).ConfigureAwait(false);
        return refreshed.Job;
    }

    /// <summary>Waits until a job has finished, successfully or not.</summary>
    /// <param name="job">The job.</param>
    /// <param name="options">Options of the call; null for the defaults. The job continues after <see cref="RunOptions.Timeout"/>.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests; the job itself continues.</param>
    /// <returns>The finished job.</returns>
    /// <exception cref="InpaintException">JobTimedOut, or why the job cannot be watched.</exception>
    public async Task<InpaintJob> WaitAsync(InpaintJob job, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        using PendingCalls.Call call = calls.Enter();
        return (await WaitForEntryAsync(job, options, Begin(options), cancellationToken).ConfigureAwait(false)).Job;
    }

    /// <summary>Collects the result of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="wait">Whether to wait for a job that is not finished.</param>
    /// <param name="options">Options of the call; null for the defaults.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests; the job itself continues.</param>
    /// <returns>The result; null when the job is not finished and <paramref name="wait"/> is false.</returns>
    /// <exception cref="InpaintException">Why there is no result.</exception>
    public async Task<InpaintResult?> ReceiveAsync(InpaintJob job, bool wait = true, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        using PendingCalls.Call call = calls.Enter();
        IProgress<JobEvent>? events = Begin(options);
        if (wait)
        {
            JournalEntry settled = await WaitForEntryAsync(job, options, events, cancellationToken).ConfigureAwait(false);
            return await finisher.CollectAsync(settled, events, cancellationToken).ConfigureAwait(false);
        }

        JournalEntry entry = journal.GetOrCreate(job);
        EnsureAccepted(entry.Job);
        if (!entry.IsSettled)
        {
            using ProviderAccess access = AccessTo(entry.Job, options?.ApiKey);
            JournalEntry known = entry;
            entry = await JobFailures.AttributeAsync(
                journal, known, () => follower.RefreshAsync(access, known, includeLog: false, cancellationToken)).ConfigureAwait(false);
        }

        return entry.Job.IsFinished ? await finisher.CollectAsync(entry, events, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>Claims the collection of a job, so that of several processes on one state folder one collects it. A claim ends with its process.</summary>
    /// <param name="job">A job that the journal knows, since it was followed or received here.</param>
    /// <returns>False when its pictures are saved already, or another process has claimed it.</returns>
    /// <exception cref="InpaintException">StateUnavailable: the claim cannot be written.</exception>
    public bool TryClaim(InpaintJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return journal.TryClaim(job.JournalId, ProcessMark.Current);
    }

    /// <summary>Asks the provider to stop a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="options">Options of the call; null for the defaults.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The job, whose <see cref="InpaintJob.StopOutcome"/> says what happened.</returns>
    /// <exception cref="InpaintException">Why the provider cannot be called.</exception>
    public async Task<InpaintJob> StopAsync(InpaintJob job, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        using PendingCalls.Call call = calls.Enter();
        Begin(options);
        JournalEntry entry = journal.GetOrCreate(job);
        EnsureAccepted(entry.Job);
        if (entry.IsSettled)
        {
            return entry.Job with { StopOutcome = entry.Job.State == InpaintJobState.Cancelled ? StopOutcome.Cancelled : StopOutcome.AlreadyCompleted };
        }

        using ProviderAccess access = AccessTo(entry.Job, options?.ApiKey);
        JournalEntry stopped = await JobFailures.AttributeAsync(journal, entry, () => follower.StopAsync(access, entry, cancellationToken)).ConfigureAwait(false);
        return stopped.Job;
    }

    /// <summary>Finds a job by its id.</summary>
    /// <param name="id">The provider's id, the name in the journal, an unambiguous prefix of either, or the last part of the name.</param>
    /// <param name="provider">The provider; with it, a job that is not in the journal is accepted.</param>
    /// <returns>The job as last known; the provider is not called.</returns>
    /// <exception cref="InpaintException">JobNotFound.</exception>
    public InpaintJob FindJob(string id, string? provider = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        if (journal.Find(id, provider) is { } entry && journal.ResolveState(entry) is { } current)
        {
            return current.Job;
        }

        if (provider is null)
        {
            throw new InpaintException(InpaintErrorId.JobNotFound, $"The journal has no job '{id}', or several jobs whose ids begin with it. Specify the full id, and the provider if the job was not submitted here.");
        }

        InpaintProvider known = Providers.Get(provider);
        return new InpaintJob
        {
            Id = id,
            JournalId = journal.NewId(),
            Provider = known.Name,
            Model = known.Model ?? known.Capabilities[0].DefaultModel,
            State = InpaintJobState.InQueue,
            CreatedAt = time.GetUtcNow(),
            UpdatedAt = time.GetUtcNow(),
        };
    }

    /// <summary>Lists the journal's jobs as last known, the oldest first.</summary>
    /// <param name="all">Whether to include jobs whose pictures are all saved.</param>
    /// <param name="warn">Receives warnings about damaged files.</param>
    /// <returns>The jobs, which are read while they are enumerated.</returns>
    public IEnumerable<InpaintJob> ListJobs(bool all = false, Action<string>? warn = null) =>
        journal.Entries(all, warn ?? (_ => { })).Select(e => journal.ResolveState(e)?.Job).OfType<InpaintJob>().Where(j => all || !j.EndedWithoutResult);

    /// <summary>
    /// Removes what need not be kept: free results that nobody saved within a day, and the records of jobs that have been done with for 90 days. The first call of an engine does so
    /// by itself.
    /// </summary>
    /// <param name="tell">Receives a sentence about what was removed.</param>
    public void RemoveExpired(Action<string>? tell = null) => retention.Apply(tell);

    /// <summary>Reads the jobs from the journal to which a batch that is run again may attach instead of paying again.</summary>
    /// <param name="warn">Receives warnings about damaged files.</param>
    /// <returns>The jobs, each of which can be attached to once.</returns>
    public JobResumption FindResumable(Action<string>? warn = null) => new(journal, warn);

    /// <summary>Removes a job from the journal, with the pictures that are kept for it. The provider is not called.</summary>
    /// <param name="job">The job.</param>
    /// <exception cref="InpaintException">JobNotFound: it is not in the journal.</exception>
    public void Forget(InpaintJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        JournalEntry entry = journal.GetOrCreate(job);
        if (!journal.Delete(entry.Job.JournalId))
        {
            throw new InpaintException(InpaintErrorId.JobNotFound, $"The journal does not know job '{job.Id}'.");
        }

        spool.Delete(entry);
    }

    private static void EnsureComplete(RequestPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Request.MaskRecipe is not null)
        {
            throw new ArgumentException("The plan has no mask yet: it must be found first.", nameof(plan));
        }
    }

    private void EnsureAccepted(InpaintJob job)
    {
        if (!job.IsAccepted)
        {
            throw JobFailures.NotAtProvider(job, Providers.UncertainAdviceOf(job.Provider));
        }
    }

    private async Task<JournalEntry> WaitForEntryAsync(InpaintJob job, RunOptions? options, IProgress<JobEvent>? events, CancellationToken cancellationToken)
    {
        JournalEntry entry = journal.GetOrCreate(job);
        using CancellationTokenSource limit = LimitOf(options);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            entry = await follower.WaitForSubmitAsync(entry, either.Token).ConfigureAwait(false);
            EnsureAccepted(entry.Job);
            if (entry.IsSettled)
            {
                return entry;
            }

            using ProviderAccess access = AccessTo(entry.Job, options?.ApiKey);
            return await follower.WaitAsync(access, entry, eta: null, events, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw JobFailures.TimedOut(options?.Timeout ?? TimeSpan.Zero, journal.Latest(entry).Job with { StopOutcome = null });
        }
        catch (Exception e) when (JobFailures.LacksJob(e))
        {
            throw JobFailures.AfterAcceptance(e, journal.Latest(entry).Job);
        }
    }

    /// <summary>Sets up a call: its retry limits and the receiver of its events.</summary>
    private IProgress<JobEvent>? Begin(RunOptions? options)
    {
        IProgress<JobEvent>? events = this.options.Logged(options?.Events);
        retention.ApplyOnce(events is null ? null : text => events.Report(new JobEvent(JobEventKind.Timeline, text)));
        CallContext.Current = new CallContext(options?.Retry, events is null ? null : text => events.Report(new JobEvent(JobEventKind.Pause, text)));
        return events;
    }

    /// <summary>The time limit of a call; one that exceeds the maximum of a timer (49 days) counts as none.</summary>
    private CancellationTokenSource LimitOf(RunOptions? options)
    {
        TimeSpan limit = options?.Timeout is TimeSpan given && given.TotalMilliseconds < uint.MaxValue - 1 ? given : Timeout.InfiniteTimeSpan;
        return new CancellationTokenSource(limit < TimeSpan.Zero && limit != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : limit, time);
    }

    private ProviderAccess AccessTo(InpaintJob job, SecureString? apiKey) => AccessTo(Providers.Get(job.Provider), apiKey);
}
