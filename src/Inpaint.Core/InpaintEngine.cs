using System.Security;
using Inpaint.Http;
using Inpaint.Jobs;
using Inpaint.Providers;
using Inpaint.Requests;
using Inpaint.Results;

namespace Inpaint;

/// <summary>
/// The engine's door: plans requests, makes jobs, follows them, collects and saves what they made. One engine serves a whole process; all its members are
/// safe to use from several threads. Failures are <see cref="InpaintException"/>.
/// </summary>
public sealed class InpaintEngine : IDisposable
{
    private static readonly Lazy<InpaintEngine> SharedEngine = new(() => new InpaintEngine());

    private readonly TimeProvider time;
    private readonly HttpClientSource http = new();
    private readonly JobJournal journal;
    private readonly PictureSpool spool;
    private readonly ProviderClientPool clients;
    private readonly RequestPlanner planner;
    private readonly JobSubmitter submitter;
    private readonly JobFollower follower;
    private readonly ImageSaver saver;

    /// <summary>Makes an engine. Nothing is read, opened or called until it is used.</summary>
    /// <param name="options">Where things are; null for the usual places.</param>
    public InpaintEngine(InpaintEngineOptions? options = null)
        : this(options ?? new InpaintEngineOptions(), new WatchSchedule())
    {
    }

    internal InpaintEngine(InpaintEngineOptions options, WatchSchedule schedule)
    {
        time = options.TimeProvider;

        // Found anew at each use: a script may move INPAINT_HOME after the module was loaded.
        string StateFolderNow() => options.StateFolder ?? Jobs.StateFolder.Find(options.Environment);
        journal = new JobJournal(StateFolderNow, time);
        spool = new PictureSpool(StateFolderNow);
        clients = new ProviderClientPool(http, StateFolderNow, time, schedule);
        Providers = new ProviderRegistry(options.Environment);
        planner = new RequestPlanner(Providers);
        submitter = new JobSubmitter(journal, spool, time);
        follower = new JobFollower(journal, spool, time);
        saver = new ImageSaver(http, time);
    }

    /// <summary>The process's engine, made at its first use.</summary>
    public static InpaintEngine Shared => SharedEngine.Value;

    /// <summary>The providers.</summary>
    public ProviderRegistry Providers { get; }

    /// <summary>Checks a request, looks at its pictures and estimates its cost. Calls nobody and costs nothing.</summary>
    /// <param name="request">The request.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="InpaintException">What is wrong with the request.</exception>
    public RequestPlan Plan(InpaintRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return planner.Plan(request);
    }

    /// <summary>Makes a job and returns as soon as the provider has accepted it.</summary>
    /// <param name="plan">The checked request.</param>
    /// <param name="events">Told what happens.</param>
    /// <param name="apiKey">The key; null for the one set or in the environment.</param>
    /// <param name="cancellationToken">Ends it; a job that was just accepted is cancelled at the provider.</param>
    /// <returns>The job.</returns>
    /// <exception cref="InpaintException">No job was made, or (SubmissionUncertain) it cannot be told.</exception>
    public async Task<InpaintJob> StartAsync(RequestPlan plan, IProgress<JobEvent>? events = null, SecureString? apiKey = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        using StopDeadline stop = new(time, cancellationToken);
        ProviderAccess access = AccessTo(plan.Provider, apiKey);
        JournalEntry entry = await submitter.SubmitAsync(access.Client, plan, events, stop).ConfigureAwait(false);
        if (cancellationToken.IsCancellationRequested)
        {
            await CancelRemotelyAsync(access, entry, events, stop.Deadline).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return entry.Job;
    }

    /// <summary>Makes a job, waits for it and collects the result.</summary>
    /// <param name="plan">The checked request.</param>
    /// <param name="timeout">Longest time to wait, from the call; null for no limit. When it is over the job is cancelled at the provider.</param>
    /// <param name="events">Told what happens.</param>
    /// <param name="apiKey">The key; null for the one set or in the environment.</param>
    /// <param name="cancellationToken">Ends it; the job is cancelled at the provider, and everything has ended within a second.</param>
    /// <returns>The result.</returns>
    /// <exception cref="InpaintException">Why there is none; <see cref="InpaintException.Job"/> holds the job where one was made.</exception>
    public async Task<InpaintResult> RunAsync(
        RequestPlan plan,
        TimeSpan? timeout = null,
        IProgress<JobEvent>? events = null,
        SecureString? apiKey = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        using CancellationTokenSource limit = new(timeout ?? Timeout.InfiniteTimeSpan, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using StopDeadline stop = new(time, either.Token);
        ProviderAccess access = AccessTo(plan.Provider, apiKey);
        JournalEntry? entry = null;
        try
        {
            entry = await submitter.SubmitAsync(access.Client, plan, events, stop).ConfigureAwait(false);
            either.Token.ThrowIfCancellationRequested();
            entry = await follower.WaitAsync(access, entry, plan.Capabilities.StreamsStatus, events, either.Token).ConfigureAwait(false);
            return ResultOf(entry, events);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            InpaintJob? job = entry is null ? null : (await CancelRemotelyAsync(access, entry, events, stop.Deadline).ConfigureAwait(false)).Job;
            cancellationToken.ThrowIfCancellationRequested();
            throw TimedOut(timeout ?? TimeSpan.Zero, job);
        }
        catch (InpaintException e) when (entry is not null && e.Job is null)
        {
            throw new InpaintException(e.ErrorId, e.Message, e)
            {
                Job = journal.Read(entry.Job.JournalId)?.Job ?? entry.Job,
                Provider = e.Provider,
                RequestId = e.RequestId ?? entry.Job.Id,
                HttpStatus = e.HttpStatus,
                ProviderErrorType = e.ProviderErrorType,
                ResponseBody = e.ResponseBody,
                RecommendedAction = e.RecommendedAction,
            };
        }
    }

    /// <summary>Asks where a job stands.</summary>
    /// <param name="job">The job.</param>
    /// <param name="includeLog">Whether to ask for the provider's log lines.</param>
    /// <param name="apiKey">The key; null for the one set or in the environment.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The job as it is now.</returns>
    public async Task<InpaintJob> GetStatusAsync(InpaintJob job, bool includeLog = false, SecureString? apiKey = null, CancellationToken cancellationToken = default)
    {
        JournalEntry entry = EntryOf(job);
        if (!IsAtProvider(entry.Job))
        {
            return entry.Job;
        }

        return (await follower.RefreshAsync(AccessTo(entry.Job, apiKey), entry, includeLog, cancellationToken).ConfigureAwait(false)).Job;
    }

    /// <summary>Waits until a job is finished, well or not.</summary>
    /// <param name="job">The job.</param>
    /// <param name="timeout">Longest time to wait; null for no limit. The job itself goes on.</param>
    /// <param name="events">Told what happens.</param>
    /// <param name="apiKey">The key; null for the one set or in the environment.</param>
    /// <param name="cancellationToken">Ends the waiting, not the job.</param>
    /// <returns>The finished job.</returns>
    /// <exception cref="InpaintException">JobTimedOut, or why the job cannot be watched.</exception>
    public async Task<InpaintJob> WaitAsync(
        InpaintJob job,
        TimeSpan? timeout = null,
        IProgress<JobEvent>? events = null,
        SecureString? apiKey = null,
        CancellationToken cancellationToken = default) =>
        (await WaitForEntryAsync(job, timeout, events, apiKey, cancellationToken).ConfigureAwait(false)).Job;

    /// <summary>Collects what a job has made.</summary>
    /// <param name="job">The job.</param>
    /// <param name="wait">Whether to wait for a job that is not finished.</param>
    /// <param name="timeout">Longest time to wait; null for no limit.</param>
    /// <param name="events">Told what happens.</param>
    /// <param name="apiKey">The key; null for the one set or in the environment.</param>
    /// <param name="cancellationToken">Ends it; the job goes on.</param>
    /// <returns>The result; null when the job is not finished and <paramref name="wait"/> is false.</returns>
    /// <exception cref="InpaintException">Why there is no result.</exception>
    public async Task<InpaintResult?> ReceiveAsync(
        InpaintJob job,
        bool wait = true,
        TimeSpan? timeout = null,
        IProgress<JobEvent>? events = null,
        SecureString? apiKey = null,
        CancellationToken cancellationToken = default)
    {
        if (wait)
        {
            return ResultOf(await WaitForEntryAsync(job, timeout, events, apiKey, cancellationToken).ConfigureAwait(false), events);
        }

        JournalEntry entry = EntryOf(job);
        MustBeAtProvider(entry.Job);
        entry = await follower.RefreshAsync(AccessTo(entry.Job, apiKey), entry, includeLog: false, cancellationToken).ConfigureAwait(false);
        return entry.Job.IsFinished ? ResultOf(entry, events) : null;
    }

    /// <summary>Asks the provider to stop a job, and says what that did.</summary>
    /// <param name="job">The job.</param>
    /// <param name="apiKey">The key; null for the one set or in the environment.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The job with its <see cref="InpaintJob.StopOutcome"/>.</returns>
    public async Task<InpaintJob> StopAsync(InpaintJob job, SecureString? apiKey = null, CancellationToken cancellationToken = default)
    {
        JournalEntry entry = EntryOf(job);
        MustBeAtProvider(entry.Job);
        return (await follower.StopAsync(AccessTo(entry.Job, apiKey), entry, cancellationToken).ConfigureAwait(false)).Job;
    }

    /// <summary>Finds a job by its id.</summary>
    /// <param name="id">The provider's id, the name in the journal, or an unmistakable beginning of either.</param>
    /// <param name="provider">The provider; with it a job that the journal does not know is taken on.</param>
    /// <returns>The job as last known; nothing is asked of the provider.</returns>
    /// <exception cref="InpaintException">JobNotFound.</exception>
    public InpaintJob FindJob(string id, string? provider = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        if (journal.Find(id, provider) is { } entry)
        {
            return entry.Job;
        }

        if (provider is null)
        {
            throw new InpaintException(InpaintErrorId.JobNotFound, $"The journal knows no job '{id}', or more than one that begins so. Give the whole id, and -Provider for a job that was not made here.");
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
    /// <param name="all">Whether those whose pictures are all saved are listed too.</param>
    /// <param name="warn">Told of damaged files.</param>
    /// <returns>The jobs, read while they are enumerated.</returns>
    public IEnumerable<InpaintJob> ListJobs(bool all = false, Action<string>? warn = null) =>
        journal.Entries(all, warn ?? (_ => { })).Select(e => Known(e.Job)).Where(j => all || !(j.State is InpaintJobState.Failed or InpaintJobState.Cancelled));

    /// <summary>Forgets a job: its journal file and any pictures kept for it. The provider is not told.</summary>
    /// <param name="job">The job.</param>
    /// <exception cref="InpaintException">JobNotFound: the journal does not know it.</exception>
    public void Forget(InpaintJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (!journal.Delete(job.JournalId))
        {
            throw new InpaintException(InpaintErrorId.JobNotFound, $"The journal does not know job '{job.Id}'.");
        }

        spool.Delete(job.JournalId);
    }

    /// <summary>Saves a picture to a file, whole or not at all.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="options">Where and how.</param>
    /// <param name="cancellationToken">Ends it; nothing is left behind.</param>
    /// <returns>The file.</returns>
    /// <exception cref="InpaintException">OutputExists, OutputWriteFailed, ResultExpired, ResponseInvalid and others.</exception>
    public async Task<SavedImage> SaveAsync(InpaintImage image, SaveOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(options);
        SavedImage saved = await saver.SaveAsync(image, options, cancellationToken).ConfigureAwait(false);
        if (image.Origin.JournalId is string journalId)
        {
            journal.MarkSaved(journalId, image.Index);
        }

        return saved;
    }

    /// <summary>Makes a free call that succeeds only when the provider can be reached and takes the key.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="apiKey">The key; null for the one set or in the environment.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>When done.</returns>
    /// <exception cref="InpaintException">Why not.</exception>
    public Task CheckAccessAsync(InpaintProvider provider, SecureString? apiKey = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return AccessTo(provider, apiKey).Client.CheckAccessAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        clients.Dispose();
        http.Dispose();
    }

    private static bool IsAtProvider(InpaintJob job) => job.State is not (InpaintJobState.Submitting or InpaintJobState.Uncertain);

    private static void MustBeAtProvider(InpaintJob job)
    {
        if (!IsAtProvider(job))
        {
            throw new InpaintException(InpaintErrorId.SubmissionUncertain, $"Whether {job.Provider} has taken the job of {job.CreatedAt:u} is not known, and neither is its id.") { Job = job };
        }
    }

    private static InpaintException TimedOut(TimeSpan timeout, InpaintJob? job)
    {
        const string Anew = "Raise -TimeoutSec, or leave it out, and run the line again.";
        (string fate, string? advice) = job switch
        {
            null => ("Nothing was sent.", Anew),
            { StopOutcome: StopOutcome.Cancelled } => ($"{job.Provider} has cancelled the job {job.Id}.", Anew),
            { StopOutcome: StopOutcome.CancellationRequested } => ($"{job.Provider} was asked to cancel the job {job.Id}; it may still complete.", "Look with Get-InpaintStatus what became of it before running the line again."),
            { StopOutcome: StopOutcome.AlreadyCompleted } => ($"The job {job.Id} had just completed.", "Collect it with Receive-InpaintJob."),
            _ => ($"The job {job.Id} goes on at {job.Provider}.", (string?)null),
        };
        return new InpaintException(InpaintErrorId.JobTimedOut, FormattableString.Invariant($"The job was not finished after {timeout.TotalSeconds:0.#} s. {fate}"))
        {
            Job = job,
            RequestId = job?.Id,
            Provider = job?.Provider,
            RecommendedAction = advice ?? ErrorAdvice.For(InpaintErrorId.JobTimedOut),
        };
    }

    private static InpaintResult ResultOf(JournalEntry entry, IProgress<JobEvent>? events)
    {
        InpaintJob job = entry.Job;
        if (entry.Result is null)
        {
            InpaintErrorId id = job.ErrorId ?? (job.State == InpaintJobState.Cancelled ? InpaintErrorId.JobCancelled : InpaintErrorId.JobFailed);
            throw new InpaintException(id, job.Error ?? $"{job.Provider} reports the job {job.Id} as {job.State}.") { Job = job, Provider = job.Provider, RequestId = job.Id };
        }

        InpaintResult result = ResultBuilder.Build(entry);
        int flagged = result.HasNsfwConcepts.Count(f => f);
        if (flagged > 0)
        {
            events?.Report(new JobEvent(JobEventKind.Warning, $"{job.Provider}'s safety checker flagged {flagged} of {result.Images.Count} picture(s) of job {job.Id}; such a picture is blanked, and charged all the same.", job));
        }

        return result;
    }

    /// <summary>A process that ended between writing the intent and hearing the answer leaves a job that nobody can vouch for.</summary>
    private InpaintJob Known(InpaintJob job) =>
        job.State == InpaintJobState.Submitting && time.GetUtcNow() - job.UpdatedAt > TimeSpan.FromMinutes(5) ? job with { State = InpaintJobState.Uncertain, ErrorId = InpaintErrorId.SubmissionUncertain } : job;

    private async Task<JournalEntry> WaitForEntryAsync(InpaintJob job, TimeSpan? timeout, IProgress<JobEvent>? events, SecureString? apiKey, CancellationToken cancellationToken)
    {
        JournalEntry entry = EntryOf(job);
        MustBeAtProvider(entry.Job);
        bool canStream = Providers.Get(entry.Job.Provider).CapabilitiesFor(entry.Job.Operation)?.StreamsStatus ?? false;
        using CancellationTokenSource limit = new(timeout ?? Timeout.InfiniteTimeSpan, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await follower.WaitAsync(AccessTo(entry.Job, apiKey), entry, canStream, events, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(timeout ?? TimeSpan.Zero, entry.Job);
        }
    }

    private async Task<JournalEntry> CancelRemotelyAsync(ProviderAccess access, JournalEntry entry, IProgress<JobEvent>? events, CancellationToken deadline)
    {
        try
        {
            JournalEntry stopped = await follower.StopAsync(access, entry, deadline).ConfigureAwait(false);
            events?.Report(new JobEvent(JobEventKind.Timeline, $"stopping {stopped.Job.Provider} {stopped.Job.Id}: {stopped.Job.StopOutcome}", stopped.Job));
            return stopped;
        }
        catch (Exception e) when (e is InpaintException or OperationCanceledException)
        {
            // The stop goes on regardless; the journal still lists the job as it was, so that it can be stopped or collected later.
            events?.Report(new JobEvent(JobEventKind.Timeline, $"{entry.Job.Provider} did not confirm that {entry.Job.Id} is cancelled", entry.Job));
            return entry;
        }
    }

    private JournalEntry EntryOf(InpaintJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return (job.JournalId.Length > 0 ? journal.Read(job.JournalId) : null) ?? new JournalEntry(JournalEntry.CurrentVersion, job.JournalId.Length > 0 ? job : job with { JournalId = journal.NewId() });
    }

    private ProviderAccess AccessTo(InpaintJob job, SecureString? apiKey) => AccessTo(Providers.Get(job.Provider), apiKey);

    private ProviderAccess AccessTo(InpaintProvider provider, SecureString? apiKey) => clients.Get(provider, apiKey ?? Providers.FindKey(provider));
}
