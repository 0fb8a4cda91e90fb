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
public sealed partial class InpaintEngine : IDisposable, IAsyncDisposable
{
    private readonly TimeProvider time;
    private readonly HttpClientSource http;
    private readonly InpaintEngineOptions options;
    private readonly PendingCalls calls = new();
    private readonly JobJournal journal;
    private readonly PictureSpool spool;
    private readonly ProviderClientPool clients;
    private readonly PictureCropper cutter = new();
    private readonly JobSubmitter submitter;
    private readonly JobFollower follower;
    private readonly ResultFinisher finisher;
    private readonly ImageSaver saver;
    private readonly FoundMasks masks;
    private readonly RemotePictures remote;
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
        this.options = options;
        http = new HttpClientSource(createHandler: options.CreateHttpHandler);

        // Found anew at each use: a script may move INPAINT_HOME after the module was loaded.
        string StateFolderNow() => options.StateFolder ?? Journal.StateFolder.Find(options.Environment);
        journal = new JobJournal(StateFolderNow, time);
        spool = new PictureSpool(StateFolderNow, new SpoolPruner(StateFolderNow, journal, time));
        Providers = new ProviderRegistry(options.Environment, kinds, StateFolderNow, new UserSettings(options.SettingsFolder), options.ReadSecret);
        clients = new ProviderClientPool(Providers, http, StateFolderNow, time, schedule);
        Providers.OnChanged = clients.ForgetKeys;
        submitter = new JobSubmitter(journal, spool, cutter, time, schedule);
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
    /// Pictures that are given by their URLs are fetched where their pixels are needed here.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="options">How it is done; null for the usual way.</param>
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

    /// <summary>Searches the models that a provider offers. Costs nothing.</summary>
    /// <param name="query">Which.</param>
    /// <param name="warn">Told why the models are those that are known here, where the provider cannot be asked.</param>
    /// <param name="options">How it is done; null for the usual way. Without any key the models are found without their prices.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The models as they are found.</returns>
    /// <exception cref="InpaintException">ProviderNotFound.</exception>
    public IAsyncEnumerable<InpaintModel> FindModelsAsync(InpaintModelQuery query, Action<string>? warn = null, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        InpaintProvider provider = ProviderFor(query);
        return ModelSearch.RunAsync(() => AccessTo(provider, options?.ApiKey), query, Providers.KnownModels(provider), warn, cancellationToken);
    }

    /// <summary>The provider whose models a query searches: the embedded one is not meant where none is named.</summary>
    /// <param name="query">The query.</param>
    /// <returns>The provider.</returns>
    /// <exception cref="InpaintException">ProviderNotFound.</exception>
    public InpaintProvider ProviderFor(InpaintModelQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Providers.Get(query.Provider) is { } provider && (query.Provider is not null || !provider.Capabilities.All(c => c.TakesKnownModelsOnly)) ? provider : Providers.Get("Fal");
    }

    /// <summary>Makes a free call that succeeds only when the provider can be reached and takes the key.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="options">How it is done; null for the usual way.</param>
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

    /// <summary>Forgets every key that was set for a provider or given to a call. What is under way ends with its own; a later call needs a key anew.</summary>
    public void ForgetKeys()
    {
        Providers.ForgetKeys();
        clients.ForgetKeys(provider: null);
    }

    /// <summary>Refuses further calls, waits for those that are under way, and lets go of what the engine holds. Whoever wants them to end sooner cancels them first.</summary>
    /// <returns>When done.</returns>
    public async ValueTask DisposeAsync()
    {
        await calls.CloseAsync().ConfigureAwait(false);
        Dispose();
    }

    /// <summary>Lets go of what the engine holds at once; calls that are under way fail.</summary>
    public void Dispose()
    {
        _ = calls.CloseAsync();
        clients.Dispose();
        finisher.Dispose();
        cutter.Dispose();
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

    /// <summary>Lends the client of a provider.</summary>
    internal ProviderAccess AccessTo(InpaintProvider provider, SecureString? apiKey = null)
    {
        using SecureString? found = apiKey is null ? Providers.FindKey(provider) : null;
        return clients.Get(provider, apiKey ?? found);
    }
}
