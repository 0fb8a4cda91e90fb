using System.Text.Json;
using Inpaint.Http;

namespace Inpaint.Providers.Shared;

/// <summary>Reads what a safety checker says. Services and models have two names for it, each with one word for all pictures or one for each.</summary>
internal static class FlagsReader
{
    private static readonly string[] Names = ["has_nsfw_concepts", "nsfw_content_detected"];

    /// <summary>Whether a picture is flagged.</summary>
    /// <param name="output">The document.</param>
    /// <param name="index">The picture's position in the document's list, those counted that are missing.</param>
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
