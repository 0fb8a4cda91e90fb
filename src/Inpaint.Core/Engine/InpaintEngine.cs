using System.Runtime.CompilerServices;
using System.Security;
using Inpaint.Http;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Results;

namespace Inpaint.Engine;

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
    private readonly PictureCropper cutter = new();
    private readonly JobSubmitter submitter;
    private readonly JobFollower follower;
    private readonly ResultFinisher finisher;
    private readonly ResultCollector collector;
    private readonly ImageSaver saver;
    private readonly PictureViewer viewer;

    /// <summary>Makes an engine. Nothing is read, opened or called until it is used.</summary>
    /// <param name="options">Where things are; null for the usual places.</param>
    public InpaintEngine(InpaintEngineOptions? options = null)
        : this(options ?? new InpaintEngineOptions(), new WatchSchedule(), ProviderCatalogue.Kinds)
    {
    }

    internal InpaintEngine(InpaintEngineOptions options, WatchSchedule schedule, IReadOnlyList<ProviderDescriptor> kinds)
    {
        time = options.TimeProvider;

        // Found anew at each use: a script may move INPAINT_HOME after the module was loaded.
        string StateFolderNow() => options.StateFolder ?? Journal.StateFolder.Find(options.Environment);
        journal = new JobJournal(StateFolderNow, time);
        spool = new PictureSpool(StateFolderNow, new SpoolPruner(StateFolderNow, journal, time));
        Providers = new ProviderRegistry(options.Environment, kinds, StateFolderNow);
        clients = new ProviderClientPool(Providers, http, StateFolderNow, time, schedule);
        Providers.OnChanged = clients.ForgetKeys;
        submitter = new JobSubmitter(journal, spool, cutter, time, schedule);
        follower = new JobFollower(journal, spool, time, schedule);
        PictureFetcher fetcher = new(http, time, Providers.HomeOf);
        finisher = new ResultFinisher(journal, spool, fetcher);
        collector = new ResultCollector(journal, finisher);
        saver = new ImageSaver(fetcher, time);
        viewer = new PictureViewer(http, time, Providers.HomeOf);
    }

    /// <summary>The process's engine, made at its first use.</summary>
    public static InpaintEngine Shared => SharedEngine.Value;

    /// <summary>The process's engine; null as long as nobody has used it.</summary>
    internal static InpaintEngine? SharedIfMade => SharedEngine.IsValueCreated ? SharedEngine.Value : null;

    /// <summary>The providers.</summary>
    public ProviderRegistry Providers { get; }

    /// <summary>Checks a request, looks at its pictures and estimates its cost. Calls nobody and costs nothing.</summary>
    /// <param name="request">The request.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="InpaintException">What is wrong with the request.</exception>
    public RequestPlan Plan(InpaintRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return RequestPlanner.Plan(request, Providers.Choose(request), CancellationToken.None);
    }

    /// <summary>
    /// Does what <see cref="Plan"/> does on another thread, since a large photograph takes seconds to look at. Where next to nothing is known of the model, its provider is asked about it first, where it tells.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="apiKey">The key; null for the one set or in the environment.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="InpaintException">What is wrong with the request.</exception>
    public async Task<RequestPlan> PlanAsync(InpaintRequest request, SecureString? apiKey = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        IReadOnlyList<string> notes = await LearnAsync(request, apiKey, cancellationToken).ConfigureAwait(false);
        RequestPlan plan = await Task.Run(() => RequestPlanner.Plan(request, Providers.Choose(request), cancellationToken), cancellationToken).ConfigureAwait(false);
        return notes.Count == 0 ? plan : plan with { Notes = [.. plan.Notes, .. notes] };
    }

    /// <summary>Looks at the mask of a request as <see cref="Plan"/> does, and says what it finds instead of failing. Calls nobody and costs nothing.</summary>
    /// <param name="request">A request with picture and mask; the rest of it does not matter.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What the mask would do, and what is to be said against it.</returns>
    /// <exception cref="InpaintException">ProviderNotFound.</exception>
    public MaskReport InspectMask(InpaintRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return RequestPlanner.InspectMask(request, Providers.Choose(request.Provider), cancellationToken);
    }

    /// <summary>Makes a job and returns as soon as the provider has accepted it.</summary>
    /// <param name="plan">The checked request.</param>
    /// <param name="events">Told what happens.</param>
    /// <param name="apiKey">The key; null for the one set or in the environment.</param>
    /// <param name="resumption">Jobs to attach to when another process makes one for the same request at this moment; null to make one in any case.</param>
    /// <param name="retry">How often calls are repeated; null for the usual way.</param>
    /// <param name="cancellationToken">Ends it; a job that was just accepted is cancelled at the provider.</param>
    /// <returns>The job.</returns>
    /// <exception cref="InpaintException">No job was made, or (SubmissionUncertain) it cannot be told.</exception>
    public async Task<InpaintJob> StartAsync(
        RequestPlan plan,
        IProgress<JobEvent>? events = null,
        SecureString? apiKey = null,
        JobResumption? resumption = null,
        RetryLimits? retry = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        CallContext.Current = ContextOf(events, retry);
        using StopDeadline stop = new(time, cancellationToken);
        using ProviderAccess access = AccessTo(plan.Provider, apiKey);
        await using ConfiguredAsyncDisposable refresh = ModelRefresh.Begin(access.Client, plan.Model).ConfigureAwait(false);
        AcceptedJob accepted = await submitter.SubmitAsync(access.Client, plan, events, resumption, stop).ConfigureAwait(false);
        if (cancellationToken.IsCancellationRequested)
        {
            await follower.CancelAsync(access, accepted, events, stop.Deadline).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return accepted.Entry.Job;
    }

    /// <summary>Makes a job, waits for it and collects the result.</summary>
    /// <param name="plan">The checked request.</param>
    /// <param name="timeout">Longest time to wait, from the call; null for no limit. When it is over the job is cancelled at the provider.</param>
    /// <param name="events">Told what happens.</param>
    /// <param name="apiKey">The key; null for the one set or in the environment.</param>
    /// <param name="resumption">Jobs to attach to when another process makes one for the same request at this moment; null to make one in any case.</param>
    /// <param name="retry">How often calls are repeated; null for the usual way.</param>
    /// <param name="cancellationToken">Ends it; the job is cancelled at the provider, and everything has ended within a second.</param>
    /// <returns>The result.</returns>
    /// <exception cref="InpaintException">Why there is none; <see cref="InpaintException.Job"/> holds the job where one was made.</exception>
    public async Task<InpaintResult> RunAsync(
        RequestPlan plan,
        TimeSpan? timeout = null,
        IProgress<JobEvent>? events = null,
        SecureString? apiKey = null,
        JobResumption? resumption = null,
        RetryLimits? retry = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        CallContext.Current = ContextOf(events, retry);
        using CancellationTokenSource limit = After(timeout);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using StopDeadline stop = new(time, either.Token);
        using ProviderAccess access = AccessTo(plan.Provider, apiKey);
        await using ConfiguredAsyncDisposable refresh = ModelRefresh.Begin(access.Client, plan.Model).ConfigureAwait(false);
        AcceptedJob? accepted = null;
        try
        {
            accepted = await submitter.SubmitAsync(access.Client, plan, events, resumption, stop).ConfigureAwait(false);
            either.Token.ThrowIfCancellationRequested();
            JournalEntry settled = await follower.WaitAsync(access, accepted.Entry, accepted.Eta, events, either.Token).ConfigureAwait(false);
            return await collector.CollectAsync(settled, events, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            InpaintJob? job = accepted is null ? null : await follower.CancelAsync(access, accepted, events, stop.Deadline).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw JobFailures.TimedOut(timeout ?? TimeSpan.Zero, job);
        }
        catch (Exception e) when (accepted is not null && JobFailures.LacksJob(e))
        {
            throw JobFailures.AfterAcceptance(e, journal.Latest(accepted.Entry).Job);
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
        JournalEntry entry = journal.EntryOf(job);
        if (!entry.Job.IsAccepted || (entry.IsSettled && !includeLog))
        {
            return entry.Job;
        }

        using ProviderAccess access = AccessTo(entry.Job, apiKey);
        JournalEntry refreshed = await JobFailures.AttributeAsync(
            journal, entry, () => follower.RefreshAsync(access, entry, includeLog, cancellationToken)).ConfigureAwait(false);
        return refreshed.Job;
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
            JournalEntry settled = await WaitForEntryAsync(job, timeout, events, apiKey, cancellationToken).ConfigureAwait(false);
            return await collector.CollectAsync(settled, events, cancellationToken).ConfigureAwait(false);
        }

        JournalEntry entry = journal.EntryOf(job);
        MustBeAtProvider(entry.Job);
        if (!entry.IsSettled)
        {
            using ProviderAccess access = AccessTo(entry.Job, apiKey);
            JournalEntry known = entry;
            entry = await JobFailures.AttributeAsync(
                journal, known, () => follower.RefreshAsync(access, known, includeLog: false, cancellationToken)).ConfigureAwait(false);
        }

        return entry.Job.IsFinished ? await collector.CollectAsync(entry, events, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>Asks the provider to stop a job, and says what that did.</summary>
    /// <param name="job">The job.</param>
    /// <param name="apiKey">The key; null for the one set or in the environment.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The job with its <see cref="InpaintJob.StopOutcome"/>.</returns>
    public async Task<InpaintJob> StopAsync(InpaintJob job, SecureString? apiKey = null, CancellationToken cancellationToken = default)
    {
        JournalEntry entry = journal.EntryOf(job);
        MustBeAtProvider(entry.Job);
        if (entry.IsSettled)
        {
            return entry.Job with { StopOutcome = entry.Job.State == InpaintJobState.Cancelled ? StopOutcome.Cancelled : StopOutcome.AlreadyCompleted };
        }

        using ProviderAccess access = AccessTo(entry.Job, apiKey);
        JournalEntry stopped = await JobFailures.AttributeAsync(journal, entry, () => follower.StopAsync(access, entry, cancellationToken)).ConfigureAwait(false);
        return stopped.Job;
    }

    /// <summary>Finds a job by its id.</summary>
    /// <param name="id">The provider's id, the name in the journal, an unmistakable beginning of either, or the last part of the name.</param>
    /// <param name="provider">The provider; with it a job that the journal does not know is taken on.</param>
    /// <returns>The job as last known; nothing is asked of the provider.</returns>
    /// <exception cref="InpaintException">JobNotFound.</exception>
    public InpaintJob FindJob(string id, string? provider = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        if (journal.Find(id, provider) is { } entry && journal.Standing(entry) is { } standing)
        {
            return standing.Job;
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
        journal.Entries(all, warn ?? (_ => { })).Select(e => journal.Standing(e)?.Job).OfType<InpaintJob>().Where(j => all || !j.IsOver);

    /// <summary>Reads from the journal what a batch that is run again may attach to instead of paying anew.</summary>
    /// <param name="warn">Told of damaged files.</param>
    /// <returns>The jobs, each to be taken once.</returns>
    public JobResumption FindResumable(Action<string>? warn = null) => new(journal, warn);

    /// <summary>Forgets a job: its journal file and any pictures kept for it. The provider is not told.</summary>
    /// <param name="job">The job.</param>
    /// <exception cref="InpaintException">JobNotFound: the journal does not know it.</exception>
    public void Forget(InpaintJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        JournalEntry entry = journal.EntryOf(job);
        if (!journal.Delete(entry.Job.JournalId))
        {
            throw new InpaintException(InpaintErrorId.JobNotFound, $"The journal does not know job '{job.Id}'.");
        }

        spool.Delete(entry);
    }

    /// <summary>Saves a picture to a file, whole or not at all.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="options">Where and how.</param>
    /// <param name="cancellationToken">Ends it; nothing is left behind.</param>
    /// <returns>The file.</returns>
    /// <exception cref="InpaintException">OutputExists, OutputWriteFailed, ResultExpired, ResultAccessDenied, ResponseInvalid and others; <see cref="InpaintException.Job"/> holds the job where the journal knows it.</exception>
    public async Task<SavedImage> SaveAsync(InpaintImage image, SaveOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(options);
        SavedImage saved = await WithOriginAsync(image.Origin, () => saver.SaveAsync(image, options, cancellationToken)).ConfigureAwait(false);
        if (image.Origin.JournalId is not string journalId || !JobJournal.IsName(journalId))
        {
            return saved;
        }

        try
        {
            journal.MarkSaved(journalId, image.Index);
            return saved;
        }
        catch (InpaintException e) when (e.ErrorId == InpaintErrorId.StateUnavailable)
        {
            // The file is there, whole; that the job will be listed as uncollected is the smaller evil.
            string warning = $"The picture is saved, but this cannot be noted: {e.Message}";
            return saved with { Warning = saved.Warning is null ? warning : $"{saved.Warning} {warning}" };
        }
    }

    /// <summary>Draws a picture as text for a terminal. One that is elsewhere is fetched, without a key.</summary>
    /// <param name="view">What is to be seen.</param>
    /// <param name="canvas">Where and how; null where nothing can be drawn, which gives a sentence instead.</param>
    /// <param name="note">Told what is left out, and why.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The text; lines are divided by \n, and the last has none.</returns>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported, ImageTooLarge, MaskSizeMismatch, or why a picture cannot be fetched.</exception>
    public Task<string> ShowAsync(PictureView view, TerminalCanvas? canvas, Action<string>? note = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(view);
        return WithOriginAsync(view.Origin, () => viewer.ShowAsync(view, canvas, note, cancellationToken));
    }

    /// <summary>Searches the models that a provider offers. Costs nothing.</summary>
    /// <param name="query">Which.</param>
    /// <param name="warn">Told why the models are those that are known here, where the provider cannot be asked.</param>
    /// <param name="apiKey">The key; null for the one set or in the environment. Without any the models are found without their prices.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The models as they are found.</returns>
    /// <exception cref="InpaintException">ProviderNotFound.</exception>
    public IAsyncEnumerable<InpaintModel> FindModelsAsync(InpaintModelQuery query, Action<string>? warn = null, SecureString? apiKey = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        InpaintProvider provider = ProviderOf(query);
        return ModelSearch.RunAsync(() => AccessTo(provider, apiKey), query, Providers.KnownModels(provider), warn, cancellationToken);
    }

    /// <summary>The provider whose models are looked for: the embedded one is not meant where none is named.</summary>
    internal InpaintProvider ProviderOf(InpaintModelQuery query) =>
        Providers.Get(query.Provider) is { } provider && (query.Provider is not null || provider.Kind != ProviderKind.Local) ? provider : Providers.Get("Fal");

    /// <summary>Makes a free call that succeeds only when the provider can be reached and takes the key.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="apiKey">The key; null for the one set or in the environment.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>When done.</returns>
    /// <exception cref="InpaintException">Why not.</exception>
    public async Task CheckAccessAsync(InpaintProvider provider, SecureString? apiKey = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(provider);
        using ProviderAccess access = AccessTo(provider, apiKey);
        await access.Client.CheckAccessAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets every key that was set for a provider or given to a call. What is under way ends with its own; a later call needs a key anew.</summary>
    public void ForgetKeys()
    {
        Providers.ForgetKeys();
        clients.ForgetKeys(provider: null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        clients.Dispose();
        finisher.Dispose();
        cutter.Dispose();
        saver.Dispose();
        http.Dispose();
    }

    private static CallContext ContextOf(IProgress<JobEvent>? events, RetryLimits? retry) =>
        new(retry, events is null ? null : text => events.Report(new JobEvent(JobEventKind.Pause, text)));

    /// <summary>Does something with a picture: what goes wrong with it carries the job that made it, where the journal knows that.</summary>
    private async Task<T> WithOriginAsync<T>(ImageOrigin? origin, Func<Task<T>> work)
    {
        // A record that came back from JSON may lack anything.
        JournalEntry? entry = origin?.JournalId is { } journalId && JobJournal.IsName(journalId) ? journal.Read(journalId) : null;
        return await (entry is null ? work() : JobFailures.AttributeAsync(journal, entry, work)).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<string>> LearnAsync(InpaintRequest request, SecureString? apiKey, CancellationToken cancellationToken)
    {
        InpaintProvider provider = Providers.Choose(request).Provider;
        if (provider.ForModel is null || RequestPlanner.ModelOf(request, provider) is not { } model)
        {
            return [];
        }

        using ProviderAccess access = AccessTo(provider, apiKey);
        return access.Client.Models is { } models ? await models.LearnAsync(model, cancellationToken).ConfigureAwait(false) : [];
    }

    private void MustBeAtProvider(InpaintJob job)
    {
        if (!job.IsAccepted)
        {
            throw JobFailures.NotAtProvider(job, Providers.UncertainAdviceOf(job.Provider));
        }
    }

    private async Task<JournalEntry> WaitForEntryAsync(InpaintJob job, TimeSpan? timeout, IProgress<JobEvent>? events, SecureString? apiKey, CancellationToken cancellationToken)
    {
        CallContext.Current = ContextOf(events, retry: null);
        JournalEntry entry = journal.EntryOf(job);
        using CancellationTokenSource limit = After(timeout);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            entry = await follower.AfterSubmitAsync(entry, either.Token).ConfigureAwait(false);
            MustBeAtProvider(entry.Job);
            if (entry.IsSettled)
            {
                return entry;
            }

            using ProviderAccess access = AccessTo(entry.Job, apiKey);
            return await follower.WaitAsync(access, entry, eta: null, events, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw JobFailures.TimedOut(timeout ?? TimeSpan.Zero, journal.Latest(entry).Job with { StopOutcome = null });
        }
        catch (Exception e) when (JobFailures.LacksJob(e))
        {
            throw JobFailures.AfterAcceptance(e, journal.Latest(entry).Job);
        }
    }

    /// <summary>A time limit; one beyond what a timer can hold (49 days) is none.</summary>
    private CancellationTokenSource After(TimeSpan? timeout)
    {
        TimeSpan limit = timeout is TimeSpan given && given.TotalMilliseconds < uint.MaxValue - 1 ? given : Timeout.InfiniteTimeSpan;
        return new CancellationTokenSource(limit < TimeSpan.Zero && limit != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : limit, time);
    }

    private ProviderAccess AccessTo(InpaintJob job, SecureString? apiKey) => AccessTo(Providers.Get(job.Provider), apiKey);

    /// <summary>Lends the client of a provider.</summary>
    internal ProviderAccess AccessTo(InpaintProvider provider, SecureString? apiKey = null)
    {
        using SecureString? found = apiKey is null ? Providers.FindKey(provider) : null;
        return clients.Get(provider, apiKey ?? found);
    }
}
