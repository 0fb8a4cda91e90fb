using System.Security;
using Inpaint.Http;
using Inpaint.Planning;

namespace Inpaint.Providers;

/// <summary>
/// A client of a service, as the engine uses it. One client serves all jobs of a process that go to the same provider with the same key, so it may hold shared
/// state such as a rate limit. Implementations map their service's failures onto <see cref="InpaintException"/> and keep its text.
/// </summary>
internal interface IProviderClient
{
    /// <summary>The descriptions and prices of the service's models; null where the service has none.</summary>
    IModelSource? Models => null;

    /// <summary>
    /// Opens a connection for <see cref="SubmitAsync"/> ahead, so that submitting does not wait for it. Returns at once and never fails. Does nothing where a submit needs no connection.
    /// </summary>
    /// <param name="request">The request that is to be submitted.</param>
    /// <param name="upcoming">How certain the submit is.</param>
    void ConnectAhead(InpaintRequest request, UpcomingSubmit upcoming)
    {
    }

    /// <summary>Uploads pictures and builds what <see cref="SubmitAsync"/> will send. Costs nothing and may be repeated.</summary>
    /// <param name="plan">The checked request.</param>
    /// <param name="progress">Receives short phrases about what is happening.</param>
    /// <returns>The submission.</returns>
    Task<PreparedSubmission> PrepareAsync(RequestPlan plan, IProgress<string>? progress, CancellationToken cancellationToken);

    /// <summary>
    /// Submits the job, once. Is never repeated after a byte of the body may have reached the service: an unknown outcome is
    /// <see cref="InpaintErrorId.SubmissionUncertain"/>; any other failure means that no job was created.
    /// </summary>
    /// <param name="submission">What <see cref="PrepareAsync"/> built.</param>
    /// <returns>The accepted job.</returns>
    Task<Acceptance> SubmitAsync(PreparedSubmission submission, CancellationToken cancellationToken);

    /// <summary>Reads the status of a job.</summary>
    /// <param name="includeLog">Whether to ask for log lines.</param>
    /// <returns>The status.</returns>
    Task<JobUpdate> GetStatusAsync(InpaintJob job, bool includeLog, CancellationToken cancellationToken);

    /// <summary>
    /// Follows a job until it is finished or the connection ends; after any end without a finished update the job is polled. Only for services that stream their status
    /// (<see cref="ProviderCapabilities.StreamsStatus"/>); ends at once by default.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="onUpdate">Receives the updates as they come, and returns whether to go on. It must not throw.</param>
    Task FollowStatusAsync(InpaintJob job, Func<JobUpdate, bool> onUpdate, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Reads the output of a completed job. Failures of the job itself appear here too.</summary>
    /// <returns>The output.</returns>
    Task<ProviderOutput> GetResultAsync(InpaintJob job, CancellationToken cancellationToken);

    /// <summary>Asks the service to cancel a job. By default that is not supported.</summary>
    /// <returns>The outcome; "too late" and "not supported" are outcomes, not failures.</returns>
    Task<StopOutcome> CancelAsync(InpaintJob job, CancellationToken cancellationToken) => Task.FromResult(StopOutcome.NotSupported);

    /// <summary>Makes a free call that succeeds only when the service can be reached and accepts the key.</summary>
    /// <returns>When done.</returns>
    /// <exception cref="InpaintException">Why not.</exception>
    Task CheckAccessAsync(CancellationToken cancellationToken);
}

/// <summary>The services that a client uses.</summary>
/// <param name="Provider">The provider that it calls.</param>
/// <param name="ApiKey">The key; null where none is needed or none was found. A client that needs one throws ApiKeyMissing at its first call, not before.</param>
/// <param name="Http">Creates HTTP clients.</param>
/// <param name="StateFolder">The folder for files that outlive the process; created on demand.</param>
/// <param name="Time">The clock.</param>
internal sealed record ProviderServices(InpaintProvider Provider, SecureString? ApiKey, HttpClientSource Http, string StateFolder, TimeProvider Time);

/// <summary>The base URL and the channel of an HTTP client.</summary>
internal static class ServiceChannel
{
    /// <summary>Gets the base URL of a provider that needs one.</summary>
    /// <returns>The URL.</returns>
    /// <exception cref="InpaintException">InvalidParameter: it has none.</exception>
    public static Uri RequireBaseUri(this InpaintProvider provider) =>
        provider.BaseUri ?? throw new InpaintException(InpaintErrorId.InvalidParameter, $"Provider '{provider.Name}' has no base URL. Set its BaseUri.")
        {
            Provider = provider.Name,
            Parameter = nameof(InpaintProvider.BaseUri),
        };

    /// <summary>Makes the settings of a client's channel. Nothing is opened before the first call.</summary>
    /// <param name="services">The services of the client.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="guard">The hosts to which the key may go.</param>
    /// <param name="resilience">Retry and timeout settings; null for the defaults.</param>
    /// <returns>The settings, without a header for the key.</returns>
    public static ChannelSettings ChannelTo(this ProviderServices services, ProviderDescriptor kind, HostGuard guard, ResilienceOptions? resilience) => new()
    {
        Provider = services.Provider.Name,
        Guard = guard,
        Http = services.Http,
        Time = services.Time,
        Key = services.ApiKey,
        MissingKeyAdvice = $"The key is taken from the provider's ApiKey or from the environment variable {kind.KeyVariablesOf(services.Provider.Name)[0]}. {kind.KeyAdvice}",
        UncertainAdvice = kind.UncertainAdvice ?? "",
        Resilience = resilience ?? new ResilienceOptions(),
    };
}
