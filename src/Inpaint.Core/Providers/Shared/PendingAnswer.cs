using System.Text.Json;
using System.Text.RegularExpressions;
using Inpaint.Http;

namespace Inpaint.Providers.Shared;

/// <summary>Recognises the answers by which services say that a job is not finished where its result was asked for. Each has its own status code and words for that.</summary>
internal static partial class PendingAnswer
{
    /// <summary>Whether an answer says "not yet".</summary>
    /// <param name="status">Its HTTP status.</param>
    /// <param name="root">Its document; the default when it is none.</param>
    /// <returns>True when it does.</returns>
    public static bool Is(int status, JsonElement root)
    {
        if (status is 202 or 409 or 425 || root.Text("status")?.ToUpperInvariant() is "IN_QUEUE" or "IN_PROGRESS" or "QUEUED" or "PENDING" or "PROCESSING" or "RUNNING")
        {
            return true;
        }

        return Is(status, JsonReading.Reason(root));
    }

    /// <summary>Whether a failure's words say "not yet".</summary>
    /// <param name="status">Its HTTP status.</param>
    /// <param name="reason">What the service says; null for nothing.</param>
    /// <returns>True when they do.</returns>
    public static bool Is(int status, string? reason) => status is < 500 and not (401 or 402 or 403 or 422 or 429) && reason is not null && Words().IsMatch(reason);

    [GeneratedRegex(@"\b(still|currently|already)\s+(being\s+)?(in[ _-]?(progress|queue)|running|processing|processed|queued|pending|generating)|\bnot\s+(yet\s+|been\s+)*(complete|completed|finished|ready|done)\b|\b(in[ _]progress|in[ _]queue|not started)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Words();
}
