namespace Inpaint.Journal;

/// <summary>
/// Tells new log lines from those seen before. A service may answer with a moving window instead of a growing list, so that lines are known by what they
/// say and when, never by their place.
/// </summary>
internal sealed class LogWindow
{
    /// <summary>More than any service's window; the oldest are forgotten beyond it.</summary>
    private const int Remembered = 2_000;

    private readonly HashSet<(string?, string)> seen = [];
    private readonly Queue<(string?, string)> order = new();

    /// <summary>Picks the lines that have not been seen.</summary>
    /// <param name="lines">The window.</param>
    /// <returns>The new ones, in order.</returns>
    public IReadOnlyList<InpaintLogEntry> NewLines(IReadOnlyList<InpaintLogEntry> lines)
    {
        List<InpaintLogEntry> fresh = [];
        foreach (InpaintLogEntry line in lines)
        {
            (string?, string) key = (line.Timestamp, line.Message);
            if (!seen.Add(key))
            {
                continue;
            }

            order.Enqueue(key);
            fresh.Add(line);
            if (order.Count > Remembered)
            {
                seen.Remove(order.Dequeue());
            }
        }

        return fresh;
    }
}
