using System.Globalization;

namespace Inpaint;

/// <summary>An amount of money and where the figure comes from.</summary>
/// <param name="Amount">The amount.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="IsEstimate">True when computed here from list prices, false when the provider named the billed units.</param>
public sealed record InpaintCost(decimal Amount, string Currency = "USD", bool IsEstimate = true)
{
    /// <summary>How much less this is than for the whole picture, when only a part of it was sent (<c>-CropToMask</c>); null when nothing is known to be saved.</summary>
    public decimal? Saved { get; init; }

    /// <summary>When the provider stated the price that this is computed with; null for a built-in list price, and for a figure of the provider's own.</summary>
    public DateTimeOffset? PriceStatedAt { get; init; }

    /// <summary>The same cost, with what it saves against another.</summary>
    /// <param name="other">What would have been paid otherwise; null when not known.</param>
    internal InpaintCost InPlaceOf(InpaintCost? other) =>
        other is not null && other.Currency == Currency && other.Amount > Amount ? this with { Saved = other.Amount - Amount } : this with { Saved = null };

    /// <summary>The cost that was named later than an estimate, with what is saved by now.</summary>
    /// <param name="estimate">The estimate.</param>
    internal InpaintCost InsteadOf(InpaintCost? estimate) =>
        estimate is { Saved: decimal saved } ? InPlaceOf(estimate with { Amount = estimate.Amount + saved }) : this;

    /// <inheritdoc/>
    public override string ToString()
    {
        // Three decimals show a single picture's price; more appear only where rounding would print zero.
        string figure = Amount is > 0 and < 0.0005m
            ? Amount.ToString("0.######", CultureInfo.InvariantCulture)
            : Amount.ToString(Amount >= 1 ? "0.00" : "0.000", CultureInfo.InvariantCulture);
        return InCurrency(figure);
    }

    /// <summary>The amount with all its decimals: a unit's price is not rounded.</summary>
    internal string ToExactString() => InCurrency(Amount.ToString("0.############", CultureInfo.InvariantCulture));

    private string InCurrency(string figure) => string.Equals(Currency, "USD", StringComparison.Ordinal) ? "$" + figure : $"{figure} {Currency}";
}
