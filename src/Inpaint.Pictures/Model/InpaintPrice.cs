namespace Inpaint;

/// <summary>The price of a unit of a model's work.</summary>
/// <param name="Amount">The price of one unit.</param>
/// <param name="Unit">The unit, as the provider names it, such as <c>image</c>, <c>megapixel</c>, <c>request</c> or <c>second</c>.</param>
/// <param name="Currency">ISO 4217 code.</param>
public sealed record InpaintPrice(decimal Amount, string Unit, string Currency = "USD")
{
    /// <summary>When the provider stated it, including the account's discounts; null for a built-in list price.</summary>
    public DateTimeOffset? StatedAt { get; init; }

    /// <summary>Whether the cost of a job can be estimated beforehand; not for compute time.</summary>
    public bool IsKnownBeforehand => UnitKind is not null;

    // "megapixels", "processed megapixel", "images", "generations" and "request" all occur. A generation is a picture.
    private static readonly string[] Kinds = ["megapixel", "image", "generation", "request"];

    private string? UnitKind => Kinds.FirstOrDefault(kind => Unit.Contains(kind, StringComparison.OrdinalIgnoreCase));

    /// <summary>Estimates what a job costs.</summary>
    /// <param name="count">The number of pictures.</param>
    /// <param name="megapixels">The size of each in megapixels; null when unknown.</param>
    /// <returns>The cost; null when it cannot be estimated.</returns>
    public InpaintCost? Estimate(int count, double? megapixels)
    {
        decimal? units = UnitKind switch
        {
            "megapixel" => (decimal?)megapixels * count,
            "image" or "generation" => count,
            "request" => 1,
            _ => null,
        };
        return units is decimal number ? CostOf(number) : null;
    }

    /// <summary>The cost of a number of units.</summary>
    /// <param name="units">The units.</param>
    /// <param name="isEstimate">Whether the units are an estimate.</param>
    internal InpaintCost CostOf(decimal units, bool isEstimate = true) => new(units * Amount, Currency, isEstimate) { PriceStatedAt = StatedAt };

    /// <inheritdoc/>
    public override string ToString() => $"{new InpaintCost(Amount, Currency).ToExactString()} per {Unit.TrimEnd('s')}";
}
