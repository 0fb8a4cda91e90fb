using System.Net.Sockets;
using System.Text.Json;

namespace Inpaint.Http;

/// <summary>Builds the errors of API calls, with every key removed from them.</summary>
internal sealed class ApiErrors(string provider, SecretRedactor redactor, string uncertainAdvice)
{
    private const int ExcerptLength = 200;

    private const int MaxReasonLength = 2000;

    private const int MaxMessageLength = 4096;

    // What an exception keeps of a response body, for diagnosis.
    private const int MaxBodyLength = 4096;

    // Half a key would not be recognised as one, so that more is read than is kept.
    private const int MaxKeyLength = 1024;

    /// <summary>Builds an error, to be completed with what only the caller knows. A cause whose text holds a key is left out.</summary>
    public ApiError Make(InpaintErrorId errorId, string message, ApiResponse? response = null, Exception? inner = null) =>
        new(errorId, Safe(message, MaxMessageLength), IsClean(inner) ? inner : null)
        {
            Provider = provider,
            HttpStatus = response?.Status,
            RetryAfter = response?.RetryAfter,
            ResponseBody = response is null ? null : Safe(response.Text(MaxBodyLength + MaxKeyLength), MaxBodyLength),
        };

    /// <summary>The service could not be reached, or stopped responding, before anything was created.</summary>
    public InpaintException Unreachable(ApiRequest request, Exception? cause)
    {
        string nothing = request.IsPaid ? " Nothing was sent." : "";
        return (Make(InpaintErrorId.ProviderUnavailable, $"{provider} could not be reached at {request.Uri.GetLeftPart(UriPartial.Authority)}: {Reason(cause)}.{nothing}", inner: cause) with { IsTransient = true }).ToException();
    }

    /// <summary>The request was sent, and whether a job was created is unknown. <paramref name="what"/> is a clause that "so … may have accepted the job" can follow.</summary>
    public InpaintException Uncertain(string what, ApiResponse? response = null, Exception? cause = null) =>
        (Make(InpaintErrorId.SubmissionUncertain, $"{what}, so {provider} may have accepted the job. It was not sent again, to avoid paying twice.", response, cause) with { RecommendedAction = uncertainAdvice }).ToException();

    /// <summary>A response cannot be understood. For a paid call that seemed to succeed, this means that its outcome is unknown. <paramref name="problem"/> is a clause without a period.</summary>
    public InpaintException Unreadable(ApiRequest request, ApiResponse response, string problem, Exception? cause = null)
    {
        string text = Excerpt(response);
        string message = $"{provider} returned {response.Status} ({response.ContentType ?? "no content type"}) with {problem}{(text.Length == 0 ? "" : $": {text}")}";
        return request.IsPaid && response.IsSuccess
            ? Uncertain(message, response, cause)
            : Make(InpaintErrorId.ResponseInvalid, message, response, cause).ToException();
    }

    /// <summary>The reason that a response gives, else the first 200 characters of its body; on one line, safe for a terminal and without keys.</summary>
    public string Excerpt(ApiResponse response)
    {
        using JsonDocument? document = ProviderChannel.TryReadJson(response);
        return document is not null && JsonReading.Reason(document.RootElement) is { } reason ? Safe(reason, MaxReasonLength) : Safe(response.Text(MaxBodyLength), ExcerptLength);
    }

    /// <summary>Says why a connection failed, as a clause without a period.</summary>
    public static string Reason(Exception? cause)
    {
        switch (cause)
        {
            case null or OperationCanceledException or TimeoutException:
                return "no response came in time";
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

    // The platform's exceptions quote malformed headers. The message gives the reason without the key; the cause cannot.
    private bool IsClean(Exception? cause) => cause?.ToString() is not { } text || redactor.Redact(text) == text;

    private string Safe(string text, int maximumLength)
    {
        string whole = redactor.Redact(PlainText.Clean(text, int.MaxValue));
        return whole.Length <= maximumLength ? whole : whole[..maximumLength] + "…";
    }
}

/// <summary>An <see cref="InpaintException"/> under construction: a record, so that a provider can complete it.</summary>
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

    /// <summary>See <see cref="InpaintException.RecommendedAction"/>; null for the default advice of the error id.</summary>
    public string? RecommendedAction { get; init; }

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
