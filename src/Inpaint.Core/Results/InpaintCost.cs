using System.Globalization;

namespace Inpaint;

/// <summary>An amount of money and where the figure comes from.</summary>
/// <param name="Amount">The amount.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="IsEstimate">True when computed here from list prices, false when the provider named the billed units.</param>
public sealed record InpaintCost(decimal Amount, string Currency = "USD", bool IsEstimate = true)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        // Three decimals show a single picture's price; more appear only where rounding would print zero.
        string figure = Amount is > 0 and < 0.0005m
            ? Amount.ToString("0.######", CultureInfo.InvariantCulture)
            : Amount.ToString(Amount >= 1 ? "0.00" : "0.000", CultureInfo.InvariantCulture);
        return string.Equals(Currency, "USD", StringComparison.Ordinal) ? "$" + figure : $"{figure} {Currency}";
    }
}
