namespace Inpaint;

/// <summary>What a job has made. Plain and serialisable.</summary>
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

    /// <summary>What it cost.</summary>
    public InpaintCost? Cost { get; init; }

    /// <summary>Time from submit to result, in seconds.</summary>
    public double TookSeconds { get; init; }

    /// <summary>The result with the columns of the row that asks for it now: its job may have been made for an earlier run of the batch.</summary>
    /// <param name="columns">The columns.</param>
    /// <returns>The same result.</returns>
    public InpaintResult WithColumns(IReadOnlyDictionary<string, string> columns) => this with
    {
        Job = Job with { Columns = columns },
        Images = [.. Images.Select(image => image with { Origin = image.Origin with { Columns = columns } })],
    };
}
