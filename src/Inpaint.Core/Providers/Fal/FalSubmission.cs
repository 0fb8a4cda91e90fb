namespace Inpaint.Providers.Fal;

/// <summary>A job in fal's form.</summary>
/// <param name="Model">The model's id.</param>
/// <param name="Target">Where it goes.</param>
/// <param name="Body">The input, UTF-8.</param>
/// <param name="Headers">What fal wants to know beside the input.</param>
/// <param name="IsDirect">Whether the answer brings the output itself.</param>
internal sealed record FalSubmission(string Model, Uri Target, ReadOnlyMemory<byte> Body, IReadOnlyList<KeyValuePair<string, string>> Headers, bool IsDirect) : PreparedSubmission
{
    /// <summary>Whether the answer brings intermediate pictures before the output.</summary>
    public bool IsStreamed { get; init; }
}
