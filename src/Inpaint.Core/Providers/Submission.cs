namespace Inpaint.Providers;

/// <summary>A request in a provider's own form, ready to be sent.</summary>
internal abstract record PreparedSubmission
{
    /// <summary>
    /// Called with the intermediate pictures of a request that asks for them, several at once where the job makes several; one of them may turn out to be the result.
    /// From any thread, and never twice at once. Must not throw: what is wrong with a preview is no reason to lose a job that is being paid for.
    /// </summary>
    public Action<IReadOnlyList<OutputPicture>> OnPreview { get; init; } = _ => { };
}

/// <summary>A job as the service has accepted it.</summary>
internal sealed record Acceptance
{
    /// <summary>The service's id of the job.</summary>
    public required string Id { get; init; }

    /// <summary>Where the job stands.</summary>
    public InpaintJobState State { get; init; } = InpaintJobState.InQueue;

    /// <summary>Requests ahead, from 0.</summary>
    public int? QueuePosition { get; init; }

    /// <summary>When the service expects to be done, from now.</summary>
    public TimeSpan? Eta { get; init; }

    /// <summary>What the client needs to find the job again. Never a key.</summary>
    public IReadOnlyDictionary<string, string> ProviderData { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The output, when the service answered with it at once.</summary>
    public ProviderOutput? Output { get; init; }
}
