using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Inpaint.Http;
using Inpaint.Providers.Fal;
using Inpaint.Providers.Shared;

namespace Inpaint.Providers.FalGateway;

/// <summary>What a gateway says about a failure, in one form.</summary>
/// <param name="Code">Its code as text, lower case; empty when there is none.</param>
/// <param name="Text">Its message in the original language, and its translation where the gateway gives one.</param>
/// <param name="Upstream">The status of the service behind it, where it names one.</param>
internal sealed record FalGatewayError(string Code, string Text, string? Upstream)
{
    /// <summary>Reads an answer's <c>error</c> object.</summary>
    /// <param name="root">The document.</param>
    /// <returns>What it says; null when the answer holds none.</returns>
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

/// <summary>What a failure of a gateway means here.</summary>
/// <param name="ErrorId">The failure of the vocabulary.</param>
/// <param name="IsTransient">Whether asking again may succeed.</param>
/// <param name="Gloss">What a message in Chinese says; null where the code does.</param>
internal sealed record FalGatewayErrorClass(InpaintErrorId ErrorId, bool IsTransient = false, string? Gloss = null);

/// <summary>
/// Turns a gateway's failures into the module's vocabulary. The gateways' common software (github.com/QuantumNous/new-api and its forks) says by a code what
/// is wrong, while its HTTP status differs from host to host: the code decides, then known wordings, then the status. What fal itself has said passes
/// through in fal's form and is read as fal's.
/// </summary>
internal sealed partial class FalGatewayErrors(ApiErrors faults, FalErrors fal)
{
    private static readonly Dictionary<string, FalGatewayErrorClass> Codes = new(StringComparer.Ordinal)
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

    private static readonly (string Words, FalGatewayErrorClass Meaning)[] Wordings =
    [
        ("无效的令牌", new(InpaintErrorId.AuthenticationFailed, false, "invalid token")),
        ("未提供令牌", new(InpaintErrorId.AuthenticationFailed, false, "no token given")),
        ("令牌已过期", new(InpaintErrorId.AuthenticationFailed, false, "the token has expired")),
        ("invalid token", new(InpaintErrorId.AuthenticationFailed)),
        ("额度不足", new(InpaintErrorId.QuotaExceeded, false, "not enough quota")),
        ("额度已用尽", new(InpaintErrorId.QuotaExceeded, false, "the quota is used up")),
        ("余额不足", new(InpaintErrorId.QuotaExceeded, false, "the balance is too low")),
        ("quota is not enough", new(InpaintErrorId.QuotaExceeded)),
        ("quota exhausted", new(InpaintErrorId.QuotaExceeded)),
        ("insufficient balance", new(InpaintErrorId.QuotaExceeded)),
        ("负载已饱和", new(InpaintErrorId.RateLimited, true, "the service behind the gateway is saturated")),
        ("敏感词", new(InpaintErrorId.ContentPolicyViolation, false, "sensitive words")),
        ("无可用渠道", new(InpaintErrorId.InvalidParameter, false, "no channel of the gateway has this model")),
        ("task_not_exist", new(InpaintErrorId.JobNotFound)),
    ];

    /// <summary>Whether an answer is the gateway's or fal's own word, as opposed to that of something on the way.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>True when it has their form.</returns>
    public static bool IsOwn(ApiResponse answer)
    {
        using JsonDocument? document = ProviderChannel.TryReadJson(answer);
        return document is not null && (FalGatewayError.Read(document.RootElement) is not null || document.RootElement.Member("detail") is not null);
    }

    /// <summary>Whether a submit that was turned away with 429 or 503 may be sent again: not when the gateway says what waiting does not change.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>False when not; null for what the status says.</returns>
    public static bool? MayRepeatSubmit(ApiResponse answer)
    {
        using JsonDocument? document = ProviderChannel.TryReadJson(answer);
        return document is not null && FalGatewayError.Read(document.RootElement) is { } error && (UpstreamRefusal(error, answer) is not null || Find(error) is { IsTransient: false }) ? false : null;
    }

    /// <summary>Whether a gateway says that it has no such address, so that another may be tried. Not knowing the request is another matter.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>True when it has no such address.</returns>
    public static bool IsUnknownAddress(ApiResponse answer)
    {
        if (answer.Status is not (404 or 405 or 501) && !(answer.IsSuccess && answer.IsHtml()))
        {
            return false;
        }

        using JsonDocument? document = ProviderChannel.TryReadJson(answer);
        return document is null || FalGatewayError.Read(document.RootElement) is null || Find(FalGatewayError.Read(document.RootElement)!) is not { ErrorId: InpaintErrorId.JobNotFound };
    }

    /// <summary>Makes the exception for a failed answer, or for one of HTTP 200 that holds an error.</summary>
    /// <param name="call">The call.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="job">The job that the call was about, if any.</param>
    /// <param name="model">The model that was asked for, where there is no job yet.</param>
    /// <returns>The exception.</returns>
    public InpaintException ToException(ApiRequest call, ApiResponse answer, InpaintJob? job = null, string? model = null)
    {
        using JsonDocument? document = ProviderChannel.TryReadJson(answer);
        JsonElement root = document?.RootElement ?? default;
        if (root.Member("detail") is not null)
        {
            return fal.ToException(call, answer, job, model);
        }

        FalGatewayError error = FalGatewayError.Read(root) ?? new FalGatewayError("", faults.Excerpt(answer), Upstream: null);
        bool isAboutJob = IsAboutJob(call);
        bool isPending = call.Kind == CallKind.Result && PendingAnswer.Is(answer.Status, root);
        int? upstreamRefusal = UpstreamRefusal(error, answer);
        FalGatewayErrorClass meaning = isPending ? new(InpaintErrorId.ResponseInvalid, true)
            : upstreamRefusal is int refused ? ByUpstream(refused, isAboutJob)
            : Find(error) ?? ByStatus(call, answer);

        // Of what a gateway says when it is asked about a job, only this is about the job, and not about the asking.
        bool isVerdict = isAboutJob && !isPending && meaning.ErrorId is InpaintErrorId.ContentPolicyViolation or InpaintErrorId.JobFailed;
        string said = error.Text.Length > 0 ? error.Text.TrimEnd('.')
            : error.Upstream is { } upstream ? $"the service behind it answered {upstream}"
            : "no reason given";
        string unknownModel = meaning.ErrorId == InpaintErrorId.InvalidParameter && error.Code == "model_not_found" && (job?.Model ?? model) is { } name ? $" It has no model '{name}'; check -Model." : "";
        string gloss = meaning.Gloss is null ? "" : $" [{meaning.Gloss}]";
        string code = error.Code.Length == 0 ? "" : $" ({error.Code})";
        string id = job is null ? "" : $" Request {job.Id}.";
        ApiError fault = faults.Make(meaning.ErrorId, string.Create(CultureInfo.InvariantCulture, $"The gateway answered {answer.Status}: {said}{gloss}{code}.{unknownModel}{id}"), answer) with
        {
            ProviderErrorType = error.Code.Length == 0 ? null : error.Code,
            RequestId = job?.Id,
            IsTransient = meaning.IsTransient && !isVerdict,
            IsVerdict = isVerdict,
        };
        return fault.ToException();
    }

    /// <summary>The status by which the service behind a gateway has refused a request. The gateway puts it behind a code that otherwise means trouble on its side.</summary>
    private static int? UpstreamRefusal(FalGatewayError error, ApiResponse answer)
    {
        if (error.Code != "bad_response_status_code")
        {
            return null;
        }

        string told = error.Upstream ?? StatusInWords().Match(error.Text).Groups[1].Value;
        int status = int.TryParse(told, NumberStyles.None, CultureInfo.InvariantCulture, out int named) ? named : answer.Status;
        return status is >= 400 and <= 422 and not (401 or 402 or 403 or 408) ? status : null;
    }

    [GeneratedRegex("status code:? ?([0-9]{3})", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StatusInWords();

    private static FalGatewayErrorClass ByUpstream(int status, bool isAboutJob) => status switch
    {
        413 => new(InpaintErrorId.ImageTooLarge),
        422 when isAboutJob => new(InpaintErrorId.JobFailed),
        404 or 410 when isAboutJob => new(InpaintErrorId.JobNotFound),
        _ => new(isAboutJob ? InpaintErrorId.ResponseInvalid : InpaintErrorId.InvalidParameter),
    };

    private static bool IsAboutJob(ApiRequest call) => call.Kind is CallKind.Status or CallKind.Result or CallKind.Cancel;

    private static FalGatewayErrorClass? Find(FalGatewayError error)
    {
        FalGatewayErrorClass? byCode = Codes.GetValueOrDefault(error.Code);
        foreach ((string words, FalGatewayErrorClass meaning) in Wordings)
        {
            if (error.Text.Contains(words, StringComparison.OrdinalIgnoreCase))
            {
                return byCode is null ? meaning : byCode with { Gloss = meaning.Gloss };
            }
        }

        return byCode;
    }

    private static FalGatewayErrorClass ByStatus(ApiRequest call, ApiResponse answer)
    {
        bool isAboutJob = IsAboutJob(call);
        return answer.Status switch
        {
            401 or 403 when isAboutJob && answer.IsHtml() => new(InpaintErrorId.ResponseInvalid),
            401 => new(InpaintErrorId.AuthenticationFailed),
            402 => new(InpaintErrorId.QuotaExceeded),
            403 => new(InpaintErrorId.AccountLocked),
            404 when isAboutJob => new(InpaintErrorId.JobNotFound),
            413 => new(InpaintErrorId.ImageTooLarge),
            429 => new(InpaintErrorId.RateLimited, true),
            408 or >= 500 => new(InpaintErrorId.ProviderUnavailable, true),
            422 when isAboutJob => new(InpaintErrorId.JobFailed),
            >= 400 when !isAboutJob => new(InpaintErrorId.InvalidParameter),
            _ => new(InpaintErrorId.ResponseInvalid),
        };
    }
}
