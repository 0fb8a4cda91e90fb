using System.Globalization;

namespace Inpaint.Http;

/// <summary>How often a kind of call is tried, and how long it may take.</summary>
/// <param name="Attempts">The largest number of attempts.</param>
/// <param name="AttemptTimeout">How long one attempt may take, reading the body included.</param>
/// <param name="TotalTimeout">How long all attempts and the pauses between them may take together; takes precedence over the other limits.</param>
internal sealed record CallLimits(int Attempts, TimeSpan AttemptTimeout, TimeSpan TotalTimeout)
{
    /// <summary>The default limits of a call kind.</summary>
    public static CallLimits For(CallKind kind) => kind switch
    {
        CallKind.Submit => new(4, TimeSpan.FromSeconds(100), TimeSpan.FromMinutes(5)),
        CallKind.Run => new(4, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(15)),
        CallKind.Status => new(6, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(4)),
        CallKind.Stream => new(1, TimeSpan.FromSeconds(30), TimeSpan.FromHours(12)),
        CallKind.Result => new(5, TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(5)),
        CallKind.Cancel => new(4, TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(1)),
        CallKind.Upload => new(4, TimeSpan.FromSeconds(60), TimeSpan.FromHours(2)),
        CallKind.Lookup => new(2, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(15)),
        CallKind.Download => new(6, TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(30)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, message: null),
    };
}

/// <summary>Retry and timeout settings of all calls.</summary>
internal sealed record ResilienceOptions
{
    /// <summary>The first pause between attempts; it doubles each time, with jitter.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause that the backoff reaches by itself.</summary>
    public TimeSpan MaximumDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest <c>Retry-After</c> that is honoured; a call that would have to wait longer fails at once.</summary>
    public TimeSpan MaximumRetryAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an event stream or a download may go without data before it is given up.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The limits of each kind of call.</summary>
    public Func<CallKind, CallLimits> Limits { get; init; } = CallLimits.For;
}

/// <summary>
/// What the caller of an operation wants of every API call that it takes: how often to retry, and to be told of pauses. API clients are shared by all jobs of a
/// process, so the context flows with the asynchronous work instead, as an <see cref="System.Diagnostics.Activity"/> does.
/// </summary>
/// <param name="Retry">The caller's retry limits; null for the defaults.</param>
/// <param name="OnPause">Receives a phrase about each pause before it begins; null for nobody.</param>
internal sealed record CallContext(RetryLimits? Retry, Action<string>? OnPause)
{
    /// <summary>Whether the caller waits for capacity itself, and is to learn of a refused submit (429) at once.</summary>
    public bool WaitsForCapacity { get; init; }

    private static readonly AsyncLocal<CallContext?> Ambient = new();

    private static readonly TimeSpan Noticeable = TimeSpan.FromMilliseconds(100);

    /// <summary>The context of the current asynchronous flow. A value set in an asynchronous method holds for it and what it calls, and ends with it.</summary>
    public static CallContext? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>Tells the caller of a pause that is long enough to be noticed.</summary>
    public static void ReportPause(string reason, TimeSpan pause)
    {
        if (pause >= Noticeable)
        {
            Current?.OnPause?.Invoke(FormattableString.Invariant($"{reason}, waiting {pause.TotalSeconds:0.#} s"));
        }
    }
}

/// <summary>The outcome of one attempt at a call.</summary>
internal abstract record Attempt
{
    /// <summary>What went wrong; null when a response came.</summary>
    public Exception? Failure { get; init; }

    /// <summary>Whether the call may be sent again.</summary>
    public bool MayRepeat { get; init; }

    /// <summary>How long the service asked to wait before that.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The HTTP status of the response; null when none came.</summary>
    public int? Status { get; init; }
}

/// <summary>Retries with exponential backoff and jitter, as long as the last attempt allows it and the total timeout has not passed.</summary>
internal sealed class RetryPolicy(ResilienceOptions options, TimeProvider time)
{
    /// <summary>Runs a call.</summary>
    /// <typeparam name="T">The type of attempt.</typeparam>
    /// <param name="kind">What the call is for.</param>
    /// <param name="attempt">Makes one attempt. It returns failures instead of throwing them, and throws only when its token is cancelled before it has begun, or when the caller has cancelled.</param>
    /// <returns>The last attempt; null when the total timeout passed before the first one ended.</returns>
    public async Task<T?> RunAsync<T>(CallKind kind, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
        where T : Attempt
    {
        RetryLimits? chosen = CallContext.Current?.Retry;
        CallLimits limits = options.Limits(kind);
        int retries = chosen?.MaximumCount ?? limits.Attempts - 1;
        using CancellationTokenSource total = new(limits.TotalTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, total.Token);
        T? last = null;
        try
        {
            for (int failures = 0; ; failures++)
            {
                last = await attempt(either.Token).ConfigureAwait(false);
                if (!last.MayRepeat || failures == retries || last.RetryAfter > options.MaximumRetryAfter || total.IsCancellationRequested)
                {
                    return last;
                }

                TimeSpan pause = last.RetryAfter ?? chosen?.Interval ?? BackOff(failures);
                CallContext.ReportPause(ReasonOf(last), pause);
                await Task.Delay(pause, time, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (total.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The timeout passed during a pause: the last attempt holds the reason.
            return last;
        }
    }

    // The jitter keeps calls that failed together from being repeated together.
    private TimeSpan BackOff(int failures)
    {
        TimeSpan pause = options.BaseDelay * (Math.Pow(2, failures) * (0.4 + (0.3 * Random.Shared.NextDouble())));
        return pause < options.MaximumDelay ? pause : options.MaximumDelay;
    }

    private static string ReasonOf(Attempt attempt) => attempt switch
    {
        { Status: 429 } => "rate limited",
        { Status: int status } => $"status {status}",
        _ => ApiErrors.Reason(attempt.Failure),
    };
}

/// <summary>Holds back all calls to a service that has asked one of them to wait: rate limits count per account, so that each call running into them again would only prolong them.</summary>
internal sealed class RateGate(TimeProvider time)
{
    private readonly Lock gate = new();
    private DateTimeOffset opensAt = DateTimeOffset.MinValue;

    /// <summary>How long the gate stays closed; not positive while it is open.</summary>
    public TimeSpan Remaining
    {
        get
        {
            lock (gate)
            {
                return opensAt - time.GetUtcNow();
            }
        }
    }

    /// <summary>Closes the gate; a pause that is already longer stays.</summary>
    public void CloseFor(TimeSpan pause)
    {
        DateTimeOffset until = time.GetUtcNow() + pause;
        lock (gate)
        {
            opensAt = until > opensAt ? until : opensAt;
        }
    }

    /// <summary>Waits until the gate is open.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (Remaining is { Ticks: > 0 } pause)
        {
            CallContext.ReportPause("rate limited", pause);

            // Timers know whole milliseconds only; rounded down, the last of them would be spent in a busy loop.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(pause.TotalMilliseconds)), time, cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>Parses how long a service asks to wait. The input is not trusted to be well-formed, and the result is bounded.</summary>
internal static class RetryAfter
{
    /// <summary>The longest wait that is returned.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromDays(1);

    /// <summary>Reads the value of a <c>Retry-After</c> header (RFC 9110, section 10.2.3), in seconds or as an HTTP date, and also with fractions of a second, which some services send. Null when it cannot be understood.</summary>
    public static TimeSpan? Parse(string? text, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > 64)
        {
            return null;
        }

        string trimmed = text.Trim();
        if (double.TryParse(trimmed, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out double seconds))
        {
            return FromSeconds(seconds);
        }

        return DateTimeOffset.TryParse(trimmed, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out DateTimeOffset date)
            && trimmed.Length > 0 && char.IsLetter(trimmed[0])
            ? Bound(date - now)
            : null;
    }

    /// <summary>Bounds a wait that a response body states in seconds; null for a value that is not finite.</summary>
    public static TimeSpan? FromSeconds(double seconds) => double.IsFinite(seconds)
        ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, Max.TotalSeconds))
        : null;

    /// <summary>The longer of two waits, where a service states one in a header and another in the body.</summary>
    public static TimeSpan? Longer(TimeSpan? one, TimeSpan? other) => one is null || other > one ? other : one;

    private static TimeSpan Bound(TimeSpan wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Max ? Max : wait;
}
