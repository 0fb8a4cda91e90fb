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

    /// <summary>What it has cost: its job and, where a mask was found for it, that, too. Its job's own cost is in <see cref="Job"/>.</summary>
    public InpaintCost? Cost { get; init; }

    /// <summary>Time from submit to result, in seconds.</summary>
    public double TookSeconds { get; init; }

    /// <summary>The file of the mask that was found for the job, so that it can be used again; null when the mask was given.</summary>
    public string? MaskPath { get; init; }

    /// <summary>What it cost to find its mask, which is in <see cref="Cost"/>; null when the mask was given, or cost nothing.</summary>
    public InpaintCost? MaskCost { get; init; }

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

    /// <summary>Adds the mask that was found for it.</summary>
    /// <param name="path">The file of the mask.</param>
    /// <param name="cost">What it cost to find it; null for nothing.</param>
    /// <returns>The result with its mask and the cost of both.</returns>
    public InpaintResult WithMask(string path, InpaintCost? cost) => this with { MaskPath = path, MaskCost = cost, Cost = Cost?.With(cost) ?? cost };

    /// <inheritdoc/>
    public override string ToString()
    {
        int flagged = Images.Count(image => image.IsFlagged);
        string pictures = $"{Images.Count} {(Images.Count == 1 ? "image" : "images")}{(flagged == 0 ? "" : $", {flagged} flagged")}";
        return string.Join(' ', new[] { Job.Title, Job.Provider, pictures, Cost?.ToString() }.Where(part => !string.IsNullOrEmpty(part)));
    }
}

/// <summary>One picture of a result. Plain and serializable; the bytes stay at <see cref="Url"/> until they are saved.</summary>
public sealed record InpaintImage
{
    /// <summary>
    /// Where the picture is: an https URL of the provider, or a <c>file:</c> URL in the state folder when the provider returned the bytes or the picture was composited here.
    /// </summary>
    public string Url { get; init => field = value ?? ""; } = "";

    /// <summary>Whether the picture is a file on this machine.</summary>
    internal bool IsFile => Url.StartsWith("file:", StringComparison.OrdinalIgnoreCase);

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

    /// <summary>See <see cref="GetOrigin"/>.</summary>
    [JsonInclude]
    internal ImageOrigin Origin { get; init => field = value ?? new(); } = new();

    /// <summary>
    /// Gets how it was made, for file names and metadata. It is no property, because programs that write objects as JSON follow their properties to a small depth only, and this would be below that in
    /// a result.
    /// </summary>
    /// <returns>How it was made.</returns>
    public ImageOrigin GetOrigin() => Origin;

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

    /// <summary>How the pictures of a job were made.</summary>
    /// <param name="job">The job.</param>
    /// <param name="seed">The seed that was used.</param>
    /// <param name="count">How many pictures there are.</param>
    /// <param name="createdAt">When the result was received.</param>
    internal static ImageOrigin Of(InpaintJob job, long? seed, int count, DateTimeOffset createdAt) => new()
    {
        JournalId = job.JournalId,
        JobId = job.Id,
        Provider = job.Provider,
        Model = job.Model,
        Operation = job.Operation,
        Source = job.Source,
        Prompt = job.Prompt,
        Seed = seed,
        Columns = job.Columns,
        Count = count,
        CreatedAt = createdAt,
    };

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

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', new[] { SourceName ?? Title, Provider, Model, Seed is long seed ? FormattableString.Invariant($"seed {seed}") : null }.Where(part => !string.IsNullOrEmpty(part)));
}
