using System.Text.Json;
using Inpaint.Http;
using Inpaint.Planning;
using Inpaint.Providers.Fal;
using Inpaint.Providers.Fal.Models;

namespace Inpaint.Providers.FalGateway;

/// <summary>
/// Speaks to gateways that resell fal's models under keys of their own (api.chainhub.tech, www.kkiai.com and others of their family): fal's submit and fal's
/// output, with one address for pending and finished requests in between.
/// </summary>
internal sealed class FalGatewayClient : IProviderClient
{
    private const string DefaultScheme = "Bearer";
    /// <summary>How a job may be looked up of which nobody knows whether it was made.</summary>
    internal const string UncertainAdvice = "Look at the gateway's own log of calls before sending it again; it shows what was charged.";

    private static readonly KeyValuePair<string, string> AcceptJson = new("Accept", "application/json");

    private readonly string provider;
    private readonly ProviderChannel channel;
    private readonly FalGatewayEndpoints endpoints;
    private readonly FalGatewayErrors errors;

    // Set once the first address turned out not to exist on this gateway and the second did.
    private volatile bool prefersModelAddress;

    /// <summary>Creates the client. Nothing is opened before the first call.</summary>
    /// <param name="services">What it is made of.</param>
    /// <param name="resilience">How calls are repeated; null for the usual way.</param>
    public FalGatewayClient(ProviderServices services, ResilienceOptions? resilience = null)
    {
        provider = services.Provider.Name;
        string scheme = services.Provider.AuthScheme ?? DefaultScheme;
        endpoints = new FalGatewayEndpoints(services.Provider);
        channel = new ProviderChannel(new ChannelSettings
        {
            Provider = provider,
            Guard = endpoints.Guard,
            Http = services.Http,
            Time = services.Time,
            Key = services.ApiKey,
            Authorize = (request, key) => request.Headers.TryAddWithoutValidation("Authorization", $"{scheme} {key}"),
            MissingKeyAdvice = $"Give one with Set-InpaintProvider {provider} -ApiKey (Read-Host -AsSecureString), or set the environment variable {ApiKeyResolver.VariablesOf(provider)[0]}. A key of fal's own does not work here.",
            UncertainAdvice = UncertainAdvice,
            Resilience = resilience ?? new ResilienceOptions(),
        });
        errors = new FalGatewayErrors(channel.Errors, new FalErrors(channel.Errors));
    }

    /// <inheritdoc/>
    public async Task<PreparedSubmission> PrepareAsync(RequestPlan plan, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        channel.EnsureKey();
        Uri target = endpoints.Submit(plan.Model);
        endpoints.Guard.EnsureAllowed(target);
        (string? image, string? mask) = await FalGatewayPictureHandover.HandOverAsync(plan.Image, plan.Mask, provider, cancellationToken).ConfigureAwait(false);
        return new FalSubmission(plan.Model, target, FalRequestBody.Write(FalRequestBody.Build(FalModels.Find(plan.Model), plan.Request, image, mask)), [AcceptJson], IsDirect: false);
    }

    /// <inheritdoc/>
    public async Task<Acceptance> SubmitAsync(PreparedSubmission submission, CancellationToken cancellationToken)
    {
        FalSubmission job = (FalSubmission)submission;
        ApiRequest call = new(CallKind.Submit, HttpMethod.Post, job.Target)
        {
            Content = ApiRequest.Json(job.Body),
            Headers = job.Headers,
            Classify = answer => new RetryDecision(answer.Status is 429 or 503 ? FalGatewayErrors.MayRepeatSubmit(answer) : null),
        };
        ApiResponse answer = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            throw answer.Status is (< 500 and not 408) or 503 || FalGatewayErrors.IsOwn(answer)
                ? errors.ToException(call, answer, job: null, job.Model)
                : channel.Errors.Uncertain($"The request was sent, and {answer.Status} came back ({(answer.IsHtml() ? "a page, not the gateway's own answer" : channel.Errors.Excerpt(answer))})", answer);
        }

        using JsonDocument document = channel.ReadJson(call, answer);
        return ReadAcceptance(call, answer, document.RootElement);
    }

    /// <inheritdoc/>
    public async Task<JobUpdate> GetStatusAsync(InpaintJob job, bool includeLog, CancellationToken cancellationToken)
    {
        (ApiRequest call, ApiResponse answer, JobUpdate? update) = await AskAsync(job, cancellationToken).ConfigureAwait(false);
        if (update is not null)
        {
            return update;
        }

        InpaintException failure = errors.ToException(call, answer, job);

        // A verdict on the job comes as the answer to the question for it.
        return failure.IsVerdict
            ? new JobUpdate { State = InpaintJobState.Failed, Error = failure.Message, ErrorId = failure.ErrorId }
            : throw failure;
    }

    /// <inheritdoc/>
    // Nothing tells by itself here: the schedule asks.
    public IAsyncEnumerable<JobUpdate> StreamStatusAsync(InpaintJob job, CancellationToken cancellationToken) => AsyncEnumerable.Empty<JobUpdate>();

    /// <inheritdoc/>
    public async Task<ProviderOutput> GetResultAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        (ApiRequest call, ApiResponse answer, JobUpdate? update) = await AskAsync(job, cancellationToken).ConfigureAwait(false);
        if (update?.Output is { } output)
        {
            return output;
        }

        if (update is null)
        {
            throw errors.ToException(call, answer, job);
        }

        bool isOver = update.State is InpaintJobState.Failed or InpaintJobState.Cancelled;
        ApiError fault = channel.Errors.Make(
            update.ErrorId ?? (update.State == InpaintJobState.Completed ? InpaintErrorId.JobFailed : InpaintErrorId.ResponseInvalid),
            isOver ? $"{update.Error?.TrimEnd('.')}. Request {job.Id}." : $"{provider} has no pictures of request {job.Id}; it says {update.State}.",
            answer);
        throw (fault with
        {
            RequestId = job.Id,
            IsTransient = update.State is InpaintJobState.InQueue or InpaintJobState.InProgress,
            IsVerdict = isOver,
        }).ToException();
    }

    /// <inheritdoc/>
    public async Task<StopOutcome> CancelAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        ApiRequest call = new(CallKind.Cancel, HttpMethod.Put, endpoints.Cancel(job)) { Headers = [AcceptJson], Classify = FalErrors.JudgeStartTimeout };
        ApiResponse answer = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        using JsonDocument? document = ProviderChannel.TryReadJson(answer);
        bool isFals = document?.RootElement.Text("status") is not null || (answer.IsSuccess && document is not null && FalGatewayError.Read(document.RootElement) is null);
        if (isFals && FalCancellation.Read(answer.Status, document!.RootElement, answer.MayFollowOwnSuccess) is { } outcome)
        {
            return outcome;
        }

        if (FalGatewayErrors.IsUnknownAddress(answer))
        {
            return StopOutcome.NotSupported;
        }

        InpaintException failure = errors.ToException(call, answer, job);
        return failure.ErrorId == InpaintErrorId.JobNotFound ? StopOutcome.NotFound : throw failure;
    }

    /// <inheritdoc/>
    public async Task CheckAccessAsync(CancellationToken cancellationToken)
    {
        ApiRequest call = new(CallKind.Status, HttpMethod.Get, endpoints.Probe()) { Headers = [AcceptJson], IsOnce = true };
        ApiResponse answer = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.Status != 404 && !answer.IsSuccess)
        {
            throw errors.ToException(call, answer);
        }

        // A gateway says in JSON that it does not know the request; a page that is not found says that this is none.
        using JsonDocument document = channel.ReadJson(call, answer);
        if (FalGatewayError.Read(document.RootElement) is not null && errors.ToException(call, answer) is { ErrorId: not (InpaintErrorId.JobNotFound or InpaintErrorId.ResponseInvalid) } refusal)
        {
            throw refusal;
        }
    }

    private Acceptance ReadAcceptance(ApiRequest call, ApiResponse answer, JsonElement root)
    {
        if (FalGatewayError.Read(root) is not null)
        {
            throw errors.ToException(call, answer);
        }

        JobUpdate? update = ReadUpdate(call, answer, root);
        string id = root.Text("request_id") ?? (update?.Output is null ? throw channel.Errors.Unreadable(call, answer, "no request_id") : Guid.NewGuid().ToString());
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

    private JobUpdate? ReadUpdate(ApiRequest call, ApiResponse answer, JsonElement root)
    {
        try
        {
            return FalGatewayStatusReader.Read(root);
        }
        catch (FormatException e)
        {
            throw channel.Errors.Unreadable(call, answer, e.Message, e);
        }
    }

    /// <summary>Asks about a request at one address after the other, until one knows it.</summary>
    private async Task<Told> AskAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        IReadOnlyList<Uri> addresses = endpoints.Requests(job);
        if (prefersModelAddress)
        {
            addresses = [.. addresses.Reverse()];
        }

        Told? best = null;
        foreach (Uri address in addresses)
        {
            Told told = await AskAtAsync(address, job, cancellationToken).ConfigureAwait(false);
            if (told.IsFinal)
            {
                prefersModelAddress ^= best is { IsUnknownAddress: true } && told.Update is not null;
                return told;
            }

            // Of places that do not know the request, one that exists has the say; "completed" without pictures is better than either.
            best = best is null || told.Update is not null || (best.Update is null && best.IsUnknownAddress) ? told : best;
        }

        return best!;
    }

    private async Task<Told> AskAtAsync(Uri address, InpaintJob job, CancellationToken cancellationToken)
    {
        // The one address tells the standing and the result alike, so that what goes wrong there may be the job's own end.
        ApiRequest call = new(CallKind.Result, HttpMethod.Get, address)
        {
            Headers = [AcceptJson],

            // fal's verdict on the job, passed through, does not change by asking again.
            Classify = answer => new RetryDecision(answer.Status >= 500 && FalErrors.IsFalsOwn(answer) ? false : null),
        };
        ApiResponse answer = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess || FalGatewayErrors.IsUnknownAddress(answer))
        {
            return new Told(call, answer, Update: null);
        }

        using JsonDocument document = channel.ReadJson(call, answer);
        JobUpdate? update = ReadUpdate(call, answer, document.RootElement);
        return update is null && FalGatewayError.Read(document.RootElement) is null && document.RootElement.Member("detail") is null
            ? throw channel.Errors.Unreadable(call, answer, document.RootElement.Text("status") is { } status ? $"the status '{status}', which is not known" : "neither a status nor pictures")
            : new Told(call, answer, update);
    }

    /// <summary>What one address said about a request.</summary>
    /// <param name="Call">The question.</param>
    /// <param name="Answer">The answer.</param>
    /// <param name="Update">What it says about the request; null when it is a failure.</param>
    private sealed record Told(ApiRequest Call, ApiResponse Answer, JobUpdate? Update)
    {
        public bool IsUnknownAddress => FalGatewayErrors.IsUnknownAddress(Answer);

        /// <summary>Whether another address could not say more.</summary>
        public bool IsFinal => Update is null
            ? Answer.Status != 404 && !IsUnknownAddress
            : Update.Output is not null || Update.State != InpaintJobState.Completed;
    }
}
