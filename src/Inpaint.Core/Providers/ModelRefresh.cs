using Inpaint.Http;

namespace Inpaint.Providers;

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
    /// <param name="client">The client.</param>
    /// <param name="model">The model's id.</param>
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
