using System.ComponentModel;
using System.Globalization;

namespace Inpaint;

/// <summary>
/// An amount of money, and whether it is an estimate. Costs can be compared, sorted and added; a number counts as an amount of the same currency. Two costs are equal when currency and
/// amount are.
/// </summary>
/// <param name="Amount">The amount.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="IsEstimate">True when it was computed from list prices, false when it is the provider's figure.</param>
[TypeConverter(typeof(InpaintCostConverter))]
public sealed record InpaintCost(decimal Amount, string Currency = "USD", bool IsEstimate = true) : IComparable<InpaintCost>, IComparable, IFormattable
{
    /// <summary>When the provider stated the price that this is computed from; null for a built-in list price, and for the provider's own figure.</summary>
    public DateTimeOffset? PriceStatedAt { get; init; }

    /// <summary>How much was saved by sending only a part of the picture (<see cref="InpaintRequest.CropToMask"/>); null when nothing is known to be saved.</summary>
    public decimal? Saved { get; init; }

    /// <summary>The amount.</summary>
    /// <param name="cost">The cost.</param>
    public static explicit operator decimal(InpaintCost cost) => cost.Amount;

    /// <summary>The amount as a floating-point number.</summary>
    /// <param name="cost">The cost.</param>
    public static explicit operator double(InpaintCost cost) => (double)cost.Amount;

    /// <summary>Adds two costs of the same currency; the sum is an estimate when one of them is.</summary>
    /// <param name="left">A cost.</param>
    /// <param name="right">Another one.</param>
    /// <exception cref="ArgumentException">The currencies differ.</exception>
    public static InpaintCost operator +(InpaintCost left, InpaintCost right) => left.Combine(right, left.Amount + right.Amount);

    /// <summary>Subtracts a cost from another one of the same currency.</summary>
    /// <param name="left">The cost to subtract from.</param>
    /// <param name="right">The cost to subtract.</param>
    /// <exception cref="ArgumentException">The currencies differ.</exception>
    public static InpaintCost operator -(InpaintCost left, InpaintCost right) => left.Combine(right, left.Amount - right.Amount);

    /// <summary>Multiplies a cost, for example by a number of pictures.</summary>
    /// <param name="cost">The cost.</param>
    /// <param name="factor">The factor.</param>
    public static InpaintCost operator *(InpaintCost cost, decimal factor) => new(cost.Amount * factor, cost.Currency, cost.IsEstimate);

    /// <summary>Divides a cost, for example by a number of pictures.</summary>
    /// <param name="cost">The cost.</param>
    /// <param name="divisor">The divisor.</param>
    public static InpaintCost operator /(InpaintCost cost, decimal divisor) => new(cost.Amount / divisor, cost.Currency, cost.IsEstimate);

    /// <summary>Whether a cost is lower than another one.</summary>
    /// <param name="left">A cost.</param>
    /// <param name="right">Another one.</param>
    public static bool operator <(InpaintCost? left, InpaintCost? right) => Comparer<InpaintCost>.Default.Compare(left, right) < 0;

    /// <summary>Whether a cost is higher than another one.</summary>
    /// <param name="left">A cost.</param>
    /// <param name="right">Another one.</param>
    public static bool operator >(InpaintCost? left, InpaintCost? right) => Comparer<InpaintCost>.Default.Compare(left, right) > 0;

    /// <summary>Whether a cost is at most another one.</summary>
    /// <param name="left">A cost.</param>
    /// <param name="right">Another one.</param>
    public static bool operator <=(InpaintCost? left, InpaintCost? right) => !(left > right);

    /// <summary>Whether a cost is at least another one.</summary>
    /// <param name="left">A cost.</param>
    /// <param name="right">Another one.</param>
    public static bool operator >=(InpaintCost? left, InpaintCost? right) => !(left < right);

    /// <summary>Compares amounts. Costs in different currencies are ordered by their currency.</summary>
    /// <param name="other">Another cost.</param>
    /// <returns>Negative when this is lower, 0 when they are equal, positive when this is higher.</returns>
    public int CompareTo(InpaintCost? other) =>
        other is null ? 1 : string.CompareOrdinal(Currency, other.Currency) is not 0 and int order ? order : Amount.CompareTo(other.Amount);

    /// <inheritdoc/>
    public int CompareTo(object? obj) => obj is null or InpaintCost ? CompareTo((InpaintCost?)obj) : CompareTo(new InpaintCost(Convert.ToDecimal(obj, CultureInfo.InvariantCulture), Currency));

    /// <summary>Whether currency and amount are the same.</summary>
    /// <param name="other">Another cost.</param>
    /// <returns>Whether they are.</returns>
    public bool Equals(InpaintCost? other) => other is not null && CompareTo(other) == 0;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Amount, Currency);

    /// <inheritdoc/>
    public override string ToString()
    {
        // Three decimals show the price of a single picture; more are needed only where rounding would print zero.
        string format = Amount is > 0 and < 0.0005m ? "0.######" : Amount >= 1 ? "0.00" : "0.000";
        return ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>The amount in a numeric format, with its currency.</summary>
    /// <param name="format">A numeric format; null for the usual text.</param>
    /// <param name="formatProvider">The culture.</param>
    /// <returns>The text.</returns>
    public string ToString(string? format, IFormatProvider? formatProvider)
    {
        if (string.IsNullOrEmpty(format))
        {
            return ToString();
        }

        string figure = Amount.ToString(format, formatProvider);
        return string.Equals(Currency, "USD", StringComparison.Ordinal) ? "$" + figure : $"{figure} {Currency}";
    }

    /// <summary>The amount with all its decimals, because the price of a unit must not be rounded.</summary>
    internal string ToExactString() => ToString("0.############", CultureInfo.InvariantCulture);

    /// <summary>Adds another cost, which is left out where its currency is another one.</summary>
    internal InpaintCost With(InpaintCost? other) =>
        other is not null && other.Currency == Currency ? this with { Amount = Amount + other.Amount, IsEstimate = IsEstimate || other.IsEstimate } : this;

    /// <summary>The cost when nothing was charged, which is certain.</summary>
    internal InpaintCost NotCharged() => new(0, Currency, IsEstimate: false);

    /// <summary>Adds the saving compared with another cost.</summary>
    internal InpaintCost InPlaceOf(InpaintCost? other) =>
        other is not null && other.Currency == Currency && other.Amount > Amount ? this with { Saved = other.Amount - Amount } : this with { Saved = null };

    /// <summary>Adds the saving after an estimate has been replaced by this cost.</summary>
    internal InpaintCost InsteadOf(InpaintCost? estimate) =>
        estimate is { Saved: decimal saved } ? InPlaceOf(estimate with { Amount = estimate.Amount + saved }) : this;

    private InpaintCost Combine(InpaintCost other, decimal amount) => Currency == other.Currency
        ? new(amount, Currency, IsEstimate || other.IsEstimate)
        : throw new ArgumentException($"{this} and {other} are in different currencies.", nameof(other));
}

/// <summary>Converts numbers to amounts in US dollars, and the text of a cost, so that scripts can compare costs with numbers.</summary>
public sealed class InpaintCostConverter : TypeConverter
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || Type.GetTypeCode(sourceType) is >= TypeCode.SByte and <= TypeCode.Decimal;

    /// <inheritdoc/>
    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value)
    {
        if (value is not string text)
        {
            return new InpaintCost(Convert.ToDecimal(value, CultureInfo.InvariantCulture));
        }

        string[] parts = text.TrimStart('$').Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length is 1 or 2 && decimal.TryParse(parts[0], NumberStyles.Number, CultureInfo.InvariantCulture, out decimal amount)
            ? new InpaintCost(amount, parts.Length == 2 ? parts[1] : "USD")
            : throw new FormatException($"'{text}' is not a cost. Write it as $0.010 or 0.010 EUR.");
    }
}
