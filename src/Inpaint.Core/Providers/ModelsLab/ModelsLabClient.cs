using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Http;
using Inpaint.Planning;
using Inpaint.Providers.Shared;

namespace Inpaint.Providers.ModelsLab;

/// <summary>How jobs are submitted to ModelsLab.</summary>
internal sealed record ModelsLabSubmitOptions
{
    /// <summary>The shortest pause before a refused submit is sent again: ModelsLab turns away a request that equals one of the last 30 seconds.</summary>
    public TimeSpan ResubmitPause { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>
/// Calls ModelsLab's image API, version 6 (docs.modelslab.com): submit, fetch, upload. The key is a field of every body. Jobs cannot be cancelled.
/// </summary>
internal sealed class ModelsLabClient : IProviderClient
{
    /// <summary>The kind.</summary>
    public static ProviderDescriptor Descriptor { get; } = new("ModelsLab", ModelsLabCapabilities.All, services => new ModelsLabClient(services))
    {
        BuiltIn = [new(new("ModelsLab", "ModelsLab") { BaseUri = new Uri("https://modelslab.com/api/v6") }, "MODELSLAB_API_KEY")],
        // Plans take 5, 10 or 15, and refuse more.
        JobsAtOnce = 5,
        KeyAdvice = "Create a key at modelslab.com/dashboard/api-keys.",
        UncertainAdvice = "Look it up at modelslab.com/dashboard, or list the pictures made with ModelsLab's assets_generated call, before sending it again; within 30 seconds ModelsLab refuses an identical request anyway.",
    };

    private readonly ProviderChannel channel;
    private readonly ModelsLabEndpoints endpoints;
    private readonly ModelsLabErrors errors;
    private readonly ModelsLabOutput output;
    private readonly ModelsLabUploader uploader;
    private readonly ModelsLabSubmitOptions submitOptions;
    private readonly TimeProvider time;

    /// <summary>Creates the client. Nothing is opened before the first call.</summary>
    /// <param name="services">The services of the client.</param>
    /// <param name="resilience">Retry and timeout settings; null for the defaults.</param>
    /// <param name="submitOptions">Settings of submits; null for the defaults.</param>
    public ModelsLabClient(ProviderServices services, ResilienceOptions? resilience = null, ModelsLabSubmitOptions? submitOptions = null)
    {
        endpoints = new ModelsLabEndpoints(services.Provider);
        time = services.Time;
        this.submitOptions = submitOptions ?? new ModelsLabSubmitOptions();
        channel = new ProviderChannel(services.ChannelTo(Descriptor, endpoints.Guard, resilience));
        errors = new ModelsLabErrors(channel.Errors, endpoints);
        output = new ModelsLabOutput(channel);
        uploader = new ModelsLabUploader(channel, endpoints, errors, services.Time);
    }

    /// <inheritdoc/>
    public void ConnectAhead(InpaintRequest request, UpcomingSubmit upcoming) => channel.ConnectAhead(endpoints.Root, upcoming);

    /// <inheritdoc/>
    public async Task<PreparedSubmission> PrepareAsync(RequestPlan plan, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        channel.EnsureKey();
        ModelsLabRequestBody.EnsureNoKey(plan.Request);
        Uri target = endpoints.Submit(plan.Request.Operation);
        endpoints.Guard.EnsureAllowed(target);
        ImageSize size = plan.Request.Size ?? await ChooseSizeAsync(plan, progress, cancellationToken).ConfigureAwait(false);
        string? image = await uploader.UploadAsync(plan.Image, progress, cancellationToken).ConfigureAwait(false);
        string? mask = await uploader.UploadAsync(plan.Mask, progress, cancellationToken).ConfigureAwait(false);
        return new ModelsLabSubmission(target, new JsonBody(ModelsLabRequestBody.Build(plan.Request, plan.Model, size, image, mask)));
    }

    /// <inheritdoc/>
    public async Task<Acceptance> SubmitAsync(PreparedSubmission submission, CancellationToken cancellationToken)
    {
        ModelsLabSubmission job = (ModelsLabSubmission)submission;
        ApiRequest call = new(CallKind.Submit, HttpMethod.Post, job.Target) { Content = channel.WithKey(job.Body), Classify = ClassifySubmit };
        ApiResponse response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccess)
        {
            throw Refusal(call, response);
        }

        using JsonDocument document = channel.ReadJson(call, response);
        ModelsLabReply reply = ModelsLabReply.Read(document.RootElement);
        return reply.Outcome switch
        {
            ModelsLabOutcome.Failure => throw errors.ToException(call, response, reply),
            ModelsLabOutcome.Success => await ReadSuccessAsync(call, response, reply, cancellationToken).ConfigureAwait(false),
            _ => ReadAcceptance(reply, reply.Id ?? LastSegment(reply.FetchResult) ?? throw channel.Errors.Unreadable(call, response, "neither pictures nor an id")),
        };
    }

    /// <inheritdoc/>
    public async Task<JobUpdate> GetStatusAsync(InpaintJob job, bool includeLog, CancellationToken cancellationToken)
    {
        (ApiRequest call, ApiResponse response, ModelsLabReply reply) = await FetchAsync(CallKind.Status, job, cancellationToken).ConfigureAwait(false);
        switch (reply.Outcome)
        {
            case ModelsLabOutcome.Waiting:
                return new JobUpdate { State = reply.IsQueued ? InpaintJobState.InQueue : InpaintJobState.InProgress, Eta = reply.Eta };
            case ModelsLabOutcome.Failure:
                InpaintException failure = errors.ToException(call, response, reply, job);
                return failure.IsVerdict
                    ? JobUpdate.Failed(reply.Text.Length > 0 ? failure.WithMessage(reply.Text) : failure)
                    : throw failure;
        }

        // Success may be reported a moment before the URLs of the pictures are: the result is then fetched.
        ProviderOutput? made = await output.CollectAsync(call, response, reply, cancellationToken).ConfigureAwait(false);
        return new JobUpdate { State = InpaintJobState.Completed, InferenceSeconds = reply.GenerationTime, Output = made };
    }

    /// <inheritdoc/>
    public async Task<ProviderOutput> GetResultAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        (ApiRequest call, ApiResponse response, ModelsLabReply reply) = await FetchAsync(CallKind.Result, job, cancellationToken).ConfigureAwait(false);
        switch (reply.Outcome)
        {
            case ModelsLabOutcome.Waiting:
                throw (channel.Errors.Make(InpaintErrorId.ResponseInvalid, $"ModelsLab has no pictures of job {job.Id} yet ('{reply.Status}').", response) with { RequestId = job.Id, IsTransient = true }).ToException();
            case ModelsLabOutcome.Failure:
                throw errors.ToException(call, response, reply, job);
        }

        return await output.CollectAsync(call, response, reply, cancellationToken).ConfigureAwait(false)
            ?? throw (channel.Errors.Make(InpaintErrorId.JobFailed, $"ModelsLab reports success without a picture. Job {job.Id}.", response) with { RequestId = job.Id }).ToException();
    }

    /// <inheritdoc/>
    public async Task CheckAccessAsync(CancellationToken cancellationToken)
    {
        ApiRequest call = new(CallKind.Status, HttpMethod.Post, endpoints.Balance) { Content = channel.WithKey(new JsonBody([])), IsOnce = true };
        ApiResponse response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        ModelsLabReply? reply = ModelsLabReply.TryRead(response);
        if (!response.IsSuccess || reply is { Outcome: ModelsLabOutcome.Failure })
        {
            throw errors.ToException(call, response, reply);
        }

        if (reply is not { Outcome: ModelsLabOutcome.Success })
        {
            throw channel.Errors.Unreadable(call, response, "no balance");
        }
    }

    private static string? LastSegment(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && uri.AbsolutePath.Contains("/fetch/", StringComparison.Ordinal) && uri.Segments[^1].Trim('/') is { Length: > 0 } id ? Uri.UnescapeDataString(id) : null;

    private async Task<ImageSize> ChooseSizeAsync(RequestPlan plan, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        if (plan.Image is null)
        {
            return ModelsLabSize.Unknown;
        }

        PictureHeader? header = plan.ImageHeader ?? (plan.Image.IsRemote ? await uploader.ReadHeaderAsync(plan.Image, cancellationToken).ConfigureAwait(false) : null);
        ImageSize size = header is null ? ModelsLabSize.Unknown : ModelsLabSize.Fit(header.Width, header.Height);
        if (header is null)
        {
            progress?.Report($"the size of {plan.Image.Name} is not known: {size} is requested; set Size to request another");
        }
        else if (header.Width != size.Width || header.Height != size.Height)
        {
            progress?.Report(string.Create(
                CultureInfo.InvariantCulture,
                $"{plan.Image.Name} is {header.Width}x{header.Height}; ModelsLab returns {size} (edges of {ModelsLabCapabilities.MinEdge} to {ModelsLabCapabilities.MaxEdge} pixels, multiples of {ModelsLabCapabilities.EdgeMultiple})"));
        }

        return size;
    }

    private RetryDecision ClassifySubmit(ApiResponse response)
    {
        if (response.Status is not (429 or 503))
        {
            return default;
        }

        ModelsLabReply? reply = ModelsLabReply.TryRead(response);
        if (reply is not null && ModelsLabErrors.IsDuplicate(reply.Text))
        {
            return new RetryDecision(MayRepeat: false);
        }

        TimeSpan pause = reply?.RetryAfter ?? UntilReset(response) ?? TimeSpan.Zero;
        return new RetryDecision(RetryAfter: pause > submitOptions.ResubmitPause ? pause : submitOptions.ResubmitPause);
    }

    // A header that ModelsLab's own command line reads: the Unix time at which the limit ends.
    private TimeSpan? UntilReset(ApiResponse response) =>
        long.TryParse(response.Header("X-RateLimit-Reset"), NumberStyles.None, CultureInfo.InvariantCulture, out long second) && second < 253402300800
            ? RetryAfter.FromSeconds((DateTimeOffset.FromUnixTimeSeconds(second) - time.GetUtcNow()).TotalSeconds)
            : null;

    private InpaintException Refusal(ApiRequest call, ApiResponse response)
    {
        ModelsLabReply? reply = ModelsLabReply.TryRead(response);
        return channel.Errors.NotAccepted(response, isOwn: reply is { Outcome: ModelsLabOutcome.Failure, Status: not null }, () => errors.ToException(call, response, reply));
    }

    private async Task<Acceptance> ReadSuccessAsync(ApiRequest call, ApiResponse response, ModelsLabReply reply, CancellationToken cancellationToken)
    {
        ProviderOutput? made = null;
        try
        {
            made = await output.CollectAsync(call, response, reply, cancellationToken).ConfigureAwait(false);
        }
        catch (InpaintException) when (reply.Id is not null)
        {
            // The job is done and paid for: what could not be read now is fetched again by its id.
        }
        catch (OperationCanceledException) when (reply.Id is not null)
        {
            // The same: the id must be kept, whatever the caller wants next.
        }

        if (made is null && reply.Id is null)
        {
            throw channel.Errors.Unreadable(call, response, "success, but neither pictures nor an id");
        }

        return ReadAcceptance(reply, reply.Id ?? Guid.NewGuid().ToString()) with { State = InpaintJobState.Completed, Output = made };
    }

    private Acceptance ReadAcceptance(ModelsLabReply reply, string id)
    {
        Dictionary<string, string> data = new(StringComparer.Ordinal);
        if (endpoints.AcceptFetch(reply.FetchResult) is { } fetch)
        {
            data[ModelsLabJobData.FetchResult] = fetch.AbsoluteUri;
        }

        return new Acceptance { Id = id, State = reply.IsQueued ? InpaintJobState.InQueue : InpaintJobState.InProgress, Eta = reply.Eta, ProviderData = data };
    }

    /// <summary>Fetches a job. A response about the job counts, whatever its HTTP status.</summary>
    private async Task<(ApiRequest Call, ApiResponse Response, ModelsLabReply Reply)> FetchAsync(CallKind kind, InpaintJob job, CancellationToken cancellationToken)
    {
        ApiRequest call = new(kind, HttpMethod.Post, endpoints.Fetch(job))
        {
            Content = channel.WithKey(new JsonBody(new JsonObject { ["request_id"] = job.Id })),
            Classify = candidate => candidate.IsSuccess || ModelsLabReply.TryRead(candidate) is not { } said ? default : new RetryDecision(said.IsJobFailure ? false : null, said.RetryAfter),
        };
        ApiResponse response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        ModelsLabReply? reply = ModelsLabReply.TryRead(response);
        bool isGone = response.Status is 404 or 410 && reply is { Outcome: ModelsLabOutcome.Waiting };
        if (!response.IsSuccess && (reply?.Status is null || isGone || (reply.Outcome == ModelsLabOutcome.Failure && !reply.IsJobFailure)))
        {
            throw errors.ToException(call, response, reply, job);
        }

        if (reply is null || (reply.Outcome == ModelsLabOutcome.Waiting && reply.Status is null))
        {
            using JsonDocument document = channel.ReadJson(call, response);
            throw channel.Errors.Unreadable(call, response, "no status");
        }

        return (call, response, reply);
    }
}
