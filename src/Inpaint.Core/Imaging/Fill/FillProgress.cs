namespace Inpaint.Imaging.Fill;

/// <summary>Adds up the work done and tells the share.</summary>
internal sealed class FillProgress(Action<double>? progress, long whole)
{
    // The rest of the bar belongs to the final composition.
    private const double SynthesisShare = 0.95;

    private readonly Lock gate = new();
    private long done;

    /// <summary>Counts work as done, in comparisons' worth. May be called from several threads; the listener is told by one at a time.</summary>
    public void Add(long work)
    {
        lock (gate)
        {
            done += work;
            progress?.Invoke(SynthesisShare * Math.Min(1, (double)done / whole));
        }
    }
}
