namespace Inpaint.Providers;

/// <summary>Describes and prices the models of a service. Nothing here makes or pays for a job.</summary>
internal interface IModelSource
{
    /// <summary>Looks a model up when too little is known of it to plan a job; at most once in a while.</summary>
    /// <param name="model">The model's id.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Warnings about how much is known, a sentence each. That the service cannot be reached is no failure.</returns>
    Task<IReadOnlyList<string>> LearnAsync(string model, CancellationToken cancellationToken);

    /// <summary>Looks a model up again when what is known of it is older than a day. That the service cannot be reached is no failure.</summary>
    /// <param name="model">The model's id.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>When done.</returns>
    Task RefreshAsync(string model, CancellationToken cancellationToken);

    /// <summary>Searches the models that the service offers.</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The models that the module can use, as they are found.</returns>
    /// <exception cref="InpaintException">The service cannot be reached or refuses.</exception>
    IAsyncEnumerable<InpaintModel> FindAsync(InpaintModelQuery query, CancellationToken cancellationToken);
}
