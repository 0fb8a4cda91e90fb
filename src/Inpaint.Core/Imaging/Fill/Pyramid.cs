using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Inpaint.Imaging.Fill;

/// <summary>Ever smaller copies of the picture, in which unknown pixels have no part in the known ones.</summary>
internal static class Pyramid
{
    // At this depth a patch at the deepest place of the hole still sees known pixels.
    private const int CoarsestDepth = FillLevel.PatchRadius + 1;
    private const int SmallestSide = 3 * FillLevel.PatchSize;
    private const int FewestSources = 64;

    /// <summary>Builds the levels, the finest first.</summary>
    /// <param name="finest">The picture at its own size, with its hole.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public static List<FillLevel> Build(FillLevel finest, ParallelOptions parallel)
    {
        finest.Classify(parallel.CancellationToken);
        List<FillLevel> levels = [finest];
        byte[] known = new byte[finest.Hole.Length];
        for (int index = 0; index < known.Length; index++)
        {
            known[index] = finest.Hole[index] == 0 ? (byte)255 : (byte)0;
        }

        while (true)
        {
            FillLevel last = levels[^1];
            if (last.MaximumDepth <= CoarsestDepth || Math.Min(last.Width, last.Height) / 2 < SmallestSide)
            {
                return levels;
            }

            FillLevel next = new((last.Width + 1) / 2, (last.Height + 1) / 2);
            known = Halve(last, known, next, parallel);
            next.Classify(parallel.CancellationToken);
            if (next.Sources.Length < FewestSources || next.HolePixels.Length == 0)
            {
                return levels;
            }

            levels.Add(next);
        }
    }

    private static byte[] Halve(FillLevel from, byte[] fromKnown, FillLevel to, ParallelOptions parallel)
    {
        byte[] toKnown = new byte[to.Hole.Length];
        Parallel.For(0, to.Height, parallel, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (y) =>
        {
            ReadOnlySpan<int> taps = [1, 3, 3, 1];
            for (int x = 0; x < to.Width; x++)
            {
                Vector128<int> sum = Vector128<int>.Zero;
                int weight = 0;
                int possible = 0;
                for (int j = 0; j < 4; j++)
                {
                    int fromY = (2 * y) - 1 + j;
                    if ((uint)fromY >= (uint)from.Height)
                    {
                        continue;
                    }

                    for (int i = 0; i < 4; i++)
                    {
                        int fromX = (2 * x) - 1 + i;
                        if ((uint)fromX >= (uint)from.Width)
                        {
                            continue;
                        }

                        int index = from.IndexOf(fromX, fromY);
                        int tap = taps[i] * taps[j];
                        int part = tap * fromKnown[index];
                        possible += tap;
                        weight += part;
                        sum += Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(from.Pixels[index]).AsByte())).AsInt32() * part;
                    }
                }

                int target = to.IndexOf(x, y);
                int coverage = (weight + (possible / 2)) / possible;
                toKnown[target] = (byte)coverage;
                to.Hole[target] = coverage < 128 ? (byte)1 : (byte)0;
                if (weight > 0)
                {
                    int half = weight / 2;
                    to.Pixels[target] = (uint)((sum[0] + half) / weight) | ((uint)((sum[1] + half) / weight) << 8)
                        | ((uint)((sum[2] + half) / weight) << 16) | ((uint)((sum[3] + half) / weight) << 24);
                }
            }
        });
        return toKnown;
    }
}
