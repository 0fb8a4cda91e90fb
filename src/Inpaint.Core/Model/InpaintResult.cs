using System.Text.Json.Serialization;

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
    public IReadOnlyDictionary<string, double> Timings { get; init => field = ReadableDictionary.Of(value, StringComparer.Ordinal); } = ReadableDictionary.Of<double>(null, StringComparer.Ordinal);

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

    /// <summary>The picture that was repainted: its path or URL; null when it was made from a prompt alone.</summary>
    [JsonIgnore]
    public string? Source => Job.Source;

    /// <inheritdoc cref="InpaintJob.File"/>
    [JsonIgnore]
    public string? File => Job.File;

    /// <summary>Replaces the columns by those of the row that requests the result now: its job may have been made for an earlier run of the batch.</summary>
    /// <param name="columns">The columns.</param>
    /// <returns>The same result with these columns.</returns>
    public InpaintResult WithColumns(IReadOnlyDictionary<string, string> columns) => this with
    {
        Job = Job with { Columns = columns },
        Images = [.. Images.Select(image => image with { Origin = image.Origin with { Columns = columns } })],
    };

    /// <inheritdoc/>
    public override string ToString()
    {
        int flagged = Images.Count(image => image.IsFlagged);
        string pictures = $"{Images.Count} {(Images.Count == 1 ? "image" : "images")}{(flagged == 0 ? "" : $", {flagged} flagged")}";
        return string.Join(' ', new[] { Job.Title, Job.Provider, pictures, Cost?.ToString() }.Where(part => !string.IsNullOrEmpty(part)));
    }
}
