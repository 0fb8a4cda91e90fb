using System.Text.Json;
using System.Text.RegularExpressions;
using Inpaint.Http;

namespace Inpaint.Providers.Shared;

/// <summary>Recognises responses that say that a job is not finished when its result is fetched. Every service has its own status code and wording.</summary>
internal static partial class PendingResponse
{
    /// <summary>Whether a response says "not yet".</summary>
    /// <param name="status">Its HTTP status.</param>
    /// <param name="root">Its document; default when it is not JSON.</param>
    public static bool Is(int status, JsonElement root)
    {
        if (status is 202 or 409 or 425 || root.Text("status")?.ToUpperInvariant() is "IN_QUEUE" or "IN_PROGRESS" or "QUEUED" or "PENDING" or "PROCESSING" or "RUNNING")
        {
            return true;
        }

        return Is(status, JsonReading.Reason(root));
    }

    /// <summary>Whether a failure's wording says "not yet".</summary>
    public static bool Is(int status, string? reason) => status is < 500 and not (401 or 402 or 403 or 422 or 429) && reason is not null && Words().IsMatch(reason);

    [GeneratedRegex(@"\b(still|currently|already)\s+(being\s+)?(in[ _-]?(progress|queue)|running|processing|processed|queued|pending|generating)|\bnot\s+(yet\s+|been\s+)*(complete|completed|finished|ready|done)\b|\b(in[ _]progress|in[ _]queue|not started)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Words();
}

/// <summary>Reads the flags of the safety checker. They have two names, and are one flag for all pictures or one for each.</summary>
internal static class FlagsReader
{
    private static readonly string[] Names = ["has_nsfw_concepts", "nsfw_content_detected"];

    /// <summary>Whether a picture is flagged.</summary>
    /// <param name="output">The document.</param>
    /// <param name="index">The picture's index in the document's list, including missing ones.</param>
    /// <returns>True when either field flags it.</returns>
    public static bool IsFlagged(JsonElement output, int index) => Array.Exists(Names, name => output.Member(name) switch
    {
        { ValueKind: JsonValueKind.Array } flags => index < flags.GetArrayLength() && IsTrue(flags[index]),
        { } flag => IsTrue(flag),
        _ => false,
    });

    private static bool IsTrue(JsonElement flag) => flag.ValueKind == JsonValueKind.True
        || (flag.ValueKind == JsonValueKind.String && string.Equals(JsonReading.Text(flag), "true", StringComparison.OrdinalIgnoreCase));
}

/// <summary>The meaning of a service's failure in the vocabulary of errors.</summary>
/// <param name="ErrorId">The failure.</param>
/// <param name="IsTransient">Whether the same call may succeed later.</param>
internal sealed record ErrorClass(InpaintErrorId ErrorId, bool IsTransient = false)
{
    /// <summary>The translation of a message in another language; null for none.</summary>
    public string? Translation { get; init; }

    /// <summary>What to do next; null for the default advice.</summary>
    public string? Advice { get; init; }

    /// <summary>Classifies an HTTP status that means the same for every service.</summary>
    /// <param name="kind">The kind of call.</param>
    /// <param name="status">The status.</param>
    /// <param name="isForeign">Whether the response is not the service's own, such as the login page of a proxy.</param>
    /// <returns>The class; null where it depends on the service.</returns>
    public static ErrorClass? OfStatus(CallKind kind, int status, bool isForeign) => status switch
    {
        // A proxy does not know whether the key is valid.
        401 or 403 when isForeign && kind.IsAboutJob() => new(InpaintErrorId.ResponseInvalid),
        401 => new(InpaintErrorId.AuthenticationFailed),
        402 => new(InpaintErrorId.QuotaExceeded),
        403 => new(InpaintErrorId.AccountLocked),
        413 => new(InpaintErrorId.ImageTooLarge),
        429 => new(InpaintErrorId.RateLimited, IsTransient: true),
        _ => null,
    };
}

/// <summary>What failed calls of all services have in common.</summary>
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

    /// <summary>Makes the exception for a submit that was not accepted. A response of something in between, such as a proxy, does not prove that no job was created, unless the request was not
    /// passed on.</summary>
    /// <param name="apiErrors">Builds errors.</param>
    /// <param name="response">The response, not a success.</param>
    /// <param name="isOwn">Whether the response is the service's own.</param>
    /// <param name="refusal">Makes the exception for a clear refusal.</param>
    /// <returns>The exception.</returns>
    public static InpaintException NotAccepted(this ApiErrors apiErrors, ApiResponse response, bool isOwn, Func<InpaintException> refusal) =>
        isOwn || response.Status is (< 500 and not 408) or 503
            ? refusal()
            : apiErrors.Uncertain($"The request was sent, and the response was {response.Status} ({(response.IsHtml() ? "an HTML page, not the service's own response" : apiErrors.Excerpt(response))})", response);
}
