using System.Net;
using System.Reflection;
using System.Security;
using System.Text.Json;

namespace Inpaint.Http;

/// <summary>What a channel needs to know about its provider.</summary>
internal sealed record ChannelSettings
{
    /// <summary>The provider's name, for messages.</summary>
    public required string Provider { get; init; }

    /// <summary>Where the key may be sent.</summary>
    public required HostGuard Guard { get; init; }

    public required HttpClientSource Http { get; init; }

    /// <summary>The clock for pauses and timeouts.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The API key; null when none was found.</summary>
    public SecureString? Key { get; init; }

    /// <summary>Puts the key into a request's headers; null for a service that wants it elsewhere.</summary>
    public Action<HttpRequestMessage, string>? Authorize { get; init; }

    /// <summary>What to do when there is no key.</summary>
    public required string MissingKeyAdvice { get; init; }

    /// <summary>What to do when it is unknown whether a job was created.</summary>
    public required string UncertainAdvice { get; init; }

    public ResilienceOptions Resilience { get; init; } = new();
}

/// <summary>
/// Makes the calls to one provider with one key: guards where the key is sent, retries what may be retried, shares the service's rate limit among all calls, and
/// reads responses within limits. Paid calls are retried only when it is certain that nothing arrived: before writing the body started, or after an explicit
/// refusal (429, 503).
/// </summary>
internal sealed class ProviderChannel
{
    /// <summary>The <c>User-Agent</c> header of every call.</summary>
    public static readonly string UserAgent = $"Inpaint/{typeof(ProviderChannel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0"}";
    private static readonly JsonDocumentOptions JsonOptions = new() { MaxDepth = 64, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    private readonly ChannelSettings settings;
    private readonly RetryPolicy policy;
    private readonly RateGate submitGate;
    private readonly RateGate callGate;
    private readonly SecretRedactor redactor;

    /// <summary>Creates a channel. No connection is opened before the first call.</summary>
    public ProviderChannel(ChannelSettings settings)
    {
        this.settings = settings;
        policy = new RetryPolicy(settings.Resilience, settings.Time);
        submitGate = new RateGate(settings.Time);
        callGate = new RateGate(settings.Time);
        redactor = new SecretRedactor(settings.Key);
        Errors = new ApiErrors(settings.Provider, redactor, settings.UncertainAdvice);
    }

    public ApiErrors Errors { get; }

    /// <summary>Sends a request, and retries it where that is safe and useful. Returns the last response, whatever its status; a redirect is an error. When a paid call is cancelled after it may have arrived, its outcome is uncertain instead.</summary>
    /// <exception cref="InpaintException">
    /// ApiKeyMissing, InsecureTransport (both before anything is sent); ProviderUnavailable: no response, and nothing was paid for; SubmissionUncertain: a paid
    /// call may have arrived; ResponseInvalid: a redirect, or a body that is too large.
    /// </exception>
    public async Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        EnsureAllowed(request);
        Call call = new(request, cancellationToken);
        ApiAttempt? last = await policy.RunAsync(request.Kind, token => TryOnceAsync(call, token), cancellationToken).ConfigureAwait(false);
        if (last?.Response is { } response)
        {
            return response.Status is < 300 or > 399 ? response : throw Redirected(request, response);
        }

        if (last is { MayHaveArrived: true })
        {
            string what = cancellationToken.IsCancellationRequested ? "The call was cancelled after the request was sent" : $"The connection broke after the request was sent ({ApiErrors.Reason(last.Failure)})";
            throw Errors.Uncertain(what, response: null, last.Failure);
        }

        if (last is null && GateOf(request).Remaining is { Ticks: > 0 } wait)
        {
            ApiError limited = Errors.Make(InpaintErrorId.RateLimited, $"{settings.Provider} has rate limited the account, and the call timed out while waiting for that.{(request.IsPaid ? " Nothing was sent." : "")}");
            throw (limited with { RetryAfter = wait, IsTransient = true }).ToException();
        }

        throw last?.Failure is InvalidDataException invalid
            ? Errors.Make(InpaintErrorId.ResponseInvalid, $"{settings.Provider} returned a response that cannot be used: {invalid.Message}", inner: invalid).ToException()
            : Errors.Unreachable(request, last?.Failure);
    }

    /// <summary>Opens a connection for a paid call that will follow within seconds. Returns at once; whatever prevents it is left for the call to find.</summary>
    public void ConnectAhead(Uri target, UpcomingSubmit upcoming)
    {
        if (HasKey && settings.Guard.Covers(target))
        {
            settings.Http.ConnectAhead(target, upcoming);
        }
    }

    /// <summary>Reads a stream of server-sent events until it ends. Any failure just ends it, and the caller learns the reason by polling.</summary>
    /// <param name="request">The call.</param>
    /// <param name="onEvent">Receives the data of each event, and returns whether to read on. It must not throw.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    public async Task FollowAsync(ApiRequest request, Func<ReadOnlyMemory<byte>, bool> onEvent, CancellationToken cancellationToken)
    {
        EnsureAllowed(request);
        await callGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        using HttpRequestMessage message = Build(request, body: null);
        message.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        using HttpResponseMessage? response = await OpenAsync(request, message, cancellationToken).ConfigureAwait(false);
        if (response is null)
        {
            return;
        }

        try
        {
            Stream network = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            using StallGuardStream guarded = new(network, settings.Resilience.IdleTimeout, settings.Time);
            await ServerSentEvents.ReadAsync(guarded, ServerSentEvents.MaxEventBytes, data => onEvent(redactor.RedactEcho(data)), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
        {
            // The caller polls instead.
        }
    }

    /// <summary>Parses a response's body as a JSON object.</summary>
    /// <exception cref="InpaintException">ResponseInvalid; SubmissionUncertain when a paid call seemed to succeed.</exception>
    public JsonDocument ReadJson(ApiRequest request, ApiResponse response)
    {
        if (response.Body.IsEmpty)
        {
            throw Errors.Unreadable(request, response, "an empty body");
        }

        if (response.ContentType?.Contains("html", StringComparison.OrdinalIgnoreCase) == true && response.IsHtml())
        {
            throw Errors.Unreadable(request, response, "an HTML page instead of data");
        }

        return TryReadJson(response, out Exception? problem)
            ?? throw Errors.Unreadable(request, response, response.IsHtml() ? "an HTML page instead of data" : "text that is not a complete JSON object", problem);
    }

    /// <summary>Parses a response's body if it is a JSON object; else null. For errors, whose status counts more than their form.</summary>
    public static JsonDocument? TryReadJson(ApiResponse response) => TryReadJson(response, out _);

    /// <summary>Uses the key for the moment in which it is written into a header or body.</summary>
    /// <exception cref="InpaintException">ApiKeyMissing; AuthenticationFailed: the key contains characters that no key has.</exception>
    public T WithKey<T>(Func<string, T> use)
    {
        string key = settings.Key is null ? "" : SecretText.Reveal(settings.Key);
        if (key.Length == 0)
        {
            throw new InpaintException(InpaintErrorId.ApiKeyMissing, $"Provider '{settings.Provider}' needs an API key and has none. Nothing was sent.") { Provider = settings.Provider, RecommendedAction = settings.MissingKeyAdvice };
        }

        if (key.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new InpaintException(InpaintErrorId.AuthenticationFailed, $"The key of provider '{settings.Provider}' contains white space or characters that are not valid in a key. Nothing was sent.") { Provider = settings.Provider };
        }

        return use(key);
    }

    public bool HasKey => settings.Key is { Length: > 0 };

    /// <summary>The retry and timeout limits of a call kind.</summary>
    public CallLimits LimitsOf(CallKind kind) => settings.Resilience.Limits(kind);

    /// <summary>Throws when there is no usable key, before work is done for a call that could not be made.</summary>
    /// <exception cref="InpaintException">ApiKeyMissing; AuthenticationFailed: the key contains characters that no key has.</exception>
    public void EnsureKey() => WithKey(_ => true);

    private static JsonDocument? TryReadJson(ApiResponse response, out Exception? problem)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(response.Body, JsonOptions);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                problem = null;
                return document;
            }

            document.Dispose();
            problem = null;
            return null;
        }
        catch (JsonException e)
        {
            problem = e;
            return null;
        }
    }

    private async Task<HttpResponseMessage?> OpenAsync(ApiRequest request, HttpRequestMessage message, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(request.AttemptTimeout ?? LimitsOf(request.Kind).AttemptTimeout, settings.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            HttpMessageInvoker client = await ClientForAsync(request, either.Token).ConfigureAwait(false);
            HttpResponseMessage response = await client.SendAsync(message, either.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode && ApiResponse.IsEventStream(response))
            {
                return response;
            }

            NoteRateLimit(request, (int)response.StatusCode, HeaderWait(response));
            response.Dispose();
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The caller polls instead, and learns the reason there.
        }

        return null;
    }

    private async Task<ApiAttempt> TryOnceAsync(Call call, CancellationToken attemptToken)
    {
        ApiRequest request = call.Request;
        await GateOf(request).WaitAsync(attemptToken).ConfigureAwait(false);
        using DeliveryTrackingContent? body = request.Content is null ? null : new DeliveryTrackingContent(request.Content());
        using CancellationTokenSource timeout = new(request.AttemptTimeout ?? LimitsOf(request.Kind).AttemptTimeout, settings.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(attemptToken, timeout.Token);
        ApiAttempt attempt;
        try
        {
            using HttpRequestMessage message = Build(request, body);
            HttpMessageInvoker client = await ClientForAsync(request, either.Token).ConfigureAwait(false);
            using HttpResponseMessage response = await client.SendAsync(message, either.Token).ConfigureAwait(false);
            attempt = Classify(request, await ReadAsync(request, response, either.Token).ConfigureAwait(false));
            attempt.Response!.MayFollowOwnSuccess = call.MayBeDone;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or OperationCanceledException || MayHaveArrived(request, body))
        {
            // Whatever broke a paid call after writing its body started, even a bug here, leaves its outcome unknown.
            bool mayHaveArrived = MayHaveArrived(request, body);
            if (call.CancellationToken.IsCancellationRequested && !mayHaveArrived)
            {
                call.CancellationToken.ThrowIfCancellationRequested();
            }

            // An invalid certificate stays invalid.
            bool isPermanent = e is InvalidDataException or HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError };
            attempt = new ApiAttempt { Failure = e, MayHaveArrived = mayHaveArrived, MayRepeat = !request.IsOnce && !mayHaveArrived && !isPermanent };
        }

        call.MayBeDone |= attempt.MayHaveSucceeded;
        return attempt;
    }

    private async Task<ApiResponse> ReadAsync(ApiRequest request, HttpResponseMessage message, CancellationToken cancellationToken)
    {
        if (request.OnEvent is { } onEvent && message.IsSuccessStatusCode && ApiResponse.IsEventStream(message))
        {
            return await ApiResponse.ReadEventsAsync(message, request.Uri, redactor, onEvent, cancellationToken).ConfigureAwait(false);
        }

        ApiResponse response = await ApiResponse.ReadAsync(message, request.Uri, redactor, keepsBrokenErrors: request.IsPaid, cancellationToken).ConfigureAwait(false);

        // A paid result is not lost to a wrong content type: an event stream that a proxy has relabelled is recognised by its content.
        return request.OnEvent is { } onLateEvent && response.IsSuccess ? response.ParseEvents(onLateEvent) : response;
    }

    private static bool MayHaveArrived(ApiRequest request, DeliveryTrackingContent? body) => request.IsPaid && body is { HasStarted: true };

    private ApiAttempt Classify(ApiRequest request, ApiResponse response)
    {
        RetryDecision decision = request.Classify?.Invoke(response) ?? default;
        response.RetryAfter = Http.RetryAfter.Longer(Http.RetryAfter.Parse(response.Header("Retry-After"), settings.Time.GetUtcNow()), decision.RetryAfter);
        bool isLeftToCaller = request.IsPaid && response.Status == 429 && CallContext.Current is { WaitsForCapacity: true };
        bool mayRepeat = !request.IsOnce && !isLeftToCaller && (decision.MayRepeat ?? (request.IsPaid ? response.Status is 429 or 503 : response.Status is 408 or 429 or 500 or 502 or 503 or 504));
        NoteRateLimit(request, response.Status, response.RetryAfter);
        return new ApiAttempt { Response = response, Status = response.Status, MayRepeat = mayRepeat, RetryAfter = response.RetryAfter };
    }

    // A service that takes no more jobs still tells of those that it has, and only their end makes room.
    private RateGate GateOf(ApiRequest request) => request.IsPaid ? submitGate : callGate;

    private void NoteRateLimit(ApiRequest request, int status, TimeSpan? wait)
    {
        if (status == (int)HttpStatusCode.TooManyRequests && wait is { } pause)
        {
            TimeSpan max = settings.Resilience.MaximumRetryAfter;
            GateOf(request).CloseFor(pause < max ? pause : max);
        }
    }

    private TimeSpan? HeaderWait(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("Retry-After", out System.Net.Http.Headers.HeaderStringValues values)
            ? Http.RetryAfter.Parse(values.ToString(), settings.Time.GetUtcNow())
            : null;

    private void EnsureAllowed(ApiRequest request)
    {
        if (request.CarriesKey)
        {
            settings.Guard.EnsureAllowed(request.Uri);
        }
        else
        {
            settings.Guard.EnsureSecure(request.Uri);
        }
    }

    private HttpRequestMessage Build(ApiRequest request, DeliveryTrackingContent? body)
    {
        HttpRequestMessage message = new(request.Method, request.Uri) { Content = body };
        if (request.CarriesKey && !request.IsPaid)
        {
            // Where the service speaks it, all status streams of a batch share a connection.
            message.Version = HttpVersion.Version20;
            message.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        }

        message.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        foreach ((string name, string value) in request.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        if (request.CarriesKey && settings.Authorize is { } authorize)
        {
            WithKey(key =>
            {
                authorize(message, key);
                return true;
            });
        }

        return message;
    }

    private ValueTask<HttpMessageInvoker> ClientForAsync(ApiRequest request, CancellationToken cancellationToken) =>
        request.IsPaid ? new(settings.Http.Get(HttpPurpose.Submit))
        : request.CarriesKey ? new(settings.Http.Get(HttpPurpose.Call))
        : settings.Http.GetForAsync(request.Uri, settings.Guard.Networks, cancellationToken);

    private InpaintException Redirected(ApiRequest request, ApiResponse response)
    {
        string target = Uri.TryCreate(request.Uri, response.Header("Location"), out Uri? to) ? $"{to.Scheme}://{to.Authority}" : "an unknown URL";
        string message = $"{settings.Provider} returned {response.Status}, a redirect to {target}, which is not followed";

        // 307 and 308 say that the request is still to be made; the others may follow work that has been done.
        return request.IsPaid && response.Status is not (307 or 308)
            ? Errors.Uncertain(message, response)
            : Errors.Make(InpaintErrorId.ResponseInvalid, $"{message}: a key is only sent to the configured host. Set the provider's BaseUri to the URL that it should use.", response).ToException();
    }

    /// <summary>A call with all its attempts.</summary>
    private sealed class Call(ApiRequest request, CancellationToken cancellationToken)
    {
        public ApiRequest Request => request;

        /// <summary>The caller's token, without any timeout.</summary>
        public CancellationToken CancellationToken => cancellationToken;

        /// <summary>Whether an earlier attempt may have succeeded.</summary>
        public bool MayBeDone { get; set; }
    }

    private sealed record ApiAttempt : Attempt
    {
        public ApiResponse? Response { get; init; }

        public bool MayHaveArrived { get; init; }

        /// <summary>Whether the service may have done what was asked although the attempt failed: not when no connection was made, or when it refused explicitly.</summary>
        public bool MayHaveSucceeded => Response is null
            ? Failure is not HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError }
            : Response.Status is 408 or 500 or 502 or 504;
    }
}
