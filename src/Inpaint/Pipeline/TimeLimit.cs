namespace Inpaint.Pipeline;

/// <summary>How -TimeoutSec is read, in the way of Invoke-WebRequest: 0 means no limit.</summary>
internal static class TimeLimit
{
    /// <summary>The longest limit that a timer of the platform takes, in seconds: about 49 days.</summary>
    public const int MaximumSeconds = 4_294_967;

    /// <summary>Turns seconds into a limit.</summary>
    /// <param name="seconds">Seconds; 0 for no limit.</param>
    /// <returns>The limit; null for none.</returns>
    public static TimeSpan? FromSeconds(int seconds) => seconds == 0 ? null : TimeSpan.FromSeconds(seconds);
}
