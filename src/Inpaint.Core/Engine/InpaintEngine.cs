using System.Security;
using Inpaint.Files;
using Inpaint.Http;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Results;
using Microsoft.Extensions.Logging;

namespace Inpaint.Engine;

/// <summary>
/// Plans requests, submits and watches jobs, collects and saves their results. One engine serves a whole process; all its members are safe to use from several
/// threads. Failures are <see cref="InpaintException"/>.
/// </summary>
public sealed partial class InpaintEngine : IDisposable, IAsyncDisposable
{
    private readonly TimeProvider time;
    private readonly HttpClientSource http;
    private readonly InpaintEngineOptions options;
    private readonly PendingCalls calls = new();
    private readonly JobJournal journal;
    private readonly PictureSpool spool;
    private readonly JournalRetention retention;
    private readonly ProviderClientPool clients;
    private readonly PictureCropper cropper = new();
    private readonly JobSubmitter submitter;
    private readonly JobFollower follower;
    private readonly ResultFinisher finisher;
    private readonly ImageSaver saver;
    private readonly FoundMasks masks;
    private readonly RemotePictures remote;
    private readonly PictureViewer viewer;

    /// <summary>Creates an engine. Nothing is read, opened or called until it is used.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    public InpaintEngine(InpaintEngineOptions? options = null)
        : this(options ?? new InpaintEngineOptions(), new WatchSchedule(), ProviderCatalogue.Kinds)
    {
    }

    internal InpaintEngine(InpaintEngineOptions options, WatchSchedule schedule, IReadOnlyList<ProviderDescriptor> kinds)
    {
        time = options.TimeProvider;
        this.options = options;
        http = new HttpClientSource(createHandler: options.CreateHttpHandler, time: time, validate: options.ValidateCertificate);

        // Looked up at each use: a script may change INPAINT_HOME after the module was loaded.
        string StateFolderNow() => options.StateFolder ?? UserFolders.State(options.Environment);
        journal = new JobJournal(StateFolderNow, time);
        spool = new PictureSpool(StateFolderNow, new SpoolPruner(StateFolderNow, journal, time));
        retention = new JournalRetention(journal, spool, time);
        Providers = new ProviderRegistry(options.Environment, kinds, StateFolderNow, new UserSettings(options.SettingsFolder), options.ReadSecret);
        clients = new ProviderClientPool(Providers, http, StateFolderNow, time, schedule);
        Providers.OnChanged = clients.ForgetKeys;
        submitter = new JobSubmitter(journal, spool, cropper, time, schedule);
        follower = new JobFollower(journal, spool, time, schedule);
        PictureDownloader downloader = new(http, time, Providers.NetworksOf);
        finisher = new ResultFinisher(journal, spool, downloader);
        saver = new ImageSaver(downloader, time);
        masks = new FoundMasks(downloader);
        remote = new RemotePictures(downloader, Providers.NetworksOf);
        viewer = new PictureViewer(remote);
    }

    /// <summary>The providers.</summary>
    public ProviderRegistry Providers { get; }

    /// <summary>The clock for the age of jobs.</summary>
    public TimeProvider TimeProvider => time;

    /// <summary>Checks a request and its pictures, and estimates its cost. Makes no network calls and costs nothing.</summary>
    /// <param name="request">The request.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="InpaintException">What is wrong with the request.</exception>
    public RequestPlan Plan(InpaintRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return RequestPlanner.Plan(request, Providers.Choose(request), CancellationToken.None);
    }

    /// <summary>
    /// Does what <see cref="Plan"/> does on another thread, because checking a large photograph takes seconds. A model without a description is looked up at its provider first, where that is possible.
    /// Remote pictures are downloaded where their pixels are needed here.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="options">Options of the call; null for the defaults.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="InpaintException">What is wrong with the request.</exception>
    public async Task<RequestPlan> PlanAsync(InpaintRequest request, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using PendingCalls.Call call = calls.Enter();
        IReadOnlyList<string> notes = await LearnAsync(request, options?.ApiKey, cancellationToken).ConfigureAwait(false);
        InpaintProvider provider = Providers.Choose(request).Provider;
        request = await remote.FetchAsync(request, provider.CapabilitiesFor(request.Operation, RequestPlanner.ModelOf(request, provider)), cancellationToken).ConfigureAwait(false);
        RequestPlan plan = await Task.Run(() => RequestPlanner.Plan(request, Providers.Choose(request), cancellationToken), cancellationToken).ConfigureAwait(false);
        return notes.Count == 0 ? plan : plan with { Notes = [.. plan.Notes, .. notes] };
    }

    /// <summary>
    /// Opens a connection for a request that will be submitted as soon as it is planned, so that the first submit of a process does not wait for it. Call it before
    /// <see cref="PlanAsync"/>. Returns at once and sends nothing; whatever prevents the connection is left for the other calls to find.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="options">Options of the call; null for the defaults. Without a key, no connection is opened.</param>
    public void ConnectAhead(InpaintRequest request, RunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        _ = Task.Run(() =>
        {
            try
            {
                using PendingCalls.Call call = calls.Enter();
                using ProviderAccess access = AccessTo(Providers.ProviderFor(request), options?.ApiKey);
                access.Client.ConnectAhead(request, UpcomingSubmit.Planned);
            }
            catch (Exception e) when (e is InpaintException or ObjectDisposedException)
            {
                // Planning or submitting fails for the same reason, or does not.
            }
        });
    }

    /// <summary>Searches the models that a provider offers. Costs nothing.</summary>
    /// <param name="query">The query.</param>
    /// <param name="warn">Receives the reason when the provider cannot be called and only known models are searched.</param>
    /// <param name="options">Options of the call; null for the defaults. Without a key, models are found without their prices.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The models as they are found.</returns>
    /// <exception cref="InpaintException">ProviderNotFound.</exception>
    public IAsyncEnumerable<InpaintModel> FindModelsAsync(InpaintModelQuery query, Action<string>? warn = null, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        InpaintProvider provider = ProviderFor(query);
        return ModelSearch.RunAsync(() => AccessTo(provider, options?.ApiKey), query, Providers.KnownModels(provider), warn, cancellationToken);
    }

    /// <summary>Gets the provider whose models a query searches; without a name, never the embedded one.</summary>
    /// <param name="query">The query.</param>
    /// <returns>The provider.</returns>
    /// <exception cref="InpaintException">ProviderNotFound.</exception>
    public InpaintProvider ProviderFor(InpaintModelQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Providers.Get(query.Provider) is { } provider && (query.Provider is not null || !provider.Capabilities.All(c => c.TakesKnownModelsOnly)) ? provider : Providers.Get("Fal");
    }

    /// <summary>Makes a free call that succeeds only when the provider can be reached and accepts the key.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="options">Options of the call; null for the defaults.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>When done.</returns>
    /// <exception cref="InpaintException">Why not.</exception>
    public async Task CheckAccessAsync(InpaintProvider provider, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(provider);
        using PendingCalls.Call call = calls.Enter();
        using ProviderAccess access = AccessTo(provider, options?.ApiKey);
        await access.Client.CheckAccessAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets every key that was set for a provider or given to a call. Calls in progress keep theirs; later ones need a key again.</summary>
    public void ForgetKeys()
    {
        Providers.ForgetKeys();
        clients.ForgetKeys(provider: null);
    }

    /// <summary>Refuses further calls, waits for those in progress, and releases all resources. Cancel the calls first to end them sooner.</summary>
    /// <returns>When done.</returns>
    public async ValueTask DisposeAsync()
    {
        await calls.CloseAsync().ConfigureAwait(false);
        Dispose();
    }

    /// <summary>Releases all resources at once; calls in progress fail.</summary>
    public void Dispose()
    {
        _ = calls.CloseAsync();
        clients.Dispose();
        finisher.Dispose();
        cropper.Dispose();
        saver.Dispose();
        http.Dispose();
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

    /// <summary>Leases the client of a provider.</summary>
    internal ProviderAccess AccessTo(InpaintProvider provider, SecureString? apiKey = null)
    {
        using SecureString? found = apiKey is null ? Providers.FindKey(provider) : null;
        return clients.Get(provider, apiKey ?? found);
    }
}

/// <summary>Counts the calls in progress of an engine, so that its disposal can wait for them.</summary>
internal sealed class PendingCalls
{
    private readonly Lock gate = new();
    private TaskCompletionSource? drained;
    private int count;

    /// <summary>Begins a call, which ends when the returned value is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The engine has been disposed.</exception>
    public Call Enter()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(drained is not null, typeof(InpaintEngine));
            count++;
            return new Call(this);
        }
    }

    /// <summary>Refuses further calls, and completes when none is in progress.</summary>
    public Task CloseAsync()
    {
        lock (gate)
        {
            if (drained is null)
            {
                drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (count == 0)
                {
                    drained.SetResult();
                }
            }

            return drained.Task;
        }
    }

    private void Leave()
    {
        lock (gate)
        {
            if (--count == 0)
            {
                drained?.SetResult();
            }
        }
    }

    /// <summary>A call in progress.</summary>
    internal readonly struct Call(PendingCalls calls) : IDisposable
    {
        public void Dispose() => calls.Leave();
    }
}

/// <summary>Writes the events of jobs to a log, and passes them on.</summary>
internal sealed partial class EventLog(ILogger logger, IProgress<JobEvent>? next) : IProgress<JobEvent>
{
    public void Report(JobEvent value)
    {
        switch (value.Kind)
        {
            case JobEventKind.Warning:
                LogWarning(value.Job?.Id, value.Text);
                break;
            case JobEventKind.Pause:
                LogPause(value.Job?.Id, value.Text);
                break;
            case JobEventKind.Timeline:
                LogStep(value.Job?.Id, value.Text);
                break;
            default:
                LogDetail(value.Job?.Id, value.Kind, value.Text);
                break;
        }

        next?.Report(value);
    }

    [LoggerMessage(1, LogLevel.Warning, "Job {JobId}: {Text}")]
    private partial void LogWarning(string? jobId, string text);

    [LoggerMessage(2, LogLevel.Information, "Job {JobId} waits: {Text}")]
    private partial void LogPause(string? jobId, string text);

    [LoggerMessage(3, LogLevel.Information, "Job {JobId}: {Text}")]
    private partial void LogStep(string? jobId, string text);

    [LoggerMessage(4, LogLevel.Debug, "Job {JobId} {Kind}: {Text}")]
    private partial void LogDetail(string? jobId, JobEventKind kind, string text);
}
