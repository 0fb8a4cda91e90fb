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

/// <summary>One picture of a result. Plain and serializable; the bytes stay at <see cref="Url"/> until they are saved.</summary>
public sealed record InpaintImage
{
    /// <summary>
    /// Where the picture is: an https URL of the provider, or a <c>file:</c> URL in the state folder when the provider returned the bytes or the picture was composited here.
    /// </summary>
    public string Url { get; init => field = value ?? ""; } = "";

    /// <summary>The URL of the picture as the provider made it, when it was composited into the original; null when that is <see cref="Url"/>.</summary>
    public string? ProviderUrl { get; init; }

    /// <summary>Media type as the provider states it, such as <c>image/png</c>; checked against the content when saved.</summary>
    public string? ContentType { get; init; }

    /// <summary>Width in pixels, where the provider reports it.</summary>
    public int? Width { get; init; }

    /// <summary>Height in pixels, where the provider reports it.</summary>
    public int? Height { get; init; }

    /// <summary>Size in bytes, where the provider reports it.</summary>
    public long? FileSize { get; init; }

    /// <summary>Position in the result, from 0.</summary>
    public int Index { get; init; }

    /// <summary>Whether the provider's safety checker flagged it; a flagged picture is usually black, and charged.</summary>
    public bool IsFlagged { get; init; }

    /// <summary>How it was made, for file names and metadata.</summary>
    public ImageOrigin Origin { get; init; } = new();

    /// <inheritdoc/>
    public override string ToString() => Url;
}

/// <summary>How a picture was made. Separate from the picture's own properties, so that a picture that is bound by property name does not bring its parameters along.</summary>
public sealed record ImageOrigin
{
    /// <summary>The job's name in the journal.</summary>
    public string? JournalId { get; init; }

    /// <summary>The provider's id of the job.</summary>
    public string? JobId { get; init; }

    /// <summary>The provider's name.</summary>
    public string? Provider { get; init; }

    /// <summary>The provider's id of the model.</summary>
    public string? Model { get; init; }

    /// <summary>The path, URL or name of the source picture.</summary>
    public string? Source { get; init; }

    /// <summary>The prompt.</summary>
    public string? Prompt { get; init; }

    /// <summary>The seed that was used.</summary>
    public long? Seed { get; init; }

    /// <summary>How many pictures the result has.</summary>
    public int Count { get; init; } = 1;

    /// <summary>What the job does.</summary>
    public InpaintOperation Operation { get; init; }

    /// <summary>When the result was received.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The columns of the row that requested it, in any case; see <see cref="InpaintJob.Columns"/>.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init => field = Lists.ByName(value); } = Lists.NoTexts;

    /// <summary>The source picture's file name, without the folder, and without the query of a URL, which may be a signature.</summary>
    internal string? SourceName => Source is null ? null : Path.GetFileName(Source.Contains("://", StringComparison.Ordinal) ? Source.Split('?', '#')[0] : Source);

    /// <summary>A name for the picture: its source, or the first words of its prompt; null when neither is known.</summary>
    public string? Title
    {
        get
        {
            if (Source is { Length: > 0 })
            {
                return Source;
            }

            string words = string.Join('-', (Prompt ?? "").Split([' ', '\t', '\r', '\n', ',', '.', '/', '\\'], StringSplitOptions.RemoveEmptyEntries).Take(6));
            return words.Length == 0 ? null : words.Length > 40 ? words[..40] : words;
        }
    }
}
