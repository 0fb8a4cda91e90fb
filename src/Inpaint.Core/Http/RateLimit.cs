using System.Globalization;

namespace Inpaint.Http;

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
