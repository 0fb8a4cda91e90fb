namespace Inpaint.Pipeline;

/// <summary>Numbers for progress bars, which the shell tells apart by them.</summary>
internal static class ProgressIds
{
    // Starting high keeps clear of the small numbers that scripts give their own bars.
    private static int last = 0x1A70_0000;

    /// <summary>A number that no other bar of this process has.</summary>
    /// <returns>The number.</returns>
    public static int Next() => Interlocked.Increment(ref last);
}
