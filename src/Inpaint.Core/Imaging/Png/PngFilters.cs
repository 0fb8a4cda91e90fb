using System.Numerics;
using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Png;

/// <summary>The five row filters of PNG, backwards: what decoding does.</summary>
internal static class PngFilters
{
    public const int None = 0;
    public const int Sub = 1;
    public const int Up = 2;
    public const int Average = 3;
    public const int Paeth = 4;

    /// <summary>Turns a filtered row into samples, in place.</summary>
    /// <param name="filter">The filter, 0 to 4.</param>
    /// <param name="row">The row.</param>
    /// <param name="above">The row above, already samples; zeros for the first row.</param>
    /// <param name="step">Bytes of a whole pixel, at least 1.</param>
    /// <returns>False when there is no such filter.</returns>
    public static bool Undo(int filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        switch (filter)
        {
            case None:
                return true;
            case Sub:
                UndoSub(row, step);
                return true;
            case Up:
                UndoUp(row, above);
                return true;
            case Average:
                UndoAverage(row, above, step);
                return true;
            case Paeth:
                UndoPaeth(row, above, step);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Which of left, above and above left is nearest to left + above - above left.</summary>
    public static int Predict(int left, int above, int aboveLeft)
    {
        int toLeft = Math.Abs(above - aboveLeft);
        int toAbove = Math.Abs(left - aboveLeft);
        int toAboveLeft = Math.Abs(left + above - (2 * aboveLeft));
        if (toLeft <= toAbove && toLeft <= toAboveLeft)
        {
            return left;
        }

        return toAbove <= toAboveLeft ? above : aboveLeft;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UndoSub(Span<byte> row, int step)
    {
        for (int i = step; i < row.Length; i++)
        {
            row[i] += row[i - step];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UndoUp(Span<byte> row, ReadOnlySpan<byte> above)
    {
        int i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            (new Vector<byte>(row[i..]) + new Vector<byte>(above[i..])).CopyTo(row[i..]);
        }

        for (; i < row.Length; i++)
        {
            row[i] += above[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UndoAverage(Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        above = above[..row.Length];
        for (int i = 0; i < step; i++)
        {
            row[i] += (byte)(above[i] >> 1);
        }

        for (int i = step; i < row.Length; i++)
        {
            row[i] += (byte)((row[i - step] + above[i]) >> 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        above = above[..row.Length];
        for (int i = 0; i < step; i++)
        {
            row[i] += above[i];
        }

        for (int i = step; i < row.Length; i++)
        {
            row[i] += (byte)Predict(row[i - step], above[i], above[i - step]);
        }
    }
}
