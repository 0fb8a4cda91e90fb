namespace Inpaint.Providers;

/// <summary>A client of a service that tells what its models take and cost. Nothing here makes or pays for a job.</summary>
internal interface IModelSource
{
    /// <summary>Asks about a model when so little is known of it that a job could not be planned; at most once in a while.</summary>
    /// <param name="model">The model's id.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What is worth knowing about how much is known, a sentence each. That the service cannot be reached is no failure.</returns>
    Task<IReadOnlyList<string>> LearnAsync(string model, CancellationToken cancellationToken);

    /// <summary>Asks anew about a model, where what is known of it is older than a day. That the service cannot be reached is no failure.</summary>
    /// <param name="model">The model's id.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>When done.</returns>
    Task RefreshAsync(string model, CancellationToken cancellationToken);

    /// <summary>Searches the models that the service offers.</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The models that the module can use, as they are found.</returns>
    /// <exception cref="InpaintException">The service cannot be reached or refuses.</exception>
    IAsyncEnumerable<InpaintModel> FindAsync(InpaintModelQuery query, CancellationToken cancellationToken);
}
