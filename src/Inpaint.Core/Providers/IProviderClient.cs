using System.Security;
using Inpaint.Http;
using Inpaint.Planning;

namespace Inpaint.Providers;

/// <summary>
/// What the engine needs of a service. One client serves all jobs of a process that go to the same provider with the same key, so it may hold shared
/// state such as a rate limit. Implementations map their service's failures onto <see cref="InpaintException"/> and keep its text.
/// </summary>
internal interface IProviderClient
{
    /// <summary>What describes and prices the service's models; null for a service that does not.</summary>
    IModelSource? Models => null;

    /// <summary>Uploads pictures and builds what <see cref="SubmitAsync"/> will send. Costs nothing and may be repeated.</summary>
    /// <param name="plan">The checked request.</param>
    /// <param name="progress">Receives what is happening, a short phrase at a time.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The submission.</returns>
    Task<PreparedSubmission> PrepareAsync(RequestPlan plan, IProgress<string>? progress, CancellationToken cancellationToken);

    /// <summary>
    /// Submits the job, once. Never repeats itself after a byte of the body may have reached the service: an unknown outcome is
    /// <see cref="InpaintErrorId.SubmissionUncertain"/>; any other failure says for certain that no job was made.
    /// </summary>
    /// <param name="submission">What <see cref="PrepareAsync"/> built.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. When the body may be out already, the outcome is uncertain instead of cancelled.</param>
    /// <returns>The accepted job.</returns>
    Task<Acceptance> SubmitAsync(PreparedSubmission submission, CancellationToken cancellationToken);

    /// <summary>Reads the status of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="includeLog">Whether to ask for log lines.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The status.</returns>
    Task<JobUpdate> GetStatusAsync(InpaintJob job, bool includeLog, CancellationToken cancellationToken);

    /// <summary>
    /// Follows a job until it is finished or the connection ends; any end short of a finished update means: poll. Only for services that stream their status
    /// (<see cref="ProviderCapabilities.StreamsStatus"/>); by default there is nothing to follow.
    /// </summary>
    /// <returns>The updates as they come.</returns>
    IAsyncEnumerable<JobUpdate> StreamStatusAsync(InpaintJob job, CancellationToken cancellationToken) => AsyncEnumerable.Empty<JobUpdate>();

    /// <summary>Collects what a completed job has made. Failures of the job itself surface here too.</summary>
    /// <returns>The output.</returns>
    Task<ProviderOutput> GetResultAsync(InpaintJob job, CancellationToken cancellationToken);

    /// <summary>Asks the service to cancel a job. By default that is not supported.</summary>
    /// <returns>What that did; "too late" and "cannot" are outcomes, not failures.</returns>
    Task<StopOutcome> CancelAsync(InpaintJob job, CancellationToken cancellationToken) => Task.FromResult(StopOutcome.NotSupported);

    /// <summary>Makes a free call that succeeds only when the service can be reached and accepts the key.</summary>
    /// <returns>When done.</returns>
    /// <exception cref="InpaintException">Why not.</exception>
    Task CheckAccessAsync(CancellationToken cancellationToken);
}

/// <summary>What a client is made of.</summary>
/// <param name="Provider">The provider that it calls.</param>
/// <param name="ApiKey">The key; null where none is needed or none was found. A client that needs one throws ApiKeyMissing at its first call, not before.</param>
/// <param name="Http">Makes its HTTP clients.</param>
/// <param name="StateFolder">Where files that outlive the process may be kept; made on demand.</param>
/// <param name="Time">The clock.</param>
internal sealed record ProviderServices(InpaintProvider Provider, SecureString? ApiKey, HttpClientSource Http, string StateFolder, TimeProvider Time);
