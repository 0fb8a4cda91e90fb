using System.Text.Json;
using Inpaint.Http;
using Inpaint.Planning;
using Inpaint.Providers.Shared;
using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.FalGateway;

/// <summary>
/// Calls gateways that resell fal's models under keys of their own (api.chainhub.tech, www.kkiai.com and others of their family): fal's submit and fal's
/// output, with one URL for pending and finished requests in between.
/// </summary>
internal sealed class FalGatewayClient : IProviderClient
{
    /// <summary>The kind.</summary>
    public static ProviderDescriptor Descriptor { get; } = new("FalGateway", FalGatewayCapabilities.All, services => new FalGatewayClient(services))
    {
        BuiltIn =
        [
            new(new("ChainHub", "FalGateway") { BaseUri = new Uri("https://api.chainhub.tech") }, "CHAINHUB_API_KEY"),
            new(new("KkiAi", "FalGateway") { BaseUri = new Uri("https://www.kkiai.com") }, "KKIAI_API_KEY"),
        ],
        ForModel = (_, _, operation, model) => FalGatewayCapabilities.For(operation, model),
        KeyAdvice = "A key of fal itself does not work here.",
        UncertainAdvice = "Look at the gateway's own log of calls before sending it again; it shows what was charged.",
    };

    private const string DefaultScheme = "Bearer";

    private readonly string provider;
    private readonly ProviderChannel channel;
    private readonly FalGatewayEndpoints endpoints;
    private readonly FalGatewayErrors errors;

    // Set once the first URL turned out not to exist on this gateway and the second did.
    private volatile bool prefersModelUrl;

    /// <summary>Creates the client. Nothing is opened before the first call.</summary>
    /// <param name="services">The services of the client.</param>
    /// <param name="resilience">Retry and timeout settings; null for the defaults.</param>
    public FalGatewayClient(ProviderServices services, ResilienceOptions? resilience = null)
    {
        provider = services.Provider.Name;
        string scheme = services.Provider.AuthScheme ?? DefaultScheme;
        endpoints = new FalGatewayEndpoints(services.Provider);
        channel = new ProviderChannel(services.ChannelTo(Descriptor, endpoints.Guard, resilience) with
        {
            Authorize = (request, key) => request.Headers.TryAddWithoutValidation("Authorization", $"{scheme} {key}"),
        });
        errors = new FalGatewayErrors(channel.Errors, new FalErrors(channel.Errors));
    }

    /// <inheritdoc/>
    public void ConnectAhead(InpaintRequest request, UpcomingSubmit upcoming) => channel.ConnectAhead(endpoints.Root, upcoming);

    /// <inheritdoc/>
    public Task<PreparedSubmission> PrepareAsync(RequestPlan plan, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        channel.EnsureKey();
        Uri target = endpoints.Submit(plan.Model);
        endpoints.Guard.EnsureAllowed(target);
        PictureReferences pictures = PictureReferences.Inlined(plan.Image, plan.Mask);
        JsonBody body = new(FalRequestBody.Build(FalModels.Find(plan.Model), plan.Request, pictures.Image, pictures.Mask), pictures.Inline);
        return Task.FromResult<PreparedSubmission>(new FalSubmission(plan.Model, target, body, ApiRequest.AcceptJson, IsDirect: false));
    }

    /// <inheritdoc/>
    public async Task<Acceptance> SubmitAsync(PreparedSubmission submission, CancellationToken cancellationToken)
    {
        FalSubmission job = (FalSubmission)submission;
        ApiRequest call = new(CallKind.Submit, HttpMethod.Post, job.Target)
        {
            Content = job.Body.ToContent,
            Headers = job.Headers,
            Classify = response => new RetryDecision(response.Status is 429 or 503 ? FalGatewayErrors.MayRepeatSubmit(response) : null),
        };
        ApiResponse response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccess)
        {
            throw channel.Errors.NotAccepted(response, FalGatewayErrors.IsOwn(response), () => errors.ToException(call, response, job: null, job.Model));
        }

        using JsonDocument document = channel.ReadJson(call, response);
        return ReadAcceptance(call, response, document.RootElement);
    }

    /// <inheritdoc/>
    public async Task<JobUpdate> GetStatusAsync(InpaintJob job, bool includeLog, CancellationToken cancellationToken)
    {
        (ApiRequest call, ApiResponse response, JobUpdate? update) = await LookUpAsync(job, cancellationToken).ConfigureAwait(false);
        if (update is not null)
        {
            return update;
        }

        InpaintException failure = errors.ToException(call, response, job);

        // A job's own failure is returned in place of its status.
        return failure.IsVerdict ? JobUpdate.Failed(failure) : throw failure;
    }

    /// <inheritdoc/>
    public async Task<ProviderOutput> GetResultAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        (ApiRequest call, ApiResponse response, JobUpdate? update) = await LookUpAsync(job, cancellationToken).ConfigureAwait(false);
        if (update?.Output is { } output)
        {
            return output;
        }

        if (update is null)
        {
            throw errors.ToException(call, response, job);
        }

        bool isOver = update.State is InpaintJobState.Failed or InpaintJobState.Cancelled;
        ApiError fault = channel.Errors.Make(
            update.ErrorId ?? (update.State == InpaintJobState.Completed ? InpaintErrorId.JobFailed : InpaintErrorId.ResponseInvalid),
            isOver ? $"{update.Error?.TrimEnd('.')}. Request {job.Id}." : $"{provider} has no pictures of request {job.Id}; its state is {update.State}.",
            response);
        throw (fault with
        {
            RequestId = job.Id,
            IsTransient = update.IsTransient || update.State is InpaintJobState.InQueue or InpaintJobState.InProgress,
            IsVerdict = isOver,
        }).ToException();
    }

    /// <inheritdoc/>
    public async Task<StopOutcome> CancelAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        ApiRequest call = new(CallKind.Cancel, HttpMethod.Put, endpoints.Cancel(job)) { Headers = ApiRequest.AcceptJson, Classify = FalErrors.ClassifyStartTimeout };
        ApiResponse response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        using JsonDocument? document = ProviderChannel.TryReadJson(response);
        bool isFalForm = document?.RootElement.Text("status") is not null || (response.IsSuccess && document is not null && FalGatewayError.Read(document.RootElement) is null);
        if (isFalForm && FalCancellation.Read(response.Status, document!.RootElement, response.MayFollowOwnSuccess) is { } outcome)
        {
            return outcome;
        }

        if (FalGatewayErrors.IsUnknownUrl(response))
        {
            return StopOutcome.NotSupported;
        }

        InpaintException failure = errors.ToException(call, response, job);
        return failure.ErrorId == InpaintErrorId.JobNotFound ? StopOutcome.NotFound : throw failure;
    }

    /// <inheritdoc/>
    public async Task CheckAccessAsync(CancellationToken cancellationToken)
    {
        ApiRequest call = new(CallKind.Status, HttpMethod.Get, endpoints.Probe()) { Headers = ApiRequest.AcceptJson, IsOnce = true };
        ApiResponse response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (response.Status != 404 && !response.IsSuccess)
        {
            throw errors.ToException(call, response);
        }

        // A gateway reports an unknown request in JSON; an HTML page means that the URL is not a gateway's.
        using JsonDocument document = channel.ReadJson(call, response);
        if (FalGatewayError.Read(document.RootElement) is not null && errors.ToException(call, response) is { ErrorId: not (InpaintErrorId.JobNotFound or InpaintErrorId.ResponseInvalid) } refusal)
        {
            throw refusal;
        }
    }

    private Acceptance ReadAcceptance(ApiRequest call, ApiResponse response, JsonElement root)
    {
        if (FalGatewayError.Read(root) is not null)
        {
            throw errors.ToException(call, response);
        }

        JobUpdate? update = ReadUpdate(call, response, root);
        string id = root.Text("request_id") ?? (update?.Output is null ? throw channel.Errors.Unreadable(call, response, "no request_id") : Guid.NewGuid().ToString());
        Dictionary<string, string> data = new(StringComparer.Ordinal);
        if (endpoints.AcceptOwn(root.Text(FalJobData.ResponseUrl), id) is { } own)
        {
            data[FalJobData.ResponseUrl] = own.AbsoluteUri;
        }

        return new Acceptance
        {
            Id = id,
            State = update?.Output is not null ? InpaintJobState.Completed : update?.State == InpaintJobState.InProgress ? InpaintJobState.InProgress : InpaintJobState.InQueue,
            QueuePosition = update?.QueuePosition,
            ProviderData = data,
            Output = update?.Output,
        };
    }

    private JobUpdate? ReadUpdate(ApiRequest call, ApiResponse response, JsonElement root)
    {
        try
        {
            return FalGatewayStatusReader.Read(root);
        }
        catch (FormatException e)
        {
            throw channel.Errors.Unreadable(call, response, e.Message, e);
        }
    }

    /// <summary>Looks up a request's status and result at one URL after the other, until one knows it.</summary>
    private async Task<RequestLookup> LookUpAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        IReadOnlyList<Uri> urls = endpoints.Requests(job);
        if (prefersModelUrl)
        {
            urls = [.. urls.Reverse()];
        }

        RequestLookup? best = null;
        foreach (Uri url in urls)
        {
            RequestLookup lookup = await LookUpAtAsync(url, job, cancellationToken).ConfigureAwait(false);
            if (lookup.IsFinal)
            {
                prefersModelUrl ^= best is { IsUnknownUrl: true } && lookup.Update is not null;
                return lookup;
            }

            // Among URLs that do not know the request, an existing one is preferred; "completed" without pictures is better than either.
            best = best is null || lookup.Update is not null || (best.Update is null && best.IsUnknownUrl) ? lookup : best;
        }

        return best!;
    }

    private async Task<RequestLookup> LookUpAtAsync(Uri url, InpaintJob job, CancellationToken cancellationToken)
    {
        // One URL returns both status and result, so a failure there may be the job's own.
        ApiRequest call = new(CallKind.Result, HttpMethod.Get, url)
        {
            Headers = ApiRequest.AcceptJson,

            // The job's own failure, passed through from fal, does not change.
            Classify = response => new RetryDecision(response.Status >= 500 && FalErrors.IsFromFal(response) ? false : null),
        };
        ApiResponse response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccess || FalGatewayErrors.IsUnknownUrl(response))
        {
            return new RequestLookup(call, response, Update: null);
        }

        using JsonDocument document = channel.ReadJson(call, response);
        JobUpdate? update = ReadUpdate(call, response, document.RootElement);
        return update is null && FalGatewayError.Read(document.RootElement) is null && document.RootElement.Member("detail") is null
            ? throw channel.Errors.Unreadable(call, response, document.RootElement.Text("status") is { } status ? $"the status '{status}', which is not known" : "neither a status nor pictures")
            : new RequestLookup(call, response, update);
    }

    /// <summary>What one URL returned about a request.</summary>
    /// <param name="Response">The response.</param>
    /// <param name="Update">What it says about the request; null when it is a failure.</param>
    private sealed record RequestLookup(ApiRequest Call, ApiResponse Response, JobUpdate? Update)
    {
        public bool IsUnknownUrl => FalGatewayErrors.IsUnknownUrl(Response);

        /// <summary>Whether another URL could not say more.</summary>
        public bool IsFinal => Update is null
            ? Response.Status != 404 && !IsUnknownUrl
            : Update.Output is not null || Update.State != InpaintJobState.Completed;
    }
}

/// <summary>
/// Reads what a gateway says about a request. A pending one has a <c>status</c>, in fal's words or in the gateway's; a finished one has pictures and no
/// status. The pictures decide.
/// </summary>
internal static class FalGatewayStatusReader
{
    /// <summary>Reads a document.</summary>
    /// <returns>What it says; null when it says neither a known status nor has pictures.</returns>
    /// <exception cref="FormatException">A picture that came inside the response is broken.</exception>
    public static JobUpdate? Read(JsonElement root)
    {
        if (FalOutputReader.Read(root, billableUnits: null) is { } output)
        {
            return new JobUpdate { State = InpaintJobState.Completed, Output = output };
        }

        FalStatusReader.TryRead(root, out JobUpdate? update);
        return update ?? root.Text("status")?.ToUpperInvariant() switch
        {
            "PENDING" or "QUEUED" or "SUBMITTED" or "NOT_START" => new JobUpdate { State = InpaintJobState.InQueue },
            "PROCESSING" or "RUNNING" => new JobUpdate { State = InpaintJobState.InProgress },
            "FAILED" or "FAILURE" or "ERROR" => new JobUpdate { State = InpaintJobState.Failed, ErrorId = InpaintErrorId.JobFailed, Error = Reason(root) },
            "CANCELLED" or "CANCELED" => new JobUpdate { State = InpaintJobState.Cancelled, ErrorId = InpaintErrorId.JobCancelled, Error = Reason(root) },

            // An output without pictures is final; an error object is the gateway's own, which is read elsewhere.
            null when FalOutputReader.IsOutput(root) || root.Text("error") is not null => new JobUpdate { State = InpaintJobState.Failed, ErrorId = InpaintErrorId.JobFailed, Error = Reason(root) },
            _ => null,
        };
    }

    private static string Reason(JsonElement root) => PlainText.Clean(
        JsonReading.Reason(root) ?? (root.Text("status") is { } status ? $"The gateway reports {status} and does not say why." : "The model made no picture and does not say why."));
}
