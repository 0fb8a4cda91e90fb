using System.Text.Json;
using Inpaint.Http;
using Inpaint.Planning;
using Inpaint.Providers.Fal.Models;
using Inpaint.Providers.Shared;
using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.Fal;

/// <summary>
/// Calls fal: its queue (submit, status by polling or stream, result, cancel), its direct runs and its storage (fal.ai/docs). fal's alternative hosts for
/// outages are not used, because the key is sent to configured hosts only.
/// </summary>
internal sealed class FalClient : IProviderClient
{
    /// <summary>The kind.</summary>
    public static ProviderDescriptor Descriptor { get; } = new("Fal", FalCapabilities.All, services => new FalClient(services))
    {
        BuiltIn =
        [
            new(
                new("Fal", "Fal")
                {
                    BaseUri = new Uri("https://queue.fal.run"),
                    Endpoints = new Dictionary<string, Uri>
                    {
                        [FalEndpoints.Sync] = new("https://fal.run"),
                        [FalEndpoints.Storage] = new("https://rest.fal.ai"),
                        [FalEndpoints.PlatformName] = new("https://api.fal.ai/v1"),
                    },
                },
                "FAL_KEY",
                "FAL_KEY_ID+FAL_KEY_SECRET"),
        ],
        // A new account runs two at once, others up to forty; further jobs wait in fal's queue, which refuses none.
        JobsAtOnce = 8,
        KeyAdvice = "Create a key at fal.ai/dashboard/keys.",
        UncertainAdvice = "Look it up at fal.ai/dashboard/requests, or ask fal's platform API (GET https://api.fal.ai/v1/models/requests/by-endpoint): a job that is found there can be collected by its id.",
        Endpoints = [FalEndpoints.Sync, FalEndpoints.Storage, FalEndpoints.PlatformName],
        ForModel = FalCapabilities.For,
        KnownModels = FalKnownModels.All,
    };

    private readonly ProviderChannel channel;
    private readonly FalEndpoints endpoints;
    private readonly FalErrors errors;
    private readonly FalUploader uploader;
    private readonly FalModelCatalogue models;

    /// <summary>Creates the client. Nothing is opened before the first call.</summary>
    /// <param name="services">The services of the client.</param>
    /// <param name="resilience">Retry and timeout settings; null for the defaults.</param>
    /// <param name="uploads">Upload settings; null for the defaults.</param>
    public FalClient(ProviderServices services, ResilienceOptions? resilience = null, FalUploadOptions? uploads = null)
    {
        endpoints = new FalEndpoints(services.Provider);
        ChannelSettings settings = services.ChannelTo(Descriptor, endpoints.Guard, resilience) with
        {
            Authorize = static (request, key) => request.Headers.TryAddWithoutValidation("Authorization", "Key " + key),
        };
        channel = new ProviderChannel(settings);
        errors = new FalErrors(channel.Errors);
        uploader = new FalUploader(channel, endpoints, errors, uploads ?? new FalUploadOptions());

        // A channel of its own: a rate limit of the platform API must not delay jobs.
        ProviderChannel lookups = new(settings);
        FalPlatform platform = new(lookups, endpoints, new FalErrors(lookups.Errors), services.Time);
        models = new FalModelCatalogue(services.Provider, platform, new FalModelCache(services.StateFolder, services.Provider), services.Time);
    }

    /// <inheritdoc/>
    public IModelSource? Models => models;

    /// <inheritdoc/>
    public void ConnectAhead(InpaintRequest request, UpcomingSubmit upcoming) => channel.ConnectAhead(endpoints.SubmitOrigin(isDirect: request.PreviewFolder is not null || request.Synchronous), upcoming);

    /// <inheritdoc/>
    public async Task<PreparedSubmission> PrepareAsync(RequestPlan plan, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        InpaintRequest request = plan.Request;
        bool isStreamed = request.PreviewFolder is not null;
        bool isDirect = isStreamed || request.Synchronous;
        if (isDirect)
        {
            FalOptions.EnsureDirect(request);
        }

        channel.EnsureKey();
        Uri target = isStreamed ? endpoints.RunStream(plan.Model) : isDirect ? endpoints.Run(plan.Model) : endpoints.Submit(plan.Model, FalOptions.Query(request, plan.Provider.Name));
        endpoints.Guard.EnsureAllowed(target);
        Dictionary<string, string> headers = FalOptions.Headers(request, plan.Provider.Name);
        headers["Accept"] = isStreamed ? "text/event-stream" : "application/json";
        PictureReferences pictures = await uploader.UploadAsync(plan.Image, plan.Mask, FalOptions.UploadsPictures(request, plan.Provider.Name), progress, cancellationToken).ConfigureAwait(false);
        JsonBody body = new(FalRequestBody.Build(plan.Capabilities.ModelDescription as FalModel, request, pictures.Image, pictures.Mask), pictures.Inline);
        return new FalSubmission(plan.Model, target, body, headers, isDirect) { IsStreamed = isStreamed };
    }

    /// <inheritdoc/>
    public async Task<Acceptance> SubmitAsync(PreparedSubmission submission, CancellationToken cancellationToken)
    {
        FalSubmission job = (FalSubmission)submission;
        ApiRequest call = new(job.IsDirect ? CallKind.Run : CallKind.Submit, HttpMethod.Post, job.Target)
        {
            Content = job.Body.ToContent,
            Headers = job.Headers,
            OnEvent = job.IsStreamed ? data => ShowPreview(data, job) : null,
            // A direct run that failed at fal itself is not repeated without the user's knowledge.
            Classify = response => new RetryDecision(response.Status == 503 && FalErrors.IsFromFal(response) ? false : null),
        };
        ApiResponse response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccess)
        {
            throw Refusal(call, response, job.Model);
        }

        using JsonDocument document = channel.ReadJson(call, response);
        return job.IsDirect ? ReadDirect(call, response, document.RootElement) : ReadAcceptance(call, response, document.RootElement);
    }

    /// <inheritdoc/>
    public async Task<JobUpdate> GetStatusAsync(InpaintJob job, bool includeLog, CancellationToken cancellationToken)
    {
        if (IsDirect(job))
        {
            return new JobUpdate { State = InpaintJobState.Completed };
        }

        ApiRequest call = Call(CallKind.Status, HttpMethod.Get, endpoints.Status(job, includeLog));
        ApiResponse response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccess)
        {
            InpaintException failure = errors.ToException(call, response, job);
            return failure.IsVerdict ? JobUpdate.Failed(failure) : throw failure;
        }

        using JsonDocument document = channel.ReadJson(call, response);
        string? unknown = FalStatusReader.TryRead(document.RootElement, out JobUpdate? update);
        return unknown is null
            ? update!
            : throw channel.Errors.Unreadable(call, response, $"the status '{unknown}', which is none of IN_QUEUE, IN_PROGRESS and COMPLETED");
    }

    /// <inheritdoc/>
    public Task FollowStatusAsync(InpaintJob job, Func<JobUpdate, bool> onUpdate, CancellationToken cancellationToken)
    {
        if (IsDirect(job))
        {
            onUpdate(new JobUpdate { State = InpaintJobState.Completed });
            return Task.CompletedTask;
        }

        ApiRequest call = new(CallKind.Stream, HttpMethod.Get, endpoints.StatusStream(job));
        return channel.FollowAsync(call, data => ReadEvent(data) is { } update && onUpdate(update) && update.State is InpaintJobState.InQueue or InpaintJobState.InProgress, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ProviderOutput> GetResultAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        if (IsDirect(job))
        {
            throw new InpaintException(InpaintErrorId.ResultExpired, $"Job {job.Id} was run directly: its result came with the response, and fal does not keep it.") { RequestId = job.Id, IsVerdict = true };
        }

        ApiRequest call = Call(CallKind.Result, HttpMethod.Get, endpoints.Result(job)) with
        {
            // fal replays the model's own failure, which does not change.
            Classify = response => new RetryDecision(response.Status >= 500 && FalErrors.IsFromFal(response) ? false : null),
        };
        ApiResponse response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccess)
        {
            throw errors.ToException(call, response, job);
        }

        using JsonDocument document = channel.ReadJson(call, response);
        return ReadOutput(call, response, document.RootElement, job.Id);
    }

    /// <inheritdoc/>
    public async Task<StopOutcome> CancelAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        if (IsDirect(job))
        {
            return StopOutcome.AlreadyCompleted;
        }

        ApiRequest call = Call(CallKind.Cancel, HttpMethod.Put, endpoints.Cancel(job));
        ApiResponse response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccess && response.IsHtml())
        {
            throw channel.Errors.Unreadable(call, response, "an HTML page instead of an outcome");
        }

        using JsonDocument? document = ProviderChannel.TryReadJson(response);
        return FalCancellation.Read(response.Status, document?.RootElement, response.MayFollowOwnSuccess) ?? throw errors.ToException(call, response, job);
    }

    /// <inheritdoc/>
    public async Task CheckAccessAsync(CancellationToken cancellationToken)
    {
        ApiRequest call = Call(CallKind.Status, HttpMethod.Get, endpoints.Probe()) with { IsOnce = true };
        ApiResponse response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (response.Status != 404 && !response.IsSuccess)
        {
            throw errors.ToException(call, response);
        }

        // fal reports an unknown request in JSON; an HTML page means that the URL is not fal's.
        using JsonDocument document = channel.ReadJson(call, response);
    }

    private static ApiRequest Call(CallKind kind, HttpMethod method, Uri uri) => new(kind, method, uri) { Headers = ApiRequest.AcceptJson, Classify = FalErrors.ClassifyStartTimeout };

    private static bool IsDirect(InpaintJob job) => job.ProviderData.ContainsKey(FalJobData.IsDirect);

    private static void ShowPreview(ReadOnlyMemory<byte> data, FalSubmission job)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(data);
            if (FalOutputReader.Read(document.RootElement, billableUnits: null) is { } shown)
            {
                job.OnPreview(shown.Pictures);
            }
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            // A preview that cannot be read is skipped. Whether the last event is a valid output is checked when the stream has ended.
        }
    }

    private static JobUpdate? ReadEvent(ReadOnlyMemory<byte> data)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(data);
            FalStatusReader.TryRead(document.RootElement, out JobUpdate? update);
            return update;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private InpaintException Refusal(ApiRequest call, ApiResponse response, string model)
    {
        bool isOwn = FalErrors.IsStartTimeout(response) || (call.Kind == CallKind.Run && FalErrors.IsFromFal(response));
        return channel.Errors.NotAccepted(response, isOwn, () => errors.ToException(call, response, job: null, model));
    }

    private Acceptance ReadAcceptance(ApiRequest call, ApiResponse response, JsonElement root)
    {
        string id = root.Text("request_id") ?? throw channel.Errors.Unreadable(call, response, "no request_id");
        Dictionary<string, string> data = new(StringComparer.Ordinal);
        foreach (string name in new[] { FalJobData.StatusUrl, FalJobData.ResponseUrl, FalJobData.CancelUrl })
        {
            if (root.Text(name) is { } url)
            {
                data[name] = url;
            }
        }

        FalStatusReader.TryRead(root, out JobUpdate? update);
        return new Acceptance
        {
            Id = id,
            State = update?.State is InpaintJobState.InProgress ? InpaintJobState.InProgress : InpaintJobState.InQueue,
            QueuePosition = update?.QueuePosition,
            ProviderData = data,
        };
    }

    private Acceptance ReadDirect(ApiRequest call, ApiResponse response, JsonElement root) => new()
    {
        Id = response.Header(FalErrors.RequestIdHeader) ?? root.Text("request_id") ?? Guid.NewGuid().ToString(),
        State = InpaintJobState.Completed,
        Output = ReadOutput(call, response, root, response.Header(FalErrors.RequestIdHeader)),
        ProviderData = new Dictionary<string, string>(StringComparer.Ordinal) { [FalJobData.IsDirect] = "1" },
    };

    private ProviderOutput ReadOutput(ApiRequest call, ApiResponse response, JsonElement root, string? requestId)
    {
        try
        {
            return FalOutputReader.Read(root, response.Header(FalOutputReader.BillableUnits)) ?? throw WithoutPictures(call, response, root, requestId);
        }
        catch (FormatException e)
        {
            throw channel.Errors.Unreadable(call, response, e.Message, e);
        }
    }

    // "Not yet" is transient; an output without pictures, with or without a reason, is final. Anything else is not the model's output.
    private InpaintException WithoutPictures(ApiRequest call, ApiResponse response, JsonElement root, string? requestId)
    {
        if (call.Kind == CallKind.Result && PendingResponse.Is(response.Status, root))
        {
            ApiError pending = channel.Errors.Make(InpaintErrorId.ResponseInvalid, $"fal reports request {requestId} as completed, but has no result yet: it returned {response.Status}, {channel.Errors.Excerpt(response)}", response);
            return (pending with { RequestId = requestId, IsTransient = true }).ToException();
        }

        // For a paid call only fal's own response counts: a proxy may not know the outcome.
        string? reason = JsonReading.Reason(root);
        if (call.IsPaid ? !FalErrors.IsFromFal(response) : reason is null && !FalOutputReader.IsOutput(root))
        {
            return channel.Errors.Unreadable(call, response, root.Text("status") is { } status ? $"the status {status} instead of pictures" : "no picture");
        }

        string id = requestId is null ? "" : $" Request {requestId}.";
        if (reason is null && root.Member("masks") is { ValueKind: JsonValueKind.Array })
        {
            ApiError nothing = channel.Errors.Make(InpaintErrorId.MaskEmpty, $"fal's model found no matching object in the picture.{id}", response);
            return (nothing with { RequestId = requestId, IsVerdict = true }).ToException();
        }

        ApiError failure = channel.Errors.Make(InpaintErrorId.JobFailed, $"fal's model made no picture: {(reason ?? "it does not say why").TrimEnd('.')}.{id}", response);
        return (failure with { RequestId = requestId, IsVerdict = true }).ToException();
    }
}
