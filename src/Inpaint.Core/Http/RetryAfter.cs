using System.Globalization;

namespace Inpaint.Http;

/// <summary>Reads how long a service asks to wait. What it says is bounded and never trusted to be well-formed.</summary>
internal static class RetryAfter
{
    /// <summary>The longest wait that is told on; more is cut to it.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromDays(1);

    /// <summary>Reads the value of a <c>Retry-After</c> header (RFC 9110, section 10.2.3), also with fractions of a second, which some services send.</summary>
    /// <param name="text">Seconds or an HTTP date.</param>
    /// <param name="now">The time that a date is measured from.</param>
    /// <returns>The wait, from zero to <see cref="Max"/>; null when the text says nothing that can be understood.</returns>
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

    /// <summary>Bounds a wait that a body's field names in seconds.</summary>
    /// <param name="seconds">The seconds.</param>
    /// <returns>The wait, from zero to <see cref="Max"/>; null for a figure that is none.</returns>
    public static TimeSpan? FromSeconds(double seconds) => double.IsFinite(seconds)
        ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, Max.TotalSeconds))
        : null;

    /// <summary>Finds the longer of two waits, where a service names one in a header and another in the body, or has a shortest one of its own.</summary>
    /// <param name="one">A wait, or null.</param>
    /// <param name="other">Another, or null.</param>
    /// <returns>The longer; null when there is none.</returns>
    public static TimeSpan? Longer(TimeSpan? one, TimeSpan? other) => one is null || other > one ? other : one;

    private static TimeSpan Bound(TimeSpan wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Max ? Max : wait;
}
