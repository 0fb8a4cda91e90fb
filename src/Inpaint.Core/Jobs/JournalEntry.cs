using System.Text.Json.Serialization;

namespace Inpaint.Jobs;

/// <summary>What a journal file holds.</summary>
/// <param name="Version">The file's format; 1.</param>
/// <param name="Job">The job as last known.</param>
/// <param name="Result">The result, once it has been told; addresses only, never picture bytes.</param>
internal sealed record JournalEntry(int Version, InpaintJob Job, StoredResult? Result = null)
{
    /// <summary>The format that this build writes.</summary>
    public const int CurrentVersion = 1;
}

/// <summary>A result as the journal keeps it: all but the job, which stands beside it.</summary>
internal sealed record StoredResult
{
    /// <summary>The pictures.</summary>
    public IReadOnlyList<InpaintImage> Images { get; init; } = [];

    /// <summary>The seed used.</summary>
    public long? Seed { get; init; }

    /// <summary>Timings in seconds.</summary>
    public IReadOnlyDictionary<string, double> Timings { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>The prompt as used.</summary>
    public string? Prompt { get; init; }

    /// <summary>Which pictures have been saved to files, by index.</summary>
    public IReadOnlyList<int> Saved { get; init; } = [];
}

/// <summary>How journal files are written: indented, since people read them too.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
