using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Inpaint.Http;
using Inpaint.Providers.Shared;
using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.FalGateway;

/// <summary>A gateway's error in a uniform form.</summary>
/// <param name="Code">Its code as text, lower case; empty when there is none.</param>
/// <param name="Text">Its message in the original language, and its translation where the gateway gives one.</param>
/// <param name="Upstream">The status of the service behind it, where it names one.</param>
internal sealed record FalGatewayError(string Code, string Text, string? Upstream)
{
    /// <summary>Reads the <c>error</c> object of a response; null when there is none.</summary>
    public static FalGatewayError? Read(JsonElement root)
    {
        if (root.Member("error") is not { ValueKind: JsonValueKind.Object } error)
        {
            return null;
        }

        string code = error.Member("code") is { ValueKind: JsonValueKind.String or JsonValueKind.Number } value ? JsonReading.Describe(value).Trim().ToLowerInvariant() : "";
        string?[] texts = [error.Text("message"), error.Text("localized_message")];
        return new FalGatewayError(code, string.Join(" / ", texts.Where(text => !string.IsNullOrWhiteSpace(text)).Distinct(StringComparer.Ordinal)), error.Text("param"));
    }
}

/// <summary>
/// Turns a gateway's errors into exceptions. In the gateways' common software (github.com/QuantumNous/new-api and its forks) a code identifies the error, while
/// the HTTP status differs between hosts: the code decides, then known wordings, then the status. fal's own errors are passed through in fal's format and are
/// read as fal's.
/// </summary>
internal sealed partial class FalGatewayErrors(ApiErrors apiErrors, FalErrors fal)
{
    private static readonly Dictionary<string, ErrorClass> Codes = new(StringComparer.Ordinal)
    {
        ["insufficient_user_quota"] = new(InpaintErrorId.QuotaExceeded),
        ["pre_consume_token_quota_failed"] = new(InpaintErrorId.QuotaExceeded),
        ["insufficient_quota"] = new(InpaintErrorId.QuotaExceeded),
        ["access_denied"] = new(InpaintErrorId.AuthenticationFailed),
        ["invalid_api_key"] = new(InpaintErrorId.AuthenticationFailed),
        ["model_not_found"] = new(InpaintErrorId.InvalidParameter),
        ["bad_request_body"] = new(InpaintErrorId.InvalidParameter),
        ["prompt_blocked"] = new(InpaintErrorId.ContentPolicyViolation),
        ["sensitive_words_detected"] = new(InpaintErrorId.ContentPolicyViolation),
        ["task_not_exist"] = new(InpaintErrorId.JobNotFound),
        ["get_channel_failed"] = new(InpaintErrorId.ProviderUnavailable, true),
        ["channel:no_available_key"] = new(InpaintErrorId.ProviderUnavailable, true),
        ["do_request_failed"] = new(InpaintErrorId.ProviderUnavailable, true),
        ["bad_response_status_code"] = new(InpaintErrorId.ProviderUnavailable, true),
    };

    private static readonly (string Words, ErrorClass Meaning)[] Wordings =
    [
        ("无效的令牌", new(InpaintErrorId.AuthenticationFailed) { Translation = "invalid token" }),
        ("未提供令牌", new(InpaintErrorId.AuthenticationFailed) { Translation = "no token given" }),
        ("令牌已过期", new(InpaintErrorId.AuthenticationFailed) { Translation = "the token has expired" }),
        ("invalid token", new(InpaintErrorId.AuthenticationFailed)),
        ("额度不足", new(InpaintErrorId.QuotaExceeded) { Translation = "not enough quota" }),
        ("额度已用尽", new(InpaintErrorId.QuotaExceeded) { Translation = "the quota is used up" }),
        ("余额不足", new(InpaintErrorId.QuotaExceeded) { Translation = "the balance is too low" }),
        ("quota is not enough", new(InpaintErrorId.QuotaExceeded)),
        ("quota exhausted", new(InpaintErrorId.QuotaExceeded)),
        ("insufficient balance", new(InpaintErrorId.QuotaExceeded)),
        ("负载已饱和", new(InpaintErrorId.RateLimited, true) { Translation = "the service behind the gateway is saturated" }),
        ("敏感词", new(InpaintErrorId.ContentPolicyViolation) { Translation = "sensitive words" }),
        ("无可用渠道", new(InpaintErrorId.InvalidParameter) { Translation = "no channel of the gateway has this model" }),
        ("task_not_exist", new(InpaintErrorId.JobNotFound)),
    ];

    /// <summary>Whether a response comes from the gateway or from fal, not from something in between.</summary>
    public static bool IsOwn(ApiResponse response)
    {
        using JsonDocument? document = ProviderChannel.TryReadJson(response);
        return document is not null && (FalGatewayError.Read(document.RootElement) is not null || document.RootElement.Member("detail") is not null);
    }

    /// <summary>Whether a submit that was refused with 429 or 503 may be retried: not when the gateway's reason is permanent.</summary>
    /// <returns>False when not; null to decide by the status.</returns>
    public static bool? MayRepeatSubmit(ApiResponse response)
    {
        using JsonDocument? document = ProviderChannel.TryReadJson(response);
        return document is not null && FalGatewayError.Read(document.RootElement) is { } error && (UpstreamRefusal(error, response) is not null || Find(error) is { IsTransient: false }) ? false : null;
    }

    /// <summary>Whether a gateway has no such URL, so that another should be tried. Not knowing the request is a different matter.</summary>
    public static bool IsUnknownUrl(ApiResponse response)
    {
        if (response.Status is not (404 or 405 or 501) && !(response.IsSuccess && response.IsHtml()))
        {
            return false;
        }

        using JsonDocument? document = ProviderChannel.TryReadJson(response);
        return document is null || FalGatewayError.Read(document.RootElement) is null || Find(FalGatewayError.Read(document.RootElement)!) is not { ErrorId: InpaintErrorId.JobNotFound };
    }

    /// <summary>Makes the exception for a failed response, or for one of HTTP 200 that contains an error.</summary>
    /// <param name="response">The response.</param>
    /// <param name="job">The job that the call was about, if any.</param>
    /// <param name="model">The model that was requested, where there is no job yet.</param>
    /// <returns>The exception.</returns>
    public InpaintException ToException(ApiRequest call, ApiResponse response, InpaintJob? job = null, string? model = null)
    {
        using JsonDocument? document = ProviderChannel.TryReadJson(response);
        JsonElement root = document?.RootElement ?? default;
        if (root.Member("detail") is not null)
        {
            return fal.ToException(call, response, job, model);
        }

        FalGatewayError error = FalGatewayError.Read(root) ?? new FalGatewayError("", apiErrors.Excerpt(response), Upstream: null);
        bool isAboutJob = call.Kind.IsAboutJob();
        bool isPending = call.Kind == CallKind.Result && PendingResponse.Is(response.Status, root);
        int? upstreamRefusal = UpstreamRefusal(error, response);
        ErrorClass meaning = isPending ? new(InpaintErrorId.ResponseInvalid, true)
            : upstreamRefusal is int refused ? ByUpstream(refused, isAboutJob)
            : Find(error) ?? ByStatus(call, response);

        // Of all errors in a response about a job, only these are about the job itself.
        bool isVerdict = isAboutJob && !isPending && meaning.ErrorId is InpaintErrorId.ContentPolicyViolation or InpaintErrorId.JobFailed;
        string said = error.Text.Length > 0 ? error.Text.TrimEnd('.')
            : error.Upstream is { } upstream ? $"the service behind it returned {upstream}"
            : "no reason given";
        string unknownModel = meaning.ErrorId == InpaintErrorId.InvalidParameter && error.Code == "model_not_found" && (job?.Model ?? model) is { } name ? $" It has no model '{name}'." : "";
        string translation = meaning.Translation is null ? "" : $" [{meaning.Translation}]";
        string code = error.Code.Length == 0 ? "" : $" ({error.Code})";
        string id = job is null ? "" : $" Request {job.Id}.";
        ApiError fault = apiErrors.Make(meaning.ErrorId, string.Create(CultureInfo.InvariantCulture, $"The gateway returned {response.Status}: {said}{translation}{code}.{unknownModel}{id}"), response) with
        {
            Parameter = unknownModel.Length > 0 ? nameof(InpaintRequest.Model) : null,
            ProviderErrorType = error.Code.Length == 0 ? null : error.Code,
            RequestId = job?.Id,
            IsTransient = meaning.IsTransient,
            IsVerdict = isVerdict,
        };
        return fault.ToException();
    }

    /// <summary>The status with which the upstream service has refused a request. The gateway wraps it in a code that otherwise means a failure of its own.</summary>
    private static int? UpstreamRefusal(FalGatewayError error, ApiResponse response)
    {
        if (error.Code != "bad_response_status_code")
        {
            return null;
        }

        string text = error.Upstream ?? StatusInWords().Match(error.Text).Groups[1].Value;
        int status = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int named) ? named : response.Status;
        return status is >= 400 and <= 422 and not (401 or 402 or 403 or 408) ? status : null;
    }

    [GeneratedRegex("status code:? ?([0-9]{3})", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StatusInWords();

    private static ErrorClass ByUpstream(int status, bool isAboutJob) => status switch
    {
        413 => new(InpaintErrorId.ImageTooLarge),
        422 when isAboutJob => new(InpaintErrorId.JobFailed),
        404 or 410 when isAboutJob => new(InpaintErrorId.JobNotFound),
        _ => new(isAboutJob ? InpaintErrorId.ResponseInvalid : InpaintErrorId.InvalidParameter),
    };

    private static ErrorClass? Find(FalGatewayError error)
    {
        ErrorClass? byCode = Codes.GetValueOrDefault(error.Code);
        foreach ((string words, ErrorClass meaning) in Wordings)
        {
            if (error.Text.Contains(words, StringComparison.OrdinalIgnoreCase))
            {
                return byCode is null ? meaning : byCode with { Translation = meaning.Translation };
            }
        }

        return byCode;
    }

    private static ErrorClass ByStatus(ApiRequest call, ApiResponse response)
    {
        bool isAboutJob = call.Kind.IsAboutJob();
        return ErrorClass.OfStatus(call.Kind, response.Status, isForeign: response.IsHtml()) ?? response.Status switch
        {
            404 when isAboutJob => new(InpaintErrorId.JobNotFound),
            408 or >= 500 => new(InpaintErrorId.ProviderUnavailable, true),
            422 when isAboutJob => new(InpaintErrorId.JobFailed),
            >= 400 when !isAboutJob => new(InpaintErrorId.InvalidParameter),
            _ => new(InpaintErrorId.ResponseInvalid),
        };
    }
}
