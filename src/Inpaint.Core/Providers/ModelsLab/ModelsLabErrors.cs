using System.Text.RegularExpressions;
using Inpaint.Http;
using Inpaint.Providers.Shared;

namespace Inpaint.Providers.ModelsLab;

/// <summary>
/// Turns ModelsLab's errors into exceptions. They have no codes, and HTTP 200 as often as not, so the HTTP status decides where it means something and the
/// documented wordings (docs.modelslab.com, "Errors") where it does not.
/// </summary>
internal sealed partial class ModelsLabErrors(ApiErrors apiErrors, ModelsLabEndpoints endpoints)
{
    private const string DuplicateAdvice =
        "Look for the first request among the jobs. To send the same request again, wait 30 seconds; to get a different picture, set another Seed.";

    private static readonly (string Words, ErrorClass Meaning)[] Wordings =
    [
        ("same request multiple times", new(InpaintErrorId.RateLimited) { Advice = DuplicateAdvice }),
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
    public static bool IsDuplicate(string text) => text.Contains(Wordings[0].Words, StringComparison.OrdinalIgnoreCase);

    /// <summary>Finds what a failure means.</summary>
    /// <param name="httpStatus">The HTTP status, which may be 200.</param>
    /// <param name="reply">What the service says; null when it is not JSON.</param>
    /// <returns>The class.</returns>
    public static ErrorClass Classify(ApiRequest call, int httpStatus, ModelsLabReply? reply)
    {
        string text = reply?.Text ?? "";
        if (IsDuplicate(text))
        {
            return Wordings[0].Meaning;
        }

        bool isAboutJob = call.Kind.IsAboutJob();
        ErrorClass? byStatus = httpStatus switch
        {
            403 when IsUsedUp(text) => new(InpaintErrorId.QuotaExceeded),
            404 when isAboutJob && reply is not null => new(InpaintErrorId.JobNotFound),
            >= 500 when reply?.IsJobFailure != true => new(InpaintErrorId.ProviderUnavailable, true),
            _ => ErrorClass.OfStatus(call.Kind, httpStatus, isForeign: reply is null),
        };
        if (byStatus is not null)
        {
            return byStatus;
        }

        if (isAboutJob && reply?.IsJobFailure != true && (text.Contains("request id", StringComparison.OrdinalIgnoreCase) || text.Contains("request not found", StringComparison.OrdinalIgnoreCase)))
        {
            return new(InpaintErrorId.JobNotFound);
        }

        if (IsUsedUp(text))
        {
            return new(InpaintErrorId.QuotaExceeded);
        }

        foreach ((string words, ErrorClass meaning) in Wordings)
        {
            if (text.Contains(words, StringComparison.OrdinalIgnoreCase))
            {
                return meaning;
            }
        }

        return httpStatus switch
        {
            >= 400 and < 500 when reply is null => new(InpaintErrorId.ResponseInvalid),
            >= 400 and < 500 when !reply.IsJobFailure => new(InpaintErrorId.InvalidParameter),
            _ => new(InpaintErrorId.JobFailed),
        };
    }

    /// <summary>Makes the exception for a failure.</summary>
    /// <param name="response">The response.</param>
    /// <param name="reply">What it says; null when it is not JSON.</param>
    /// <param name="job">The job that the call was about, if any.</param>
    /// <returns>The exception.</returns>
    public InpaintException ToException(ApiRequest call, ApiResponse response, ModelsLabReply? reply, InpaintJob? job = null)
    {
        bool isPending = call.Kind.IsAboutJob() && reply is { IsJobFailure: false } && PendingResponse.Is(response.Status, reply.Text);
        ErrorClass meaning = isPending ? new(InpaintErrorId.ResponseInvalid, true) : Classify(call, response.Status, reply);
        bool isUnknownUrl = response.Status is 404 or 405 && !call.Kind.IsAboutJob() && reply is not { Status: not null };
        meaning = isUnknownUrl ? new(InpaintErrorId.InvalidParameter) : meaning;
        string said = isUnknownUrl ? endpoints.DescribeUnknown(response.Uri) : reply is null ? apiErrors.Excerpt(response) : reply.Text;
        string status = response.IsSuccess ? $"'{reply?.Status ?? "nothing"}'" : response.Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string id = job is null ? "" : $" Job {job.Id}.";
        ApiError fault = apiErrors.Make(meaning.ErrorId, $"ModelsLab returned {status} for {call.Kind.Purpose()}{(said.Length == 0 ? "" : ": " + said.TrimEnd('.'))}.{id}", response);
        return (fault with
        {
            Parameter = isUnknownUrl ? nameof(InpaintProvider.BaseUri) : null,
            IsTransient = meaning.IsTransient,
            IsVerdict = call.Kind.IsAboutJob() && !isPending && reply is not null && (reply.IsJobFailure || ConcernsJob(meaning)),
            RequestId = job?.Id ?? reply?.Id,
            RetryAfter = response.RetryAfter ?? reply?.RetryAfter,
            RecommendedAction = meaning.Advice,
        }).ToException();
    }

    /// <summary>Whether a failure concerns the job itself, and not the call, the key, the account or the rate limit.</summary>
    private static bool ConcernsJob(ErrorClass meaning) => !meaning.IsTransient && meaning.ErrorId is not
        (InpaintErrorId.AuthenticationFailed or InpaintErrorId.AccountLocked or InpaintErrorId.QuotaExceeded or InpaintErrorId.RateLimited or InpaintErrorId.JobNotFound or InpaintErrorId.ResponseInvalid);

    // Credits, balances and plans that are used up, in whatever words; exceeding a rate limit is another matter, and so is a plan without the feature.
    private static bool IsUsedUp(string text) => UsedUp().IsMatch(text) && !text.Contains("rate limit", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(
        @"\b(insufficient|enough|no|out of|low|zero|more)\s+(\w+\s+)?(credits?|balance|funds|quota)\b"
        + @"|\b(credits?|balance|quota|plan|subscription|trial|membership|((monthly|daily|weekly|usage|api|calls?|images?|generations?|requests?)\s+limit))\b[^.;]*\b(exceeded|exhausted|used up|expired|ended|consumed|reached|depleted|finished|is over|inactive|is low)\b"
        + @"|\b(exceeded|exhausted|used up|reached|consumed)\b[^.;]*\b(credits?|balance|quota|subscription|trial|monthly|daily)\b"
        + @"|\b(no|without|expired|inactive|renew|upgrade|buy|purchase)\s+(\w+\s+)?(active\s+)?(subscription|credits?|membership)\b",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex UsedUp();
}
