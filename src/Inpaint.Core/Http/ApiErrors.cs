using System.Net.Sockets;
using System.Text.Json;

namespace Inpaint.Http;

/// <summary>Puts failures of the wire into words, with every key taken out.</summary>
/// <param name="provider">The provider's name.</param>
/// <param name="redactor">Takes keys out.</param>
/// <param name="uncertainAdvice">What to do when a submit's outcome is unknown.</param>
internal sealed class ApiErrors(string provider, SecretRedactor redactor, string uncertainAdvice)
{
    private const int ExcerptLength = 200;

    private const int LongestReason = 2000;

    private const int LongestMessage = 4096;

    // What an exception keeps of an answer, for diagnosis.
    private const int KeptBody = 4096;

    // Half a key would not be recognised as one, so that more is read than is kept.
    private const int LongestKey = 1024;

    /// <summary>Makes an exception about an answer.</summary>
    /// <param name="errorId">The failure.</param>
    /// <param name="message">The message; keys are taken out.</param>
    /// <param name="answer">The answer, if one came.</param>
    /// <param name="inner">The cause, if there is one; left out when its text holds a key.</param>
    /// <returns>The exception, to be completed with what only the caller knows.</returns>
    public ApiError Make(InpaintErrorId errorId, string message, ApiResponse? answer = null, Exception? inner = null) =>
        new(errorId, Safe(message, LongestMessage), IsClean(inner) ? inner : null)
        {
            Provider = provider,
            HttpStatus = answer?.Status,
            RetryAfter = answer?.RetryAfter,
            ResponseBody = answer is null ? null : Safe(answer.Text(KeptBody + LongestKey), KeptBody),
        };

    /// <summary>The service could not be reached, or fell silent; nothing was made.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cause">Why.</param>
    /// <returns>The exception.</returns>
    public InpaintException Unreachable(ApiRequest call, Exception? cause)
    {
        string nothing = call.IsPaid ? " Nothing was sent." : "";
        return (Make(InpaintErrorId.ProviderUnavailable, $"{provider} could not be reached at {call.Uri.GetLeftPart(UriPartial.Authority)}: {Reason(cause)}.{nothing}", inner: cause) with { IsTransient = true }).ToException();
    }

    /// <summary>The request went out, and whether a job was made cannot be told.</summary>
    /// <param name="what">What happened, as a clause that <c>so … may have taken the job</c> can follow.</param>
    /// <param name="answer">The answer, if something came.</param>
    /// <param name="cause">Why, if an exception told.</param>
    /// <returns>The exception.</returns>
    public InpaintException Uncertain(string what, ApiResponse? answer = null, Exception? cause = null) =>
        (Make(InpaintErrorId.SubmissionUncertain, $"{what}, so {provider} may have taken the job. It was not sent again, to avoid paying twice.", answer, cause) with { RecommendedAction = uncertainAdvice }).ToException();

    /// <summary>An answer cannot be understood. For a paid call that seemed to succeed, this means that its outcome is unknown.</summary>
    /// <param name="call">The call.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="problem">What is wrong, as a clause without a period.</param>
    /// <param name="cause">Why, if an exception told.</param>
    /// <returns>The exception.</returns>
    public InpaintException Unreadable(ApiRequest call, ApiResponse answer, string problem, Exception? cause = null)
    {
        string text = Excerpt(answer);
        string message = $"{provider} answered {answer.Status} ({answer.ContentType ?? "no content type"}) with {problem}{(text.Length == 0 ? "" : $": {text}")}";
        return call.IsPaid && answer.IsSuccess
            ? Uncertain(message, answer, cause)
            : Make(InpaintErrorId.ResponseInvalid, message, answer, cause).ToException();
    }

    /// <summary>What an answer says went wrong, else the beginning of its body: on one line, harmless to a terminal and without keys.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>The reason that it gives, or at most some 200 characters.</returns>
    public string Excerpt(ApiResponse answer)
    {
        using JsonDocument? document = ProviderChannel.TryReadJson(answer);
        return document is not null && JsonReading.Reason(document.RootElement) is { } reason ? Safe(reason, LongestReason) : Safe(answer.Text(KeptBody), ExcerptLength);
    }

    /// <summary>Says why a connection failed, in the words nearest to the cause.</summary>
    /// <param name="cause">The exception.</param>
    /// <returns>A clause without a period.</returns>
    public static string Reason(Exception? cause)
    {
        switch (cause)
        {
            case null or OperationCanceledException or TimeoutException:
                return "no answer came in time";
            case HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError }:
                return "its name cannot be resolved";
            case HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }:
                return $"no secure connection could be made ({cause.GetBaseException().Message.TrimEnd('.')})";
        }

        Exception root = cause;
        while (root.InnerException is { } inner and not OperationCanceledException)
        {
            root = inner;
        }

        return root is SocketException socket ? socket.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "the connection was refused",
            SocketError.ConnectionReset => "the connection was reset",
            _ => socket.Message.TrimEnd('.'),
        }
        : root.Message.TrimEnd('.');
    }

    // The platform's exceptions quote what a service wrote where a header should be. The message tells the reason without the key; the cause cannot.
    private bool IsClean(Exception? cause) => cause?.ToString() is not { } text || redactor.Redact(text) == text;

    private string Safe(string text, int maximumLength)
    {
        string whole = redactor.Redact(PlainText.Clean(text, int.MaxValue));
        return whole.Length <= maximumLength ? whole : whole[..maximumLength] + "…";
    }
}

/// <summary>An <see cref="InpaintException"/> in the making: a record, so that a provider can complete what the wire has begun.</summary>
/// <param name="ErrorId">The failure.</param>
/// <param name="Message">The message, without keys.</param>
/// <param name="Inner">The cause.</param>
internal sealed record ApiError(InpaintErrorId ErrorId, string Message, Exception? Inner)
{
    /// <summary>See <see cref="InpaintException.Provider"/>.</summary>
    public string? Provider { get; init; }

    /// <summary>See <see cref="InpaintException.Parameter"/>.</summary>
    public string? Parameter { get; init; }

    /// <summary>See <see cref="InpaintException.RequestId"/>.</summary>
    public string? RequestId { get; init; }

    /// <summary>See <see cref="InpaintException.HttpStatus"/>.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>See <see cref="InpaintException.ProviderErrorType"/>.</summary>
    public string? ProviderErrorType { get; init; }

    /// <summary>See <see cref="InpaintException.ResponseBody"/>.</summary>
    public string? ResponseBody { get; init; }

    /// <summary>See <see cref="InpaintException.RetryAfter"/>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>See <see cref="InpaintException.IsTransient"/>.</summary>
    public bool IsTransient { get; init; }

    /// <summary>See <see cref="InpaintException.IsVerdict"/>.</summary>
    public bool IsVerdict { get; init; }

    /// <summary>See <see cref="InpaintException.RecommendedAction"/>; null for the failure's own advice.</summary>
    public string? RecommendedAction { get; init; }

    /// <summary>Makes the exception.</summary>
    /// <returns>The exception.</returns>
    public InpaintException ToException() => new(ErrorId, Message, Inner)
    {
        Provider = Provider,
        Parameter = Parameter,
        RequestId = RequestId,
        HttpStatus = HttpStatus,
        ProviderErrorType = ProviderErrorType,
        ResponseBody = ResponseBody,
        RetryAfter = RetryAfter,
        IsTransient = IsTransient,
        IsVerdict = IsVerdict,
        RecommendedAction = RecommendedAction,
    };
}
