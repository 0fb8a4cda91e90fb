using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Fill;

/// <summary>
/// Finds the few displacements at which the known picture repeats itself most: the steps of a fence, the run of a rail. They are
/// the most promising ones to continue the picture with (He and Sun 2012).
/// </summary>
internal static class DominantShifts
{
    /// <summary>Largest number of displacements found.</summary>
    public const int MaximumCount = 100;

    private const int SearchPasses = 6;

    /// <summary>Nearer than this share of the picture's longer side everything resembles itself.</summary>
    public const int ExclusionShare = 15;

    /// <summary>Finds the displacements, as differences of the level's index and most frequent first.</summary>
    /// <param name="level">The level.</param>
    /// <param name="seed">Start of the random choices.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <returns>The displacements, and how unlike all else the patch at each index of the level is, as of <see cref="Match"/>.</returns>
    public static (int[] Shifts, int[] Rarity) Find(FillLevel level, long seed, ParallelOptions parallel)
    {
        int exclusion = Math.Max(level.Width, level.Height) / ExclusionShare;
        (int[] matches, int[] costs) = Match(level, exclusion, seed, parallel);

        // What repeats around the hole is worth as much as what repeats in the whole picture, however large that is.
        FillWindow surroundings = Surroundings(level);
        int[] near = Peaks(level, matches, exclusion, surroundings);
        int[] everywhere = Peaks(level, matches, exclusion, new FillWindow(0, 0, level.Width, level.Height));
        return ([.. near.Take(MaximumCount / 2).Concat(everywhere).Distinct().Take(MaximumCount)], costs);
    }

    /// <summary>Finds for each patch that lies in the known picture its like elsewhere.</summary>
    /// <param name="level">The level.</param>
    /// <param name="exclusion">How far away, in pixels, elsewhere begins.</param>
    /// <param name="seed">Start of the random choices.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <returns>At each index of the level, where the like of its patch is, and how unlike it is: a distance of patches, 0 where there is none that lies in the known picture.</returns>
    public static (int[] Matches, int[] Costs) Match(FillLevel level, int exclusion, long seed, ParallelOptions parallel)
    {
        int[] matches = new int[level.Pixels.Length];
        Array.Fill(matches, FillLevel.NoMatch);
        int[] costs = new int[level.Pixels.Length];
        MatchSearch search = new(level, FillLevel.SourceRole, matches, costs, exclusion, seed, parallel);
        search.FillGaps(-1);
        for (int pass = 0; pass < SearchPasses; pass++)
        {
            search.Improve(pass - SearchPasses - 1);
        }

        return (matches, costs);
    }

    private static FillWindow Surroundings(FillLevel level)
    {
        int left = level.HolePixels.Min(level.XOf);
        int right = level.HolePixels.Max(level.XOf);
        int top = level.YOf(level.HolePixels[0]);
        int bottom = level.YOf(level.HolePixels[^1]);
        int margin = Math.Max(right - left, bottom - top) + 1;
        return new FillWindow(left - margin, top - margin, right - left + (2 * margin), bottom - top + (2 * margin));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[] Peaks(FillLevel level, int[] matches, int exclusion, FillWindow window)
    {
        // Counts of displacements, with room around for the smoothing.
        int columns = (2 * level.Width) + 3;
        int rows = (2 * level.Height) + 3;
        int[] counts = new int[columns * rows];
        foreach (int index in level.Sources)
        {
            if (!window.Contains(level.XOf(index), level.YOf(index)))
            {
                continue;
            }

            int dx = level.XOf(matches[index]) - level.XOf(index);
            int dy = level.YOf(matches[index]) - level.YOf(index);
            if (Math.Abs(dx) >= exclusion || Math.Abs(dy) >= exclusion)
            {
                counts[((dy + level.Height + 1) * columns) + dx + level.Width + 1]++;
            }
        }

        int[] smooth = new int[counts.Length];
        for (int at = columns + 1; at < counts.Length - columns - 1; at++)
        {
            smooth[at] = (4 * counts[at]) + (2 * (counts[at - 1] + counts[at + 1] + counts[at - columns] + counts[at + columns]))
                + counts[at - columns - 1] + counts[at - columns + 1] + counts[at + columns - 1] + counts[at + columns + 1];
        }

        List<int> peaks = [];
        for (int at = columns + 1; at < smooth.Length - columns - 1; at++)
        {
            if (smooth[at] > 0 && IsPeak(smooth, at, columns))
            {
                peaks.Add(at);
            }
        }

        return [.. peaks.OrderByDescending(at => smooth[at]).ThenBy(at => at).Take(MaximumCount).Select(at =>
            (((at / columns) - level.Height - 1) * level.Stride) + (at % columns) - level.Width - 1)];
    }

    private static bool IsPeak(int[] smooth, int at, int columns)
    {
        for (int dy = -1; dy <= 1; dy++)
        {
            for (int dx = -1; dx <= 1; dx++)
            {
                int other = at + (dy * columns) + dx;

                // Of a plateau the first one stands for all.
                if (smooth[other] > smooth[at] || (smooth[other] == smooth[at] && other < at))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
