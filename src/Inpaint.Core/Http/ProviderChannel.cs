using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Security;
using System.Text.Json;

namespace Inpaint.Http;

/// <summary>What a channel needs to know of its provider.</summary>
internal sealed record ChannelSettings
{
    /// <summary>The provider's name, for messages.</summary>
    public required string Provider { get; init; }

    /// <summary>Where the key may go.</summary>
    public required HostGuard Guard { get; init; }

    /// <summary>The wire.</summary>
    public required HttpClientSource Http { get; init; }

    /// <summary>The clock of pauses and timeouts.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The key; null when none was found.</summary>
    public SecureString? Key { get; init; }

    /// <summary>Puts the key into a request's headers; null for a service that wants it elsewhere.</summary>
    public Action<HttpRequestMessage, string>? Authorize { get; init; }

    /// <summary>What to do when there is no key: names the variable and the command.</summary>
    public required string MissingKeyAdvice { get; init; }

    /// <summary>What to do when it is unknown whether a job was made.</summary>
    public required string UncertainAdvice { get; init; }

    /// <summary>How calls are repeated and how long they may take.</summary>
    public ResilienceOptions Resilience { get; init; } = new();
}

/// <summary>
/// The way to one provider with one key: guards where the key goes, repeats what may be repeated, shares the service's rate limit among all calls, and
/// reads answers within limits. Paid calls are repeated only when it is certain that nothing arrived: before the body was begun, or after an explicit
/// refusal (429, 503).
/// </summary>
internal sealed class ProviderChannel
{
    /// <summary>How the module introduces itself.</summary>
    public static readonly string UserAgent = $"Inpaint/{typeof(ProviderChannel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0"}";
    private static readonly JsonDocumentOptions JsonOptions = new() { MaxDepth = 64, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    private readonly ChannelSettings settings;
    private readonly RetryPolicy policy;
    private readonly RateGate rateGate;
    private readonly SecretRedactor redactor;

    /// <summary>Creates the channel. Nothing is opened before the first call.</summary>
    /// <param name="settings">What it needs to know.</param>
    public ProviderChannel(ChannelSettings settings)
    {
        this.settings = settings;
        policy = new RetryPolicy(settings.Resilience, settings.Time);
        rateGate = new RateGate(settings.Time);
        redactor = new SecretRedactor(settings.Key);
        Errors = new ApiErrors(settings.Provider, redactor, settings.UncertainAdvice);
    }

    /// <summary>Makes exceptions.</summary>
    public ApiErrors Errors { get; }

    /// <summary>Sends a call, again where that is safe and of use.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Ends it. When a paid call may have arrived already, the outcome is uncertain instead of cancelled.</param>
    /// <returns>The last answer, whatever its status; redirects are failures.</returns>
    /// <exception cref="InpaintException">
    /// ApiKeyMissing, InsecureTransport (both before anything is sent); ProviderUnavailable: no answer, and nothing paid was made; SubmissionUncertain: a paid
    /// call may have arrived; ResponseInvalid: a redirect, or a body beyond all limits.
    /// </exception>
    public async Task<ApiResponse> SendAsync(ApiRequest call, CancellationToken cancellationToken)
    {
        Demand(call);
        bool mayBeDone = false;
        async Task<ApiAttempt> AttemptAsync(CancellationToken token)
        {
            ApiAttempt attempt = await TryOnceAsync(call, token, cancellationToken).ConfigureAwait(false);
            if (attempt.Answer is { } answer)
            {
                answer.MayFollowOwnSuccess = mayBeDone;
            }

            mayBeDone |= attempt.MayHaveWorked;
            return call.IsOnce ? attempt with { MayRepeat = false } : attempt;
        }

        ApiAttempt? last = await policy.RunAsync(call.Kind, AttemptAsync, cancellationToken).ConfigureAwait(false);
        if (last?.Answer is { } answer)
        {
            return answer.Status is < 300 or > 399 ? answer : throw Redirected(call, answer);
        }

        if (last is { MayHaveArrived: true })
        {
            string what = cancellationToken.IsCancellationRequested ? "The call was stopped after the request was sent" : $"The connection broke after the request was sent ({ApiErrors.Reason(last.Failure)})";
            throw Errors.Uncertain(what, answer: null, last.Failure);
        }

        if (last is null && rateGate.Remaining is { Ticks: > 0 } wait)
        {
            ApiError limited = Errors.Make(InpaintErrorId.RateLimited, $"{settings.Provider} has asked to slow down, and the time for this call ran out while waiting for that.{(call.IsPaid ? " Nothing was sent." : "")}");
            throw (limited with { RetryAfter = wait, IsTransient = true }).ToException();
        }

        throw last?.Failure is InvalidDataException tooMuch
            ? Errors.Make(InpaintErrorId.ResponseInvalid, $"{settings.Provider} gave an answer that cannot be used: {tooMuch.Message}", inner: tooMuch).ToException()
            : Errors.Unreachable(call, last?.Failure);
    }

    /// <summary>Opens a stream of events. Whatever goes wrong just ends it: a stream is a convenience, and asking again is the way to find out more.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The data of the events as they come.</returns>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> StreamAsync(ApiRequest call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Demand(call);
        await rateGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        using HttpRequestMessage request = Build(call, body: null);
        request.Headers.Accept.ParseAdd("text/event-stream");
        using HttpResponseMessage? response = await OpenAsync(call, request, cancellationToken).ConfigureAwait(false);
        if (response is null)
        {
            yield break;
        }

        Stream network = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        StallGuardStream guarded = new(network, settings.Resilience.IdleTimeout, settings.Time);
        await using (guarded.ConfigureAwait(false))
        {
            IAsyncEnumerator<ReadOnlyMemory<byte>> events = ServerSentEvents.ReadAsync(guarded, cancellationToken: cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (events.ConfigureAwait(false))
            {
                while (await MoveAsync(events).ConfigureAwait(false))
                {
                    yield return redactor.RedactEcho(events.Current);
                }
            }
        }
    }

    /// <summary>Parses an answer's body.</summary>
    /// <param name="call">The call that was answered.</param>
    /// <param name="answer">The answer.</param>
    /// <returns>The document, an object.</returns>
    /// <exception cref="InpaintException">ResponseInvalid; SubmissionUncertain when a paid call seemed to succeed.</exception>
    public JsonDocument ReadJson(ApiRequest call, ApiResponse answer)
    {
        if (answer.Body.IsEmpty)
        {
            throw Errors.Unreadable(call, answer, "an empty body");
        }

        if (answer.ContentType?.Contains("html", StringComparison.OrdinalIgnoreCase) == true && answer.IsHtml())
        {
            throw Errors.Unreadable(call, answer, "a page instead of data");
        }

        return TryReadJson(answer, out Exception? problem)
            ?? throw Errors.Unreadable(call, answer, answer.IsHtml() ? "a page instead of data" : "text that is not complete JSON", problem);
    }

    /// <summary>Parses an answer's body if it can be parsed: for failures, whose status counts more than their form.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>The document, an object; null when the body is something else.</returns>
    public static JsonDocument? TryReadJson(ApiResponse answer) => TryReadJson(answer, out _);

    /// <summary>Opens the key for the moment it is written into a body.</summary>
    /// <typeparam name="T">What is made with it.</typeparam>
    /// <param name="use">Uses it.</param>
    /// <returns>What was made.</returns>
    /// <exception cref="InpaintException">ApiKeyMissing; AuthenticationFailed: the key holds characters that no key has.</exception>
    public T WithKey<T>(Func<string, T> use)
    {
        string key = settings.Key is null ? "" : SecretText.Reveal(settings.Key);
        if (key.Length == 0)
        {
            throw new InpaintException(InpaintErrorId.ApiKeyMissing, $"Provider '{settings.Provider}' needs a key and has none. Nothing was sent.") { Provider = settings.Provider, RecommendedAction = settings.MissingKeyAdvice };
        }

        if (key.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new InpaintException(InpaintErrorId.AuthenticationFailed, $"The key of provider '{settings.Provider}' holds white space or characters that no key has. Nothing was sent.") { Provider = settings.Provider };
        }

        return use(key);
    }

    /// <summary>Whether there is a key.</summary>
    public bool HasKey => settings.Key is { Length: > 0 };

    /// <summary>How patient a kind of call is.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>Its limits.</returns>
    public CallLimits LimitsOf(CallKind kind) => settings.Resilience.Limits(kind);

    /// <summary>Refuses work for a call that could not be made.</summary>
    /// <exception cref="InpaintException">ApiKeyMissing; AuthenticationFailed: the key holds characters that no key has.</exception>
    public void EnsureKey() => WithKey(_ => true);

    private static JsonDocument? TryReadJson(ApiResponse answer, out Exception? problem)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(answer.Body, JsonOptions);
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

    private static async ValueTask<bool> MoveAsync(IAsyncEnumerator<ReadOnlyMemory<byte>> events)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
        {
            return false;
        }
    }

    private async Task<HttpResponseMessage?> OpenAsync(ApiRequest call, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = new(call.AttemptTimeout ?? LimitsOf(call.Kind).AttemptTimeout, settings.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            HttpClient client = await ClientForAsync(call, either.Token).ConfigureAwait(false);
            HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode && ApiResponse.IsEventStream(response))
            {
                return response;
            }

            NoteRateLimit((int)response.StatusCode, HeaderWait(response));
            response.Dispose();
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The caller asks for the status instead, and meets the reason there.
        }

        return null;
    }

    private async Task<ApiAttempt> TryOnceAsync(ApiRequest call, CancellationToken attemptToken, CancellationToken caller)
    {
        await rateGate.WaitAsync(attemptToken).ConfigureAwait(false);
        using DeliveryTrackingContent? body = call.Content is null ? null : new DeliveryTrackingContent(call.Content());
        using CancellationTokenSource patience = new(call.AttemptTimeout ?? LimitsOf(call.Kind).AttemptTimeout, settings.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(attemptToken, patience.Token);
        try
        {
            using HttpRequestMessage request = Build(call, body);
            HttpClient client = await ClientForAsync(call, either.Token).ConfigureAwait(false);
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            return Classify(call, await ReadAsync(call, response, either.Token).ConfigureAwait(false));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or OperationCanceledException || MayHaveArrived(call, body))
        {
            // Whatever broke a paid call after its body was begun, even a defect of this module, leaves its outcome open.
            bool mayHaveArrived = MayHaveArrived(call, body);
            if (caller.IsCancellationRequested && !mayHaveArrived)
            {
                caller.ThrowIfCancellationRequested();
            }

            // A certificate does not get better by asking again.
            bool isHopeless = e is InvalidDataException or HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError };
            return new ApiAttempt { Failure = e, MayHaveArrived = mayHaveArrived, MayRepeat = !mayHaveArrived && !isHopeless };
        }
    }

    private async Task<ApiResponse> ReadAsync(ApiRequest call, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (call.OnEvent is { } onEvent && response.IsSuccessStatusCode && ApiResponse.IsEventStream(response))
        {
            return await ApiResponse.ReadEventsAsync(response, call.Uri, redactor, onEvent, cancellationToken).ConfigureAwait(false);
        }

        ApiResponse answer = await ApiResponse.ReadAsync(response, call.Uri, redactor, keepsBrokenFailures: call.IsPaid, cancellationToken).ConfigureAwait(false);

        // What was paid for is not lost to a label: a stream that something on the way has called something else is found by its content, as a document is.
        return call.OnEvent is { } onLateEvent && answer.IsSuccess ? answer.Unfold(onLateEvent) : answer;
    }

    private static bool MayHaveArrived(ApiRequest call, DeliveryTrackingContent? body) => call.IsPaid && body is { HasBegun: true };

    private ApiAttempt Classify(ApiRequest call, ApiResponse answer)
    {
        RetryDecision verdict = call.Classify?.Invoke(answer) ?? default;
        answer.RetryAfter = Http.RetryAfter.Longer(Http.RetryAfter.Parse(answer.Header("Retry-After"), settings.Time.GetUtcNow()), verdict.RetryAfter);
        bool mayRepeat = verdict.MayRepeat ?? (call.IsPaid ? answer.Status is 429 or 503 : answer.Status is 408 or 429 or 500 or 502 or 503 or 504);
        NoteRateLimit(answer.Status, answer.RetryAfter);
        return new ApiAttempt { Answer = answer, AnswerStatus = answer.Status, MayRepeat = mayRepeat, RetryAfter = answer.RetryAfter };
    }

    private void NoteRateLimit(int status, TimeSpan? wait)
    {
        if (status == (int)HttpStatusCode.TooManyRequests && wait is { } pause)
        {
            TimeSpan longest = settings.Resilience.MaximumRetryAfter;
            rateGate.CloseFor(pause < longest ? pause : longest);
        }
    }

    private TimeSpan? HeaderWait(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("Retry-After", out System.Net.Http.Headers.HeaderStringValues values)
            ? Http.RetryAfter.Parse(values.ToString(), settings.Time.GetUtcNow())
            : null;

    private void Demand(ApiRequest call)
    {
        if (call.CarriesKey)
        {
            settings.Guard.EnsureAllowed(call.Uri);
        }
        else
        {
            settings.Guard.EnsureSecure(call.Uri);
        }
    }

    private HttpRequestMessage Build(ApiRequest call, DeliveryTrackingContent? body)
    {
        HttpRequestMessage request = new(call.Method, call.Uri) { Content = body };
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        foreach ((string name, string value) in call.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (call.CarriesKey && settings.Authorize is { } authorize)
        {
            WithKey(key =>
            {
                authorize(request, key);
                return true;
            });
        }

        return request;
    }

    private ValueTask<HttpClient> ClientForAsync(ApiRequest call, CancellationToken cancellationToken) =>
        call.IsPaid ? new(settings.Http.Create(HttpPurpose.Submit))
        : call.CarriesKey ? new(settings.Http.Create(HttpPurpose.Call))
        : new(settings.Http.CreateForAsync(call.Uri, settings.Guard.Home, cancellationToken));

    private InpaintException Redirected(ApiRequest call, ApiResponse answer)
    {
        string target = Uri.TryCreate(call.Uri, answer.Header("Location"), out Uri? to) ? $"{to.Scheme}://{to.Authority}" : "an unknown place";
        string message = $"{settings.Provider} answered {answer.Status}, a redirect to {target}, which is not followed";

        // 307 and 308 say that the request is still to be made; the others may follow work that was done.
        return call.IsPaid && answer.Status is not (307 or 308)
            ? Errors.Uncertain(message, answer)
            : Errors.Make(InpaintErrorId.ResponseInvalid, $"{message}: a key stays with the configured host. Set the address it should go to with Set-InpaintProvider -BaseUri.", answer).ToException();
    }

    private sealed record ApiAttempt : Attempt
    {
        public ApiResponse? Answer { get; init; }

        public bool MayHaveArrived { get; init; }

        /// <summary>Whether the service may have done what it was asked without this being told: not when no connection was made, or it refused in so many words.</summary>
        public bool MayHaveWorked => Answer is null
            ? Failure is not HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError }
            : Answer.Status is 408 or 500 or 502 or 504;
    }
}
