using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Inpaint.Http;

namespace Inpaint.Providers.Shared.FalProtocol;

/// <summary>
/// Turns fal's errors into exceptions. They have two formats: a model's own (an array <c>detail</c> of entries with type, location and message) and the
/// platform's (a text <c>detail</c> with an <c>error_type</c>). They are classified by type, then by HTTP status, never by wording; only the reason of
/// a locked account has no type.
/// </summary>
internal sealed partial class FalErrors(ApiErrors apiErrors)
{
    /// <summary>fal's id of a request, in every response about it.</summary>
    public const string RequestIdHeader = "x-fal-request-id";

    private const string ErrorTypeHeader = "X-Fal-Error-Type";
    private const string TimeoutTypeHeader = "X-Fal-Request-Timeout-Type";

    // fal.ai/docs: "Errors" has the models' own types, "Request error types" those of the queue.
    private static readonly Dictionary<string, ErrorClass> Types = new(StringComparer.Ordinal)
    {
        ["internal_server_error"] = new(InpaintErrorId.JobFailed, true),
        ["downstream_service_unavailable"] = new(InpaintErrorId.JobFailed, true),
        ["downstream_service_error"] = new(InpaintErrorId.JobFailed),
        ["generation_timeout"] = new(InpaintErrorId.JobFailed, true),
        ["content_policy_violation"] = new(InpaintErrorId.ContentPolicyViolation),
        ["no_media_generated"] = new(InpaintErrorId.JobFailed),
        ["image_load_error"] = new(InpaintErrorId.ImageUnsupported),
        ["file_download_error"] = new(InpaintErrorId.ImageNotFound),
        ["face_detection_error"] = new(InpaintErrorId.JobFailed),
        ["feature_not_supported"] = new(InpaintErrorId.InvalidParameter),
        ["image_too_small"] = new(InpaintErrorId.ImageUnsupported),
        ["image_too_large"] = new(InpaintErrorId.ImageTooLarge),
        ["file_too_large"] = new(InpaintErrorId.ImageTooLarge),
        ["unsupported_image_format"] = new(InpaintErrorId.ImageUnsupported),
        ["unsupported_audio_format"] = new(InpaintErrorId.InvalidParameter),
        ["unsupported_video_format"] = new(InpaintErrorId.InvalidParameter),
        ["image_aspect_ratio_error"] = new(InpaintErrorId.ImageUnsupported),

        ["request_timeout"] = new(InpaintErrorId.JobFailed, true),
        ["startup_timeout"] = new(InpaintErrorId.JobFailed, true),
        ["runner_scheduling_failure"] = new(InpaintErrorId.JobFailed, true),
        ["runner_connection_timeout"] = new(InpaintErrorId.JobFailed, true),
        ["runner_disconnected"] = new(InpaintErrorId.JobFailed, true),
        ["runner_connection_refused"] = new(InpaintErrorId.JobFailed, true),
        ["runner_connection_error"] = new(InpaintErrorId.JobFailed, true),
        ["runner_incomplete_response"] = new(InpaintErrorId.JobFailed, true),
        ["runner_server_error"] = new(InpaintErrorId.JobFailed, true),
        ["internal_error"] = new(InpaintErrorId.JobFailed, true),
        ["client_disconnected"] = new(InpaintErrorId.JobCancelled),
        ["client_cancelled"] = new(InpaintErrorId.JobCancelled),
        ["bad_request"] = new(InpaintErrorId.InvalidParameter),

        ["concurrent_requests_limit"] = new(InpaintErrorId.RateLimited, true),
    };

    /// <summary>Whether a response comes from fal itself and not from something in between.</summary>
    public static bool IsFromFal(ApiResponse response)
    {
        if (response.Header(RequestIdHeader) is not null || response.Header(ErrorTypeHeader) is not null || response.Header(TimeoutTypeHeader) is not null)
        {
            return true;
        }

        using JsonDocument? document = ProviderChannel.TryReadJson(response);
        return document?.RootElement is { } root && (root.Text("error_type") is not null || Entries(root).Any(entry => entry.Text("type") is not null));
    }

    /// <summary>Whether a request ended by the caller's own start deadline, which a repetition would exceed as well.</summary>
    public static bool IsStartTimeout(ApiResponse response) =>
        response.Status == 504 && string.Equals(response.Header(TimeoutTypeHeader), "user", StringComparison.OrdinalIgnoreCase);

    /// <summary>Classifies an error type; null for one that fal's documentation does not list, such as those of its input validation (<c>less_than_equal</c>, <c>missing</c>).</summary>
    public static ErrorClass? ClassOf(string? type) => type is null ? null : Types.GetValueOrDefault(type);

    /// <summary>Prevents a call from being repeated after <see cref="IsStartTimeout"/>.</summary>
    public static RetryDecision ClassifyStartTimeout(ApiResponse response) => new(MayRepeat: IsStartTimeout(response) ? false : null);

    /// <summary>Makes the exception for a failed call.</summary>
    /// <param name="response">The response, not a success.</param>
    /// <param name="job">The job that the call was about, if any.</param>
    /// <param name="model">The model that was requested, where there is no job yet.</param>
    /// <returns>The exception.</returns>
    public InpaintException ToException(ApiRequest call, ApiResponse response, InpaintJob? job = null, string? model = null)
    {
        using JsonDocument? document = ProviderChannel.TryReadJson(response);
        JsonElement root = document?.RootElement ?? default;
        JsonElement[] entries = Entries(root).ToArray();
        string? type = entries.Select(entry => entry.Text("type")).FirstOrDefault(t => t is not null) ?? root.Text("error_type") ?? response.Header(ErrorTypeHeader);
        string text = type is not null && entries.Length > 0 ? string.Join("; ", entries.Take(5).Select(Describe)) : JsonReading.Reason(root) ?? root.Text("status") ?? apiErrors.Excerpt(response);
        bool isUnknownModel = response.Status == 404 && type is null && UnknownPath().IsMatch(text);
        bool isPending = call.Kind == CallKind.Result && type is null && PendingResponse.Is(response.Status, root);
        bool isVerdict = !isPending && (isUnknownModel ? call.Kind is CallKind.Status or CallKind.Result : IsVerdict(call, response, root, type));
        ErrorClass meaning = isPending ? new(InpaintErrorId.ResponseInvalid, true)
            : isUnknownModel ? new(InpaintErrorId.InvalidParameter)
            : Classify(call, response, type, text, job, isVerdict);
        string? requestId = response.Header(RequestIdHeader) ?? job?.Id;
        bool mayPass = !IsStartTimeout(response) && (Retryable(response) ?? meaning.IsTransient);

        StringBuilder message = new();
        message.Append($"fal returned {response.Status} for {call.Kind.Purpose()}");
        message.Append(text.Length == 0 ? "." : $": {text.TrimEnd('.')}");
        message.Append(text.Length > 0 && entries.Length == 0 && type is not null ? $" ({type})." : text.Length > 0 ? "." : "");
        message.Append(isUnknownModel ? $" It has no model '{job?.Model ?? model ?? call.Uri.AbsolutePath.Trim('/')}'." : "");
        message.Append(IsStartTimeout(response) ? " It did not start within the given time (StartTimeout), and was not sent again." : "");
        message.Append(mayPass && isVerdict ? " fal marks this failure as transient." : "");
        message.Append(requestId is null ? "" : $" Request {requestId}.");

        ApiError fault = apiErrors.Make(meaning.ErrorId, message.ToString(), response) with
        {
            Parameter = isUnknownModel ? nameof(InpaintRequest.Model) : null,
            ProviderErrorType = type,
            RequestId = requestId,
            IsTransient = mayPass,
            IsVerdict = isVerdict,
        };
        return fault.ToException();
    }

    /// <summary>
    /// Whether a response is the model's final outcome, which fal replays with the status, headers and body that the model returned. Failures of the key, the account, the rate limit
    /// or the connection are not, nor is a request that fal does not know, or not yet.
    /// </summary>
    private static bool IsVerdict(ApiRequest call, ApiResponse response, JsonElement root, string? type)
    {
        if (call.Kind is not (CallKind.Result or CallKind.Run) || response.Status is 401 or 402 or 403 or 429)
        {
            return false;
        }

        return response.Status switch
        {
            404 => type is not null || (IsFromFal(response) && root.Member("detail") is not null),
            410 or 422 => type is not null || JsonReading.Reason(root) is not null,
            _ => IsFromFal(response),
        };
    }

    private static ErrorClass Classify(ApiRequest call, ApiResponse response, string? type, string text, InpaintJob? job, bool isVerdict)
    {
        ErrorClass? byStatus = ErrorClass.OfStatus(call.Kind, response.Status, isForeign: response.IsHtml());
        switch (response.Status)
        {
            case 401 or 402 or 403:
                return byStatus!.ErrorId == InpaintErrorId.AccountLocked && IsOutOfCredit(text) ? new(InpaintErrorId.QuotaExceeded) : byStatus;
            case 404 when type is null && call.Kind is CallKind.Status or CallKind.Cancel:
                return new(InpaintErrorId.JobNotFound);
            case 410 when call.Kind is CallKind.Result:
                return new(InpaintErrorId.ResultExpired);
            case 404 when type is null && !isVerdict && call.Kind is CallKind.Result:
                return new(job?.State == InpaintJobState.Completed ? InpaintErrorId.ResultExpired : InpaintErrorId.JobNotFound);
        }

        ErrorClass? known = ClassOf(type);
        if (known is not null)
        {
            // Before there is a job, a failure of the platform is not the job's.
            return known.ErrorId == InpaintErrorId.JobFailed && call.Kind is CallKind.Submit or CallKind.Status or CallKind.Cancel or CallKind.Upload
                ? known with { ErrorId = InpaintErrorId.ProviderUnavailable }
                : known;
        }

        return byStatus ?? response.Status switch
        {
            499 => new(InpaintErrorId.JobCancelled),
            >= 400 and < 500 when type is null && isVerdict => new(InpaintErrorId.JobFailed),
            >= 400 and < 500 when type is null && call.Kind is CallKind.Status or CallKind.Cancel or CallKind.Result or CallKind.Upload => new(InpaintErrorId.ResponseInvalid),
            >= 400 and < 500 => new(InpaintErrorId.InvalidParameter),
            _ => isVerdict ? new(InpaintErrorId.JobFailed, true) : new(InpaintErrorId.ProviderUnavailable, true),
        };
    }

    // "User is locked. Reason: Admin lock. Top up your balance at …": what follows the reason is the same for every lock.
    private static bool IsOutOfCredit(string text)
    {
        const string mark = "Reason:";
        int at = text.IndexOf(mark, StringComparison.OrdinalIgnoreCase);
        string reason = at < 0 ? text : text[(at + mark.Length)..].Split('.')[0];
        return reason.Contains("balance", StringComparison.OrdinalIgnoreCase)
            || reason.Contains("TOP_UP", StringComparison.OrdinalIgnoreCase)
            || reason.Contains("credit", StringComparison.OrdinalIgnoreCase);
    }

    // fal documents both, on different pages.
    private static bool? Retryable(ApiResponse response) => (response.Header("X-Fal-Retryable") ?? response.Header("X-Fal-Needs-Retry"))?.Trim().ToLowerInvariant() switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => null,
    };

    private static IEnumerable<JsonElement> Entries(JsonElement root) => root.Member("detail") switch
    {
        { ValueKind: JsonValueKind.Array } detail => detail.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object),
        { ValueKind: JsonValueKind.Object } detail => [detail],
        _ => [],
    };

    // Needs no linear guarantee, because nothing in it can be matched in two ways, and building that automaton takes 40 ms of a first job whose model is not described.
    [GeneratedRegex(@"^(Path\s.+|App(lication)?\s.+|Model\s.+|Endpoint\s.+)\s(was\s)?not found\b|\bno such (app|application|model|endpoint)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UnknownPath();

    // For example: strength: Input should be less than or equal to 1 (less_than_equal, le 1)
    private static string Describe(JsonElement entry)
    {
        string place = entry.Member("loc") is { ValueKind: JsonValueKind.Array } loc ? Place(loc) : "";
        string text = entry.Text("msg") ?? entry.Text("message") ?? "no message";
        string type = entry.Text("type") ?? "";
        string context = entry.Member("ctx") is { ValueKind: JsonValueKind.Object } ctx
            ? string.Concat(ctx.EnumerateObject().Take(6).Select(member => $", {JsonReading.NameOf(member)} {Short(JsonReading.Describe(member.Value))}"))
            : "";
        string tail = type.Length == 0 && context.Length == 0 ? "" : $" ({(type.Length == 0 ? context[2..] : type + context)})";
        return $"{(place.Length == 0 ? "" : place + ": ")}{Short(text).TrimEnd('.')}{tail}";
    }

    private static string Place(JsonElement loc)
    {
        StringBuilder place = new();
        foreach (JsonElement part in loc.EnumerateArray().Take(12))
        {
            string text = JsonReading.Describe(part);
            if (part.ValueKind == JsonValueKind.Number)
            {
                place.Append('[').Append(text).Append(']');
            }
            else if (place.Length > 0 || !string.Equals(text, "body", StringComparison.Ordinal))
            {
                place.Append(place.Length == 0 ? "" : ".").Append(Short(text));
            }
        }

        return place.ToString();
    }

    // An echoed input may be a whole picture.
    private static string Short(string text) => text.Length <= 400 ? text : text[..400] + "…";
}
