using System.Text.RegularExpressions;
using Inpaint.Http;
using Inpaint.Providers.Shared;

namespace Inpaint.Providers.ModelsLab;

/// <summary>What a failure of ModelsLab means here.</summary>
/// <param name="ErrorId">The failure of the vocabulary.</param>
/// <param name="IsTransient">Whether asking again may succeed.</param>
/// <param name="Advice">What to do next; null for the failure's own advice.</param>
internal sealed record ModelsLabErrorClass(InpaintErrorId ErrorId, bool IsTransient = false, string? Advice = null);

/// <summary>
/// Turns ModelsLab's failures into the module's vocabulary. Its errors have no codes, and HTTP 200 as often as not, so that the HTTP status decides where
/// it says something and the documented wordings (docs.modelslab.com, "Errors") where it does not.
/// </summary>
internal sealed partial class ModelsLabErrors(ApiErrors faults, ModelsLabEndpoints endpoints)
{
    private const string DuplicateAdvice =
        "Look for the first one with Get-InpaintStatus. To send the same again, wait 30 seconds; to get another picture, give another -Seed.";

    private static readonly (string Words, ModelsLabErrorClass Meaning)[] Wordings =
    [
        ("same request multiple times", new(InpaintErrorId.RateLimited, false, DuplicateAdvice)),
        ("rate limit", new(InpaintErrorId.RateLimited, true)),
        ("too many requests", new(InpaintErrorId.RateLimited, true)),
        ("queued requests", new(InpaintErrorId.RateLimited, true)),
        ("api key", new(InpaintErrorId.AuthenticationFailed)),
        ("unauthorized", new(InpaintErrorId.AuthenticationFailed)),
        ("premium subscription", new(InpaintErrorId.AccountLocked)),
        ("upgrade your plan", new(InpaintErrorId.AccountLocked)),
        ("unable to fetch image", new(InpaintErrorId.ImageNotFound)),
        ("model not found", new(InpaintErrorId.InvalidParameter)),
        ("model id not found", new(InpaintErrorId.InvalidParameter)),
        ("nsfw", new(InpaintErrorId.ContentPolicyViolation)),
        ("prohibited", new(InpaintErrorId.ContentPolicyViolation)),
        ("content policy", new(InpaintErrorId.ContentPolicyViolation)),
        ("temporarily unavailable", new(InpaintErrorId.ProviderUnavailable, true)),
        ("server error", new(InpaintErrorId.ProviderUnavailable, true)),
        ("is required", new(InpaintErrorId.InvalidParameter)),
        ("must be", new(InpaintErrorId.InvalidParameter)),
        ("invalid", new(InpaintErrorId.InvalidParameter)),
    ];

    /// <summary>Whether a refusal is the filter that turns away a request that equals one of the last 30 seconds.</summary>
    /// <param name="text">What the service says.</param>
    /// <returns>True when it is.</returns>
    public static bool IsDuplicate(string text) => text.Contains(Wordings[0].Words, StringComparison.OrdinalIgnoreCase);

    /// <summary>Finds what a failure means.</summary>
    /// <param name="call">The call.</param>
    /// <param name="httpStatus">The HTTP status, which may be 200.</param>
    /// <param name="answer">What the service says; null when it is not JSON.</param>
    /// <returns>The class.</returns>
    public static ModelsLabErrorClass Classify(ApiRequest call, int httpStatus, ModelsLabAnswer? answer)
    {
        string text = answer?.Text ?? "";
        if (IsDuplicate(text))
        {
            return Wordings[0].Meaning;
        }

        bool isAboutJob = IsAboutJob(call);
        ModelsLabErrorClass? byStatus = httpStatus switch
        {
            401 or 403 when isAboutJob && answer is null => new(InpaintErrorId.ResponseInvalid),
            401 => new(InpaintErrorId.AuthenticationFailed),
            402 => new(InpaintErrorId.QuotaExceeded),
            403 => new(IsUsedUp(text) ? InpaintErrorId.QuotaExceeded : InpaintErrorId.AccountLocked),
            404 when isAboutJob && answer is not null => new(InpaintErrorId.JobNotFound),
            413 => new(InpaintErrorId.ImageTooLarge),
            429 => new(InpaintErrorId.RateLimited, true),
            >= 500 when answer?.IsJobFailure != true => new(InpaintErrorId.ProviderUnavailable, true),
            _ => null,
        };
        if (byStatus is not null)
        {
            return byStatus;
        }

        if (isAboutJob && answer?.IsJobFailure != true && (text.Contains("request id", StringComparison.OrdinalIgnoreCase) || text.Contains("request not found", StringComparison.OrdinalIgnoreCase)))
        {
            return new(InpaintErrorId.JobNotFound);
        }

        if (IsUsedUp(text))
        {
            return new(InpaintErrorId.QuotaExceeded);
        }

        foreach ((string words, ModelsLabErrorClass meaning) in Wordings)
        {
            if (text.Contains(words, StringComparison.OrdinalIgnoreCase))
            {
                return meaning;
            }
        }

        return httpStatus switch
        {
            >= 400 and < 500 when answer is null => new(InpaintErrorId.ResponseInvalid),
            >= 400 and < 500 when !answer.IsJobFailure => new(InpaintErrorId.InvalidParameter),
            _ => new(InpaintErrorId.JobFailed),
        };
    }

    /// <summary>Makes the exception for a failure.</summary>
    /// <param name="call">The call.</param>
    /// <param name="wire">The answer as it came.</param>
    /// <param name="answer">The answer as it was read; null when it is not JSON.</param>
    /// <param name="job">The job that the call was about, if any.</param>
    /// <returns>The exception.</returns>
    public InpaintException ToException(ApiRequest call, ApiResponse wire, ModelsLabAnswer? answer, InpaintJob? job = null)
    {
        bool isPending = IsAboutJob(call) && answer is { IsJobFailure: false } && PendingAnswer.Is(wire.Status, answer.Text);
        ModelsLabErrorClass meaning = isPending ? new(InpaintErrorId.ResponseInvalid, true) : Classify(call, wire.Status, answer);
        bool isUnknownAddress = wire.Status is 404 or 405 && !IsAboutJob(call) && answer is not { Status: not null };
        meaning = isUnknownAddress ? new(InpaintErrorId.InvalidParameter) : meaning;
        string said = isUnknownAddress ? endpoints.Unknown(wire.Uri) : answer is null ? faults.Excerpt(wire) : answer.Text;
        string status = wire.IsSuccess ? $"'{answer?.Status ?? "nothing"}'" : wire.Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string id = job is null ? "" : $" Job {job.Id}.";
        ApiError fault = faults.Make(meaning.ErrorId, $"ModelsLab answered {status} to {Purpose(call)}{(said.Length == 0 ? "" : ": " + said.TrimEnd('.'))}.{id}", wire);
        return (fault with
        {
            IsTransient = meaning.IsTransient,
            IsVerdict = IsAboutJob(call) && !isPending && answer is not null && (answer.IsJobFailure || IsAboutIt(meaning)),
            RequestId = job?.Id ?? answer?.Id,
            RetryAfter = wire.RetryAfter ?? answer?.RetryAfter,
            RecommendedAction = meaning.Advice,
        }).ToException();
    }

    private static bool IsAboutJob(ApiRequest call) => call.Kind is CallKind.Status or CallKind.Result;

    /// <summary>Whether a failure says something about the job that was asked for, and not about the asking, the key, the account or the pace.</summary>
    private static bool IsAboutIt(ModelsLabErrorClass meaning) => !meaning.IsTransient && meaning.ErrorId is not
        (InpaintErrorId.AuthenticationFailed or InpaintErrorId.AccountLocked or InpaintErrorId.QuotaExceeded or InpaintErrorId.RateLimited or InpaintErrorId.JobNotFound or InpaintErrorId.ResponseInvalid);

    // Credits, balances and plans that have come to their end, in whatever words; a rate limit that is exceeded is another matter, and so is a plan that has never had the feature.
    private static bool IsUsedUp(string text) => UsedUp().IsMatch(text) && !text.Contains("rate limit", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(
        @"\b(insufficient|enough|no|out of|low|zero|more)\s+(\w+\s+)?(credits?|balance|funds|quota)\b"
        + @"|\b(credits?|balance|quota|plan|subscription|trial|membership|((monthly|daily|weekly|usage|api|calls?|images?|generations?|requests?)\s+limit))\b[^.;]*\b(exceeded|exhausted|used up|expired|ended|consumed|reached|depleted|finished|is over|inactive|is low)\b"
        + @"|\b(exceeded|exhausted|used up|reached|consumed)\b[^.;]*\b(credits?|balance|quota|subscription|trial|monthly|daily)\b"
        + @"|\b(no|without|expired|inactive|renew|upgrade|buy|purchase)\s+(\w+\s+)?(active\s+)?(subscription|credits?|membership)\b",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex UsedUp();

    private static string Purpose(ApiRequest call) => call.Kind switch
    {
        CallKind.Submit => "the job",
        CallKind.Upload => "the upload",
        CallKind.Download => "the download",
        _ => "the question for it",
    };
}
