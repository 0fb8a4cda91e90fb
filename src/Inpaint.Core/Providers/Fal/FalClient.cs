using System.Runtime.CompilerServices;
using System.Text.Json;
using Inpaint.Http;
using Inpaint.Planning;
using Inpaint.Providers.Fal.Models;
using Inpaint.Providers.Shared;

namespace Inpaint.Providers.Fal;

/// <summary>
/// Speaks to fal: its queue (submit, status by question or stream, result, cancel), its direct runs and its storage (fal.ai/docs). fal's second set of hosts
/// for when the first cannot be reached is left out: the key goes to configured hosts alone.
/// </summary>
internal sealed class FalClient : IProviderClient
{
    /// <summary>How a job may be looked up of which nobody knows whether it was made.</summary>
    internal const string UncertainAdvice =
        "Look it up at fal.ai/dashboard/requests, or ask fal's platform API (GET https://api.fal.ai/v1/models/requests/by-endpoint); with the id found there Receive-InpaintJob -Id collects it. "
        + "Or run the line again with -Resume to attach to it or submit anew; Get-InpaintStatus lists it until then.";

    private static readonly KeyValuePair<string, string> AcceptJson = new("Accept", "application/json");
    private static readonly KeyValuePair<string, string> AcceptEvents = new("Accept", "text/event-stream");

    private readonly ProviderChannel channel;
    private readonly FalEndpoints endpoints;
    private readonly FalErrors errors;
    private readonly FalPictureHandover handover;
    private readonly FalModelCatalogue models;

    /// <summary>Creates the client. Nothing is opened before the first call.</summary>
    /// <param name="services">What it is made of.</param>
    /// <param name="resilience">How calls are repeated; null for the usual way.</param>
    /// <param name="uploads">How pictures are handed over; null for the usual way.</param>
    public FalClient(ProviderServices services, ResilienceOptions? resilience = null, FalUploadOptions? uploads = null)
    {
        endpoints = new FalEndpoints(services.Provider);
        ChannelSettings settings = new()
        {
            Provider = services.Provider.Name,
            Guard = endpoints.Guard,
            Http = services.Http,
            Time = services.Time,
            Key = services.ApiKey,
            Authorize = static (request, key) => request.Headers.TryAddWithoutValidation("Authorization", "Key " + key),
            MissingKeyAdvice = MissingKeyAdvice(services.Provider.Name),
            UncertainAdvice = UncertainAdvice,
            Resilience = resilience ?? new ResilienceOptions(),
        };
        channel = new ProviderChannel(settings);
        errors = new FalErrors(channel.Errors);
        uploads ??= new FalUploadOptions();
        handover = new FalPictureHandover(new FalStorage(channel, endpoints, errors, uploads), uploads);

        // A way of its own: when the platform API asks to slow down, jobs need not.
        ProviderChannel lookups = new(settings);
        FalPlatform platform = new(lookups, endpoints, new FalErrors(lookups.Errors), services.Time);
        models = new FalModelCatalogue(services.Provider, platform, new FalModelCache(services.StateFolder, services.Provider), services.Time);
    }

    /// <inheritdoc/>
    public IModelSource? Models => models;

    /// <inheritdoc/>
    public async Task<PreparedSubmission> PrepareAsync(RequestPlan plan, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        InpaintRequest request = plan.Request;
        bool isStreamed = request.PreviewFolder is not null;
        bool isDirect = isStreamed || request.Synchronous;
        if (isDirect)
        {
            FalOptions.DemandDirect(request);
        }

        channel.EnsureKey();
        Uri target = isStreamed ? endpoints.RunStream(plan.Model) : isDirect ? endpoints.Run(plan.Model) : endpoints.Submit(plan.Model, FalOptions.Query(request, plan.Provider.Name));
        endpoints.Guard.EnsureAllowed(target);
        List<KeyValuePair<string, string>> headers = [isStreamed ? AcceptEvents : AcceptJson, .. FalOptions.Headers(request, plan.Provider.Name)];
        (string? image, string? mask) = await handover.HandOverAsync(plan.Image, plan.Mask, FalOptions.UploadsPictures(request, plan.Provider.Name), progress, cancellationToken).ConfigureAwait(false);
        return new FalSubmission(plan.Model, target, FalRequestBody.Write(FalRequestBody.Build(plan.Capabilities.ModelDescription as FalModel, request, image, mask)), headers, isDirect) { IsStreamed = isStreamed };
    }

    /// <inheritdoc/>
    public async Task<Acceptance> SubmitAsync(PreparedSubmission submission, CancellationToken cancellationToken)
    {
        FalSubmission job = (FalSubmission)submission;
        ApiRequest call = new(job.IsDirect ? CallKind.Run : CallKind.Submit, HttpMethod.Post, job.Target)
        {
            Content = ApiRequest.Json(job.Body),
            Headers = job.Headers,
            OnEvent = job.IsStreamed ? data => ShowPreview(data, job) : null,
            // A direct run that fal itself has begun and failed at is not begun again behind the user's back.
            Classify = answer => new RetryDecision(answer.Status == 503 && FalErrors.IsFalsOwn(answer) ? false : null),
        };
        ApiResponse answer = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            throw Refusal(call, answer, job.Model);
        }

        using JsonDocument document = channel.ReadJson(call, answer);
        return job.IsDirect ? ReadDirect(call, answer, document.RootElement) : ReadAcceptance(call, answer, document.RootElement);
    }

    /// <inheritdoc/>
    public async Task<JobUpdate> GetStatusAsync(InpaintJob job, bool includeLog, CancellationToken cancellationToken)
    {
        if (IsDirect(job))
        {
            return new JobUpdate { State = InpaintJobState.Completed };
        }

        ApiRequest call = Call(CallKind.Status, HttpMethod.Get, endpoints.Status(job, includeLog));
        ApiResponse answer = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            InpaintException failure = errors.ToException(call, answer, job);
            return failure.IsVerdict ? new JobUpdate { State = InpaintJobState.Failed, Error = failure.Message, ErrorId = failure.ErrorId } : throw failure;
        }

        using JsonDocument document = channel.ReadJson(call, answer);
        string? unknown = FalStatusReader.TryRead(document.RootElement, out JobUpdate? update);
        return unknown is null
            ? update!
            : throw channel.Errors.Unreadable(call, answer, $"the status '{unknown}', which is none of IN_QUEUE, IN_PROGRESS and COMPLETED");
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<JobUpdate> StreamStatusAsync(InpaintJob job, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (IsDirect(job))
        {
            yield return new JobUpdate { State = InpaintJobState.Completed };
            yield break;
        }

        ApiRequest call = new(CallKind.Stream, HttpMethod.Get, endpoints.StatusStream(job));
        await foreach (ReadOnlyMemory<byte> data in channel.StreamAsync(call, cancellationToken).ConfigureAwait(false))
        {
            if (ReadEvent(data) is not { } update)
            {
                yield break;
            }

            yield return update;
            if (update.State is not (InpaintJobState.InQueue or InpaintJobState.InProgress))
            {
                yield break;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<ProviderOutput> GetResultAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        if (IsDirect(job))
        {
            throw new InpaintException(InpaintErrorId.ResultExpired, $"Job {job.Id} was run with -Synchronous: its result came with the answer, and fal does not keep it for a second time.") { RequestId = job.Id, IsVerdict = true };
        }

        ApiRequest call = Call(CallKind.Result, HttpMethod.Get, endpoints.Result(job)) with
        {
            // fal replays the model's own failure, which asking again does not change.
            Classify = answer => new RetryDecision(answer.Status >= 500 && FalErrors.IsFalsOwn(answer) ? false : null),
        };
        ApiResponse answer = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            throw errors.ToException(call, answer, job);
        }

        using JsonDocument document = channel.ReadJson(call, answer);
        return ReadOutput(call, answer, document.RootElement, job.Id);
    }

    /// <inheritdoc/>
    public async Task<StopOutcome> CancelAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        if (IsDirect(job))
        {
            return StopOutcome.AlreadyCompleted;
        }

        ApiRequest call = Call(CallKind.Cancel, HttpMethod.Put, endpoints.Cancel(job));
        ApiResponse answer = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.IsSuccess && answer.IsHtml())
        {
            throw channel.Errors.Unreadable(call, answer, "a page instead of an outcome");
        }

        using JsonDocument? document = ProviderChannel.TryReadJson(answer);
        return FalCancellation.Read(answer.Status, document?.RootElement, answer.MayFollowOwnSuccess) ?? throw errors.ToException(call, answer, job);
    }

    /// <inheritdoc/>
    public async Task CheckAccessAsync(CancellationToken cancellationToken)
    {
        ApiRequest call = Call(CallKind.Status, HttpMethod.Get, endpoints.Probe()) with { IsOnce = true };
        ApiResponse answer = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.Status != 404 && !answer.IsSuccess)
        {
            throw errors.ToException(call, answer);
        }

        // fal says in JSON that it does not know the request; a page that is not found says that this is not fal.
        using JsonDocument document = channel.ReadJson(call, answer);
    }

    /// <summary>Says where a key comes from.</summary>
    /// <param name="provider">The provider's name.</param>
    /// <returns>One sentence.</returns>
    private static string MissingKeyAdvice(string provider)
    {
        IReadOnlyList<string> variables = ApiKeyResolver.VariablesOf(provider);
        return $"Give one with Set-InpaintProvider {provider} -ApiKey (Read-Host -AsSecureString), or set the environment variable {variables[0]}. Keys are made at fal.ai/dashboard/keys.";
    }

    private static ApiRequest Call(CallKind kind, HttpMethod method, Uri uri) => new(kind, method, uri) { Headers = [AcceptJson], Classify = FalErrors.JudgeStartTimeout };

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
            // A preview that cannot be read is none. Whether the last event can be is found when the stream has ended.
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

    // A gateway's 5xx after the body went out does not tell whether the job was made; fal's own word on a direct run does.
    private InpaintException Refusal(ApiRequest call, ApiResponse answer, string model)
    {
        bool isClear = answer.Status is (< 500 and not 408) or 503 || FalErrors.IsStartTimeout(answer) || (call.Kind == CallKind.Run && FalErrors.IsFalsOwn(answer));
        return isClear
            ? errors.ToException(call, answer, job: null, model)
            : channel.Errors.Uncertain($"The request was sent, and {answer.Status} came back ({(answer.IsHtml() ? "a page, not fal's own answer" : channel.Errors.Excerpt(answer))})", answer);
    }

    private Acceptance ReadAcceptance(ApiRequest call, ApiResponse answer, JsonElement root)
    {
        string id = root.Text("request_id") ?? throw channel.Errors.Unreadable(call, answer, "no request_id");
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

    private Acceptance ReadDirect(ApiRequest call, ApiResponse answer, JsonElement root) => new()
    {
        Id = answer.Header(FalErrors.RequestIdHeader) ?? root.Text("request_id") ?? Guid.NewGuid().ToString(),
        State = InpaintJobState.Completed,
        Output = ReadOutput(call, answer, root, answer.Header(FalErrors.RequestIdHeader)),
        ProviderData = new Dictionary<string, string>(StringComparer.Ordinal) { [FalJobData.IsDirect] = "1" },
    };

    private ProviderOutput ReadOutput(ApiRequest call, ApiResponse answer, JsonElement root, string? requestId)
    {
        try
        {
            return FalOutputReader.Read(root, answer.Header(FalOutputReader.BillableUnits)) ?? throw WithoutPictures(call, answer, root, requestId);
        }
        catch (FormatException e)
        {
            throw channel.Errors.Unreadable(call, answer, e.Message, e);
        }
    }

    // "Not yet" passes; an output that says why it is empty, or is one without pictures, is the model's last word. Anything else is not its output at all.
    private InpaintException WithoutPictures(ApiRequest call, ApiResponse answer, JsonElement root, string? requestId)
    {
        if (call.Kind == CallKind.Result && PendingAnswer.Is(answer.Status, root))
        {
            ApiError pending = channel.Errors.Make(InpaintErrorId.ResponseInvalid, $"fal calls request {requestId} completed, but has no result yet: it answered {answer.Status}, {channel.Errors.Excerpt(answer)}", answer);
            return (pending with { RequestId = requestId, IsTransient = true }).ToException();
        }

        // To a paid call only fal itself can say so: something on the way may not know what became of it.
        string? reason = JsonReading.Reason(root);
        if (call.IsPaid ? !FalErrors.IsFalsOwn(answer) : reason is null && !FalOutputReader.IsOutput(root))
        {
            return channel.Errors.Unreadable(call, answer, root.Text("status") is { } status ? $"the status {status} instead of pictures" : "no picture");
        }

        string id = requestId is null ? "" : $" Request {requestId}.";
        if (reason is null && root.Member("masks") is { ValueKind: JsonValueKind.Array })
        {
            ApiError nothing = channel.Errors.Make(InpaintErrorId.MaskEmpty, $"fal's model found nothing in the picture that fits.{id}", answer);
            return (nothing with { RequestId = requestId, IsVerdict = true }).ToException();
        }

        ApiError verdict = channel.Errors.Make(InpaintErrorId.JobFailed, $"fal's model made no picture: {(reason ?? "it does not say why").TrimEnd('.')}.{id}", answer);
        return (verdict with { RequestId = requestId, IsVerdict = true }).ToException();
    }
}
