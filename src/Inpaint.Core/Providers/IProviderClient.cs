using System.Security;
using Inpaint.Planning;

namespace Inpaint.Providers;

/// <summary>
/// What the engine needs of a service. One client serves all jobs of a process that go to the same provider with the same key, so it may hold shared
/// state such as a rate limit. Implementations map their service's failures onto <see cref="InpaintException"/> and keep its text.
/// </summary>
internal interface IProviderClient
{
    /// <summary>What tells about the service's models; null for a service that tells nothing.</summary>
    IModelSource? Models => null;

    /// <summary>Hands over pictures and builds what <see cref="SubmitAsync"/> will send. Costs nothing and may be repeated.</summary>
    /// <param name="plan">The checked request.</param>
    /// <param name="progress">Told what is happening, a short phrase at a time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The submission.</returns>
    Task<PreparedSubmission> PrepareAsync(RequestPlan plan, IProgress<string>? progress, CancellationToken cancellationToken);

    /// <summary>
    /// Asks for the job, once. Never repeats itself after a byte of the body may have reached the service: an unknown outcome is
    /// <see cref="InpaintErrorId.SubmissionUncertain"/>; any other failure says for certain that no job was made.
    /// </summary>
    /// <param name="submission">What <see cref="PrepareAsync"/> built.</param>
    /// <param name="cancellationToken">Ends it; when the body may be out already, the outcome is uncertain.</param>
    /// <returns>The accepted job.</returns>
    Task<Acceptance> SubmitAsync(PreparedSubmission submission, CancellationToken cancellationToken);

    /// <summary>Asks where a job stands.</summary>
    /// <param name="job">The job.</param>
    /// <param name="includeLog">Whether to ask for log lines.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The job's standing.</returns>
    Task<JobUpdate> GetStatusAsync(InpaintJob job, bool includeLog, CancellationToken cancellationToken);

    /// <summary>Listens to a job until it is finished or the connection ends; only where <see cref="ProviderCapabilities.StreamsStatus"/>. Any end short of a finished update means: poll.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The updates as they come.</returns>
    IAsyncEnumerable<JobUpdate> StreamStatusAsync(InpaintJob job, CancellationToken cancellationToken);

    /// <summary>Collects what a completed job has made. Failures of the job itself surface here too.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The output.</returns>
    Task<ProviderOutput> GetResultAsync(InpaintJob job, CancellationToken cancellationToken);

    /// <summary>Asks the service to stop a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What that did; "too late" and "cannot" are outcomes, not failures.</returns>
    Task<StopOutcome> CancelAsync(InpaintJob job, CancellationToken cancellationToken);

    /// <summary>Makes a free call that succeeds only when the service can be reached and takes the key.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>When done.</returns>
    /// <exception cref="InpaintException">Why not.</exception>
    Task CheckAccessAsync(CancellationToken cancellationToken);
}

/// <summary>A request in a provider's own form, ready to be sent.</summary>
internal abstract record PreparedSubmission
{
    /// <summary>
    /// Told of the intermediate pictures of a request that asks for them, several at once where the job makes several; one of them may turn out to be the result.
    /// Called from any thread, and never twice at once. Must not throw: what is wrong with a preview is no reason to lose a job that is being paid for.
    /// </summary>
    public Action<IReadOnlyList<OutputPicture>> OnPreview { get; init; } = _ => { };
}

/// <summary>A service's yes to a job.</summary>
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

/// <summary>Where a job stands, as a service tells it.</summary>
internal sealed record JobUpdate
{
    /// <summary>The state.</summary>
    public required InpaintJobState State { get; init; }

    /// <summary>Requests ahead, from 0.</summary>
    public int? QueuePosition { get; init; }

    /// <summary>Share done, 0 to 1.</summary>
    public double? Progress { get; init; }

    /// <summary>Log lines of this answer; a window that may overlap the last one's.</summary>
    public IReadOnlyList<InpaintLogEntry> Logs { get; init; } = [];

    /// <summary>Compute time in seconds.</summary>
    public double? InferenceSeconds { get; init; }

    /// <summary>Why it failed, in the service's words, in which no address has its query.</summary>
    public string? Error { get; init => field = value is null ? null : AddressText.WithoutQueries(value); }

    /// <summary>Why it failed, in the module's.</summary>
    public InpaintErrorId? ErrorId { get; init; }

    /// <summary>When the service expects to be done, from now.</summary>
    public TimeSpan? Eta { get; init; }

    /// <summary>The output, when the service tells it together with the state.</summary>
    public ProviderOutput? Output { get; init; }
}

/// <summary>What a job has made, as a service tells it.</summary>
internal sealed record ProviderOutput
{
    /// <summary>The pictures.</summary>
    public required IReadOnlyList<OutputPicture> Pictures { get; init; }

    /// <summary>The seed used.</summary>
    public long? Seed { get; init; }

    /// <summary>Timings in seconds, under the service's names.</summary>
    public IReadOnlyDictionary<string, double> Timings { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>The prompt as used.</summary>
    public string? Prompt { get; init; }

    /// <summary>How many units of the model's price the service bills; null when it says nothing.</summary>
    public decimal? BillableUnits { get; init; }
}

/// <summary>A picture of an output: an address, the bytes themselves, or a file; one of the three.</summary>
internal sealed record OutputPicture
{
    /// <summary>The http(s) address.</summary>
    public string? Url { get; init; }

    /// <summary>A file that the client made in the state folder; it stays there until its job is forgotten, or saved and a week old.</summary>
    public string? FilePath { get; init; }

    /// <summary>The bytes, when the service sent them inside the answer.</summary>
    public ReadOnlyMemory<byte>? Content { get; init; }

    /// <summary>Media type as stated.</summary>
    public string? ContentType { get; init; }

    /// <summary>Width in pixels.</summary>
    public int? Width { get; init; }

    /// <summary>Height in pixels.</summary>
    public int? Height { get; init; }

    /// <summary>Size in bytes.</summary>
    public long? FileSize { get; init; }

    /// <summary>Whether the safety checker flagged it.</summary>
    public bool IsFlagged { get; init; }
}

/// <summary>What a client is made of.</summary>
/// <param name="Provider">Where it goes.</param>
/// <param name="ApiKey">The key; null where none is needed or none was found. A client that needs one throws ApiKeyMissing at its first call, not before.</param>
/// <param name="Http">The wire.</param>
/// <param name="StateFolder">Where files that outlive the process may be kept; made on demand.</param>
/// <param name="Time">The clock.</param>
internal sealed record ProviderServices(InpaintProvider Provider, SecureString? ApiKey, Http.HttpClientSource Http, string StateFolder, TimeProvider Time);
