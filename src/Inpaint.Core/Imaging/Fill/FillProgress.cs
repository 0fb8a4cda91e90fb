namespace Inpaint.Imaging.Fill;

/// <summary>Adds up the work done and tells the share.</summary>
internal sealed class FillProgress(Action<double>? progress, long whole)
{
    // The rest of the bar belongs to the final composition.
    private const double SynthesisShare = 0.95;

    private long done;

    /// <summary>Counts work as done, in comparisons' worth.</summary>
    public void Add(long work)
    {
        done += work;
        progress?.Invoke(SynthesisShare * Math.Min(1, (double)done / whole));
    }
}
