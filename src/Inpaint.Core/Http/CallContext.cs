namespace Inpaint.Http;

/// <summary>
/// What whoever asked for something wants of all calls that it takes: to be told of pauses, and how often to repeat them. Clients are shared by all jobs of a process,
/// so this does not belong to them; it flows with the asynchronous work, as an <see cref="System.Diagnostics.Activity"/> does.
/// </summary>
/// <param name="Retry">How often to repeat a call; null for the usual way.</param>
/// <param name="Tell">Told of each pause before it begins, as a phrase for a person; null for nobody.</param>
internal sealed record CallContext(RetryLimits? Retry, Action<string>? Tell)
{
    private static readonly AsyncLocal<CallContext?> Ambient = new();

    private static readonly TimeSpan Noticeable = TimeSpan.FromMilliseconds(100);

    /// <summary>The context of the present work. What an asynchronous method sets holds for it and all that it calls, and ends with it.</summary>
    public static CallContext? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>Tells of a pause.</summary>
    /// <param name="reason">Why, as a phrase.</param>
    /// <param name="pause">How long.</param>
    public static void TellOfPause(string reason, TimeSpan pause)
    {
        if (pause >= Noticeable)
        {
            Current?.Tell?.Invoke(FormattableString.Invariant($"{reason}, waiting {pause.TotalSeconds:0.#} s"));
        }
    }
}
