namespace Inpaint.Http;

/// <summary>How patient a kind of call is.</summary>
/// <param name="Attempts">How often it is sent at most.</param>
/// <param name="AttemptTimeout">How long one attempt may take, the reading of its body included.</param>
/// <param name="TotalTimeout">How long all attempts and the pauses between them may take together; always wins.</param>
internal sealed record CallLimits(int Attempts, TimeSpan AttemptTimeout, TimeSpan TotalTimeout)
{
    /// <summary>The limits of a kind when nothing else is said.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>Its limits.</returns>
    public static CallLimits For(CallKind kind) => kind switch
    {
        CallKind.Submit => new(4, TimeSpan.FromSeconds(100), TimeSpan.FromMinutes(5)),
        CallKind.Run => new(4, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(15)),
        CallKind.Status => new(6, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(4)),
        CallKind.Stream => new(1, TimeSpan.FromSeconds(30), TimeSpan.FromHours(12)),
        CallKind.Result => new(5, TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(5)),
        CallKind.Cancel => new(4, TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(1)),
        CallKind.Lookup => new(2, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(15)),
        CallKind.Upload => new(4, TimeSpan.FromSeconds(60), TimeSpan.FromHours(2)),
        CallKind.Download => new(6, TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(30)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, message: null),
    };
}

/// <summary>How calls are repeated and how long they may take.</summary>
internal sealed record ResilienceOptions
{
    /// <summary>The first pause between attempts; it doubles each time and is jittered.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause that is made without being asked for one.</summary>
    public TimeSpan MaximumDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause that a service may ask for; a call that would have to wait longer fails at once and says so.</summary>
    public TimeSpan MaximumRetryAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a stream of events or a download may be silent before it counts as dead.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The limits of each kind of call.</summary>
    public Func<CallKind, CallLimits> Limits { get; init; } = CallLimits.For;
}
