using System.Text.Json;
using System.Text.RegularExpressions;
using Inpaint.Http;

namespace Inpaint.Providers.Shared;

/// <summary>Recognises the responses by which services say that a job is not finished when its result is fetched. Each has its own status code and words for that.</summary>
internal static partial class PendingAnswer
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
