using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Inpaint.Imaging.Fill;

/// <summary>Halved copies of the picture, in which unknown pixels do not contribute to known ones.</summary>
internal static class Pyramid
{
    // At this depth, a patch at the deepest pixel of the hole still contains known pixels.
    private const int CoarsestDepth = FillLevel.PatchRadius + 1;
    private const int MinSide = 3 * FillLevel.PatchSize;
    private const int MinSources = 64;

    /// <summary>Builds the levels, the finest first.</summary>
    /// <param name="finest">The picture at its own size, with its hole.</param>
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
            if (last.MaximumDepth <= CoarsestDepth || Math.Min(last.Width, last.Height) / 2 < MinSide)
            {
                return levels;
            }

            FillLevel next = new((last.Width + 1) / 2, (last.Height + 1) / 2);
            known = Halve(last, known, next, parallel);
            next.Classify(parallel.CancellationToken);
            if (next.Sources.Length < MinSources || next.HolePixels.Length == 0)
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

/// <summary>Transfers the matches of a level to the next finer one.</summary>
internal static class LevelTransfer
{
    /// <summary>Initialises the finer level's matches from the coarser level's.</summary>
    /// <returns>1 for each pixel of the finer hole that no transferred match covers.</returns>
    public static byte[] Refine(FillLevel coarse, FillLevel fine, ParallelOptions parallel)
    {
        Parallel.For(0, fine.Height, parallel, y =>
        {
            for (int x = 0; x < fine.Width; x++)
            {
                int index = fine.IndexOf(x, y);
                if (fine.Role[index] == FillLevel.TargetRole)
                {
                    RefineOne(coarse, fine, x, y, index);
                }
            }
        });

        byte[] unknown = (byte[])fine.Hole.Clone();
        foreach (int index in fine.HolePixels)
        {
            unknown[index] = IsCovered(fine, index) ? (byte)0 : (byte)1;
        }

        return unknown;
    }

    /// <summary>Transfers content and origin of the finer level's hole to the coarser level.</summary>
    /// <param name="fine">The finer level; its hole receives the pixels at the displacements.</param>
    /// <param name="shifts">The displacement from which each of its hole pixels is copied.</param>
    /// <param name="coarse">The coarser level.</param>
    public static void Coarsen(FillLevel fine, int[] shifts, FillLevel coarse)
    {
        int[] origins = new int[fine.Pixels.Length];
        for (int position = 0; position < shifts.Length; position++)
        {
            int index = fine.HolePixels[position];
            int origin = index + shifts[position];
            origins[index] = fine.InPicture(origin) && fine.Hole[origin] == 0 ? origin : index;
            fine.Pixels[index] = fine.Pixels[origins[index]];
        }

        foreach (int index in coarse.HolePixels)
        {
            int x = coarse.XOf(index) * 2;
            int y = coarse.YOf(index) * 2;
            coarse.Pixels[index] = MeanOfChildren(fine, x, y);
            int origin = origins[fine.IndexOf(x, y)];
            int match = coarse.IndexOf(fine.XOf(origin) / 2, fine.YOf(origin) / 2);
            if (origin != 0 && coarse.Role[index] == FillLevel.TargetRole && coarse.Role[match] == FillLevel.SourceRole)
            {
                coarse.Match[index] = match;
            }
        }
    }

    private static uint MeanOfChildren(FillLevel fine, int x, int y)
    {
        int right = x + 1 < fine.Width ? 1 : 0;
        int down = y + 1 < fine.Height ? fine.Stride : 0;
        int index = fine.IndexOf(x, y);
        ReadOnlySpan<uint> children = [fine.Pixels[index], fine.Pixels[index + right], fine.Pixels[index + down], fine.Pixels[index + right + down]];
        uint mean = 0;
        for (int lane = 0; lane < 32; lane += 8)
        {
            uint sum = 2;
            foreach (uint child in children)
            {
                sum += (child >> lane) & 255;
            }

            mean |= (sum / 4) << lane;
        }

        return mean;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RefineOne(FillLevel coarse, FillLevel fine, int x, int y, int index)
    {
        // The parent is not a target where the coarse hole is smaller; then the nearest target next to it is used.
        ReadOnlySpan<(int X, int Y)> around = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)];
        foreach ((int dx, int dy) in around)
        {
            int parentX = Math.Clamp((x / 2) + dx, 0, coarse.Width - 1);
            int parentY = Math.Clamp((y / 2) + dy, 0, coarse.Height - 1);
            int parent = coarse.IndexOf(parentX, parentY);
            if (coarse.Role[parent] != FillLevel.TargetRole)
            {
                continue;
            }

            int match = coarse.Match[parent];
            int matchX = x + (2 * (coarse.XOf(match) - parentX));
            int matchY = y + (2 * (coarse.YOf(match) - parentY));
            int candidate = fine.IndexOf(Math.Clamp(matchX, 0, fine.Width - 1), Math.Clamp(matchY, 0, fine.Height - 1));
            if (fine.Role[candidate] == FillLevel.SourceRole)
            {
                fine.Match[index] = candidate;
                fine.Cost[index] = coarse.Cost[parent];
                return;
            }
        }

        fine.Match[index] = FillLevel.NoMatch;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool IsCovered(FillLevel level, int index)
    {
        for (int dy = -FillLevel.PatchRadius; dy <= FillLevel.PatchRadius; dy++)
        {
            int row = index + (dy * level.Stride);
            for (int dx = -FillLevel.PatchRadius; dx <= FillLevel.PatchRadius; dx++)
            {
                if (level.Role[row + dx] == FillLevel.TargetRole && level.Match[row + dx] != FillLevel.NoMatch)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
