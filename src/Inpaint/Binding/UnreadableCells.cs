namespace Inpaint.Binding;

/// <summary>A value that could not be read.</summary>
/// <param name="Column">The parameter.</param>
/// <param name="Reason">A clause that names the value and what is expected.</param>
internal sealed record UnreadableCell(string Column, string Reason);

/// <summary>
/// The values of the item that is being bound which could not be read. The shell's own error for them names neither row nor error id, and a transformation knows
/// nothing of the command that it works for; but the shell binds an item and processes it on one thread, one right after the other.
/// </summary>
internal static class UnreadableCells
{
    [ThreadStatic]
    private static List<UnreadableCell>? noted;

    /// <summary>Notes a value.</summary>
    /// <param name="column">The parameter.</param>
    /// <param name="reason">A clause that names the value and what is expected.</param>
    public static void Note(string column, string reason)
    {
        // The binder tries a value again where it thinks that it must be converted.
        UnreadableCell cell = new(column, reason);
        if (noted?.Contains(cell) != true)
        {
            (noted ??= []).Add(cell);
        }
    }

    /// <summary>Forgets what was noted for an item that was never processed.</summary>
    public static void Clear() => noted = null;

    /// <summary>Takes what was noted.</summary>
    /// <returns>The values; empty when all could be read.</returns>
    public static IReadOnlyList<UnreadableCell> Take()
    {
        List<UnreadableCell>? taken = noted;
        noted = null;
        return taken ?? [];
    }
}
