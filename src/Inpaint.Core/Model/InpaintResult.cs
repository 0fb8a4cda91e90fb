using System.Globalization;

namespace Inpaint;

/// <summary>The result of a job. Plain and serializable.</summary>
public sealed record InpaintResult
{
    /// <summary>The pictures, in the provider's order.</summary>
    public IReadOnlyList<InpaintImage> Images { get; init => field = Lists.Indexable(value); } = [];

    /// <summary>The finished job.</summary>
    public InpaintJob Job { get; init; } = new();

    /// <summary>The seed that was used, 64-bit.</summary>
    public long? Seed { get; init; }

    /// <summary>The provider's timings in seconds, under its own names.</summary>
    public IReadOnlyDictionary<string, double> Timings { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>For each picture, whether the safety checker flagged it.</summary>
    public IReadOnlyList<bool> HasNsfwConcepts { get; init => field = Lists.Indexable(value); } = [];

    /// <summary>The prompt as the provider used it.</summary>
    public string? Prompt { get; init; }

    /// <summary>The cost.</summary>
    public InpaintCost? Cost { get; init; }

    /// <summary>Time from submit to result, in seconds.</summary>
    public double TookSeconds { get; init; }

    /// <summary>The file of the mask that was found for the job, so that it can be used again; null when the mask was given.</summary>
    public string? MaskPath { get; init; }

    /// <summary>Replaces the columns by those of the row that requests the result now: its job may have been made for an earlier run of the batch.</summary>
    /// <param name="columns">The columns.</param>
    /// <returns>The same result with these columns.</returns>
    public InpaintResult WithColumns(IReadOnlyDictionary<string, string> columns) => this with
    {
        Job = Job with { Columns = columns },
        Images = [.. Images.Select(image => image with { Origin = image.Origin with { Columns = columns } })],
    };
}

/// <summary>An amount of money, and whether it is an estimate.</summary>
/// <param name="Amount">The amount.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="IsEstimate">True when it was computed from list prices, false when it is the provider's figure.</param>
public sealed record InpaintCost(decimal Amount, string Currency = "USD", bool IsEstimate = true)
{
    /// <summary>When the provider stated the price that this is computed from; null for a built-in list price, and for the provider's own figure.</summary>
    public DateTimeOffset? PriceStatedAt { get; init; }

    /// <summary>How much was saved by sending only a part of the picture (<see cref="InpaintRequest.CropToMask"/>); null when nothing is known to be saved.</summary>
    public decimal? Saved { get; init; }

    /// <summary>Adds what is saved compared to another cost.</summary>
    internal InpaintCost InPlaceOf(InpaintCost? other) =>
        other is not null && other.Currency == Currency && other.Amount > Amount ? this with { Saved = other.Amount - Amount } : this with { Saved = null };

    /// <summary>Adds what is saved now that an estimate has been replaced by this cost.</summary>
    internal InpaintCost InsteadOf(InpaintCost? estimate) =>
        estimate is { Saved: decimal saved } ? InPlaceOf(estimate with { Amount = estimate.Amount + saved }) : this;

    /// <inheritdoc/>
    public override string ToString()
    {
        // Three decimals show the price of a single picture; more are needed only where rounding would print zero.
        string figure = Amount is > 0 and < 0.0005m
            ? Amount.ToString("0.######", CultureInfo.InvariantCulture)
            : Amount.ToString(Amount >= 1 ? "0.00" : "0.000", CultureInfo.InvariantCulture);
        return InCurrency(figure);
    }

    /// <summary>The amount with all its decimals: the price of a unit is not rounded.</summary>
    internal string ToExactString() => InCurrency(Amount.ToString("0.############", CultureInfo.InvariantCulture));

    private string InCurrency(string figure) => string.Equals(Currency, "USD", StringComparison.Ordinal) ? "$" + figure : $"{figure} {Currency}";
}
