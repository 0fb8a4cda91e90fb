using Inpaint.Http;

namespace Inpaint.Providers;

/// <summary>Describes and prices the models of a service. Nothing here makes or pays for a job.</summary>
internal interface IModelSource
{
    /// <summary>Looks a model up when too little is known of it to plan a job; at most once in a while.</summary>
    /// <returns>Warnings about how much is known, a sentence each. That the service cannot be reached is no failure.</returns>
    Task<IReadOnlyList<string>> LearnAsync(string model, CancellationToken cancellationToken);

    /// <summary>Looks a model up again when what is known of it is older than a day. That the service cannot be reached is no failure.</summary>
    /// <returns>When done.</returns>
    Task RefreshAsync(string model, CancellationToken cancellationToken);

    /// <summary>Searches the models that the service offers.</summary>
    /// <returns>The models that the module can use, as they are found.</returns>
    /// <exception cref="InpaintException">The service cannot be reached or refuses.</exception>
    IAsyncEnumerable<InpaintModel> FindAsync(InpaintModelQuery query, CancellationToken cancellationToken);
}

/// <summary>Refreshes a model's description while a job is made with it, and never keeps the job waiting: what is not there when the job has been made is fetched another time.</summary>
internal sealed class ModelRefresh : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task work;

    private ModelRefresh(IModelSource? models, string model)
    {
        work = models is null ? Task.CompletedTask : Task.Run(() => RunAsync(models, model), CancellationToken.None);
    }

    /// <summary>Begins.</summary>
    /// <returns>The work, to be disposed of when the job has been made.</returns>
    public static ModelRefresh Begin(IProviderClient client, string model) => new(client.Models, model);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
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
