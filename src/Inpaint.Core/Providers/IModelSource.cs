using Inpaint.Http;

namespace Inpaint.Providers;

/// <summary>Describes and prices the models of a service. Nothing here makes or pays for a job.</summary>
internal interface IModelSource
{
    /// <summary>Looks up a model when too little is known of it to plan a job; at most once in a while.</summary>
    /// <returns>Warnings about what is not known, a sentence each. It is not a failure when the service cannot be reached.</returns>
    Task<IReadOnlyList<string>> LearnAsync(string model, CancellationToken cancellationToken);

    /// <summary>Whether what is known of a model is older than a day, and the service can be asked again.</summary>
    bool NeedsRefresh(string model);

    /// <summary>Looks up a model again when its description is older than a day, unless another call is doing so. It is not a failure when the service cannot be reached.</summary>
    /// <returns>When done.</returns>
    Task RefreshAsync(string model, CancellationToken cancellationToken);

    /// <summary>Searches the models that the service offers.</summary>
    /// <returns>The models that the module can use, as they are found.</returns>
    /// <exception cref="InpaintException">The service cannot be reached or refuses.</exception>
    IAsyncEnumerable<InpaintModel> FindAsync(InpaintModelQuery query, CancellationToken cancellationToken);
}

/// <summary>Refreshes a model's description while a job is submitted to it, without delaying the job: a refresh that is not done by then is cancelled.</summary>
internal sealed class ModelRefresh : IAsyncDisposable
{
    // Once a job of a batch has refreshed what is known, the others have nothing to do.
    private static readonly ModelRefresh None = new();

    private readonly CancellationTokenSource stop = new();
    private Task? work;

    private ModelRefresh()
    {
    }

    /// <summary>Starts the refresh, if it is needed.</summary>
    /// <returns>The refresh, to be disposed of when the job has been submitted.</returns>
    public static ModelRefresh Begin(IProviderClient client, string model)
    {
        if (client.Models is not { } models || !models.NeedsRefresh(model))
        {
            return None;
        }

        ModelRefresh refresh = new();
        refresh.work = Task.Run(() => refresh.RunAsync(models, model), CancellationToken.None);
        return refresh;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => work is null ? ValueTask.CompletedTask : new ValueTask(EndAsync(work));

    private async Task EndAsync(Task work)
    {
        await stop.CancelAsync().ConfigureAwait(false);
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private Task RunAsync(IModelSource models, string model)
    {
        // Pauses of these calls are not part of the job's progress.
        CallContext.Current = null;
        return models.RefreshAsync(model, stop.Token);
    }
}
