namespace Inpaint.Providers.Fal;

/// <summary>What a job keeps of fal's own, under fal's names.</summary>
internal static class FalJobData
{
    /// <summary>Where its status is.</summary>
    public const string StatusUrl = "status_url";

    /// <summary>Where its result is.</summary>
    public const string ResponseUrl = "response_url";

    /// <summary>Where it is cancelled.</summary>
    public const string CancelUrl = "cancel_url";

    /// <summary>Present (with the value <c>1</c>) when it was run directly, so that fal has nothing to ask about afterwards.</summary>
    public const string IsDirect = "direct";
}
