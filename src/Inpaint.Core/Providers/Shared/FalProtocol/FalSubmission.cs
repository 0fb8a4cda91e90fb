namespace Inpaint.Providers.Shared.FalProtocol;

/// <summary>A job in fal's form.</summary>
/// <param name="Model">The model's id.</param>
/// <param name="Target">The URL to which it is submitted.</param>
/// <param name="Body">The input.</param>
/// <param name="Headers">fal's settings around the input.</param>
/// <param name="IsDirect">Whether the response brings the output itself.</param>
internal sealed record FalSubmission(string Model, Uri Target, JsonBody Body, IReadOnlyList<KeyValuePair<string, string>> Headers, bool IsDirect) : PreparedSubmission
{
    /// <summary>Whether the response brings intermediate pictures before the output.</summary>
    public bool IsStreamed { get; init; }
}

/// <summary>What a job keeps of fal's own, under fal's names.</summary>
internal static class FalJobData
{
    /// <summary>The URL of its status.</summary>
    public const string StatusUrl = "status_url";

    /// <summary>The URL of its result.</summary>
    public const string ResponseUrl = "response_url";

    /// <summary>The URL that cancels it.</summary>
    public const string CancelUrl = "cancel_url";

    /// <summary>Present (with the value <c>1</c>) when it was run directly, so that fal has no status and no result of it afterwards.</summary>
    public const string IsDirect = "direct";
}
