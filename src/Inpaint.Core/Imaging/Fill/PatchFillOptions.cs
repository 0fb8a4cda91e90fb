namespace Inpaint.Imaging.Fill;

/// <summary>What a caller may choose about the patch fill.</summary>
internal sealed record PatchFillOptions
{
    /// <summary>Start of every random choice: the same seed and picture give the same bytes.</summary>
    public long Seed { get; init; }

    /// <summary>Largest number of threads: one per core unless chosen otherwise. It has no influence on the result.</summary>
    public int MaxDegreeOfParallelism { get; init; } = Environment.ProcessorCount;
}
