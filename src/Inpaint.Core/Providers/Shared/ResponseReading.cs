using System.Text.Json;
using System.Text.RegularExpressions;
using Inpaint.Http;

namespace Inpaint.Providers.Shared;

/// <summary>Recognises the responses by which services say that a job is not finished when its result is fetched. Each has its own status code and words for that.</summary>
internal static partial class PendingResponse
{
    /// <summary>Whether a response says "not yet".</summary>
    /// <param name="status">Its HTTP status.</param>
    /// <param name="root">Its document; the default when it is none.</param>
    public static bool Is(int status, JsonElement root)
    {
        if (status is 202 or 409 or 425 || root.Text("status")?.ToUpperInvariant() is "IN_QUEUE" or "IN_PROGRESS" or "QUEUED" or "PENDING" or "PROCESSING" or "RUNNING")
        {
            return true;
        }

        return Is(status, JsonReading.Reason(root));
    }

    /// <summary>Whether a failure's words say "not yet".</summary>
    public static bool Is(int status, string? reason) => status is < 500 and not (401 or 402 or 403 or 422 or 429) && reason is not null && Words().IsMatch(reason);

    [GeneratedRegex(@"\b(still|currently|already)\s+(being\s+)?(in[ _-]?(progress|queue)|running|processing|processed|queued|pending|generating)|\bnot\s+(yet\s+|been\s+)*(complete|completed|finished|ready|done)\b|\b(in[ _]progress|in[ _]queue|not started)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Words();
}

/// <summary>Reads the safety checker's flags. Services and models have two names for them, each with one flag for all pictures or one for each.</summary>
internal static class FlagsReader
{
    private static readonly string[] Names = ["has_nsfw_concepts", "nsfw_content_detected"];

    /// <summary>Whether a picture is flagged.</summary>
    /// <param name="output">The document.</param>
    /// <param name="index">The picture's position in the document's list, missing ones included.</param>
    /// <returns>True when either name says so.</returns>
    public static bool IsFlagged(JsonElement output, int index) => Names.Any(name => output.Member(name) switch
    {
        { ValueKind: JsonValueKind.Array } flags => index < flags.GetArrayLength() && IsTrue(flags[index]),
        { } flag => IsTrue(flag),
        _ => false,
    });

    private static bool IsTrue(JsonElement flag) => flag.ValueKind == JsonValueKind.True
        || (flag.ValueKind == JsonValueKind.String && string.Equals(JsonReading.Text(flag), "true", StringComparison.OrdinalIgnoreCase));
}

/// <summary>What a failure that a service reports means in the vocabulary of errors.</summary>
/// <param name="ErrorId">The failure.</param>
/// <param name="IsTransient">Whether the same call may succeed later.</param>
internal sealed record ErrorClass(InpaintErrorId ErrorId, bool IsTransient = false)
{
    /// <summary>What a message in another language says in English; null where it needs no translation.</summary>
    public string? Translation { get; init; }

    /// <summary>What to do next; null for the failure's own advice.</summary>
    public string? Advice { get; init; }

    /// <summary>What an HTTP status means with every service.</summary>
    /// <param name="kind">What the call was for.</param>
    /// <param name="status">The status.</param>
    /// <param name="isForeign">Whether the response is not in the service's own form, such as the login page of a proxy.</param>
    /// <returns>The class; null where it depends on the service.</returns>
    public static ErrorClass? OfStatus(CallKind kind, int status, bool isForeign) => status switch
    {
        // Whoever stands between does not know whether the job's key is good.
        401 or 403 when isForeign && kind.IsAboutJob() => new(InpaintErrorId.ResponseInvalid),
        401 => new(InpaintErrorId.AuthenticationFailed),
        402 => new(InpaintErrorId.QuotaExceeded),
        403 => new(InpaintErrorId.AccountLocked),
        413 => new(InpaintErrorId.ImageTooLarge),
        429 => new(InpaintErrorId.RateLimited, IsTransient: true),
        _ => null,
    };
}

/// <summary>What all services have in common when a call fails.</summary>
internal static class FailedCalls
{
    /// <summary>Whether a call is about a job that exists, so that its failure may be the job's own.</summary>
    public static bool IsAboutJob(this CallKind kind) => kind is CallKind.Status or CallKind.Stream or CallKind.Result or CallKind.Cancel;

    /// <summary>What a call was for, as in "fal returned 422 for the result".</summary>
    public static string Purpose(this CallKind kind) => kind switch
    {
        CallKind.Submit or CallKind.Run => "the job",
        CallKind.Status or CallKind.Stream => "the status",
        CallKind.Result => "the result",
        CallKind.Cancel => "the cancellation",
        CallKind.Upload => "the upload",
        CallKind.Download => "the download",
        CallKind.Lookup => "its models",
        _ => "the call",
    };

    /// <summary>Makes the exception for a submit that was not accepted. What stands between, such as a proxy, cannot say that no job was made, unless it did not pass the request on.</summary>
    /// <param name="apiErrors">Makes exceptions.</param>
    /// <param name="response">The response, of a status that is no success.</param>
    /// <param name="isOwn">Whether the service itself says so.</param>
    /// <param name="refusal">Makes the exception for a response that is clear.</param>
    /// <returns>The exception.</returns>
    public static InpaintException NotAccepted(this ApiErrors apiErrors, ApiResponse response, bool isOwn, Func<InpaintException> refusal) =>
        isOwn || response.Status is (< 500 and not 408) or 503
            ? refusal()
            : apiErrors.Uncertain($"The request was sent, and {response.Status} came back ({(response.IsHtml() ? "an HTML page, not the service's own response" : apiErrors.Excerpt(response))})", response);
}
