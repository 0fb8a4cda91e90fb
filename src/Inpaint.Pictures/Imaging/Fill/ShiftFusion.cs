using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Fill;

/// <summary>
/// Chooses for each pixel of the hole the displacement from which it is copied, so that the seams between parts are least visible: starting from the matches, each of the dominant
/// displacements is proposed to all pixels at once, and a minimum cut finds the pixels that take it (expansion moves, Boykov, Veksler and Zabih 2001).
/// </summary>
internal sealed class ShiftFusion
{
    private readonly FillLevel level;
    private readonly ShiftCosts costs;
    private readonly int[] shifts;
    private readonly int[] ownCosts;
    private readonly int[] changes;
    private readonly int[] neighbours;
    private readonly GridCut cut;

    /// <param name="level">The level, with content in its hole.</param>
    /// <param name="proposals">The current source pixel of each of the level's hole pixels.</param>
    /// <param name="costs">What displacements and seams cost.</param>
    public ShiftFusion(FillLevel level, int[] proposals, ShiftCosts costs)
    {
        this.level = level;
        this.costs = costs;
        int[] pixels = level.HolePixels;
        int[] positions = new int[level.Pixels.Length];
        Array.Fill(positions, GridCut.None);
        shifts = new int[pixels.Length];
        ownCosts = new int[pixels.Length];
        changes = new int[pixels.Length];
        for (int position = 0; position < pixels.Length; position++)
        {
            positions[pixels[position]] = position;
            shifts[position] = proposals[position] - pixels[position];
            ownCosts[position] = costs.Own(pixels[position], shifts[position]);
        }

        neighbours = new int[pixels.Length * 4];
        ReadOnlySpan<int> steps = [1, -1, level.Stride, -level.Stride];
        for (int arc = 0; arc < neighbours.Length; arc++)
        {
            neighbours[arc] = positions[pixels[arc / 4] + steps[arc & 3]];
        }

        cut = new GridCut(neighbours);
    }

    /// <summary>The displacement of each of the level's hole pixels, as a difference of the level's index.</summary>
    public int[] Shifts => shifts;

    /// <summary>Proposes each displacement once to every pixel; a second pass would save 2 % of the cost and take half as long again.</summary>
    /// <param name="offers">The displacements, as differences of the level's index, each with its cost for each of the level's hole pixels.</param>
    /// <param name="offered">Called after each proposal.</param>
    public void Run((int Shift, int[] Costs)[] offers, Action offered)
    {
        foreach ((int candidate, int[] offeredCosts) in offers)
        {
            Offer(candidate, offeredCosts);
            offered();
        }
    }

    /// <summary>The cost of the current choice; lower means less visible seams.</summary>
    public long TotalCost()
    {
        long total = 0;
        for (int position = 0; position < shifts.Length; position++)
        {
            total += ownCosts[position];
            for (int side = 0; side < 4; side += 2)
            {
                int other = neighbours[(position * 4) + side];
                if (other != GridCut.None && shifts[position] != shifts[other])
                {
                    total += costs.Seam(level.HolePixels[position], level.HolePixels[other], shifts[position], shifts[other]);
                }
            }
        }

        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Offer(int candidate, int[] offeredCosts)
    {
        cut.Clear();
        for (int position = 0; position < shifts.Length; position++)
        {
            int index = level.HolePixels[position];
            int shift = shifts[position];
            changes[position] = shift == candidate ? 0 : costs.Difference(index + shift, index + candidate);
            cut.AddTerminal(position, offeredCosts[position] - ownCosts[position]);
        }

        for (int position = 0; position < shifts.Length; position++)
        {
            // Each pair once, from its left or upper pixel.
            AddPair(position, 0, candidate, offeredCosts);
            AddPair(position, 2, candidate, offeredCosts);
        }

        cut.Cut();
        for (int position = 0; position < shifts.Length; position++)
        {
            if (shifts[position] != candidate && cut.IsOnSinkSide(position))
            {
                shifts[position] = candidate;
                ownCosts[position] = offeredCosts[position];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddPair(int position, int side, int candidate, int[] offeredCosts)
    {
        int other = neighbours[(position * 4) + side];
        if (other == GridCut.None || Math.Min(offeredCosts[position], offeredCosts[other]) >= ShiftCosts.Forbidden)
        {
            return;
        }

        if (shifts[position] == shifts[other])
        {
            int seam = changes[position] + changes[other];
            cut.AddEdge(position, side, seam);
            cut.AddEdge(other, side + 1, seam);
        }
        else
        {
            AddSeam(position, other, side, candidate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddSeam(int position, int other, int side, int candidate)
    {
        int index = level.HolePixels[position];
        int otherIndex = level.HolePixels[other];
        int shift = shifts[position];
        int otherShift = shifts[other];
        int bothKeep = costs.Seam(index, otherIndex, shift, otherShift);
        int otherTakes = shift == candidate ? 0 : changes[position] + costs.Difference(otherIndex + shift, otherIndex + candidate);
        int thisTakes = otherShift == candidate ? 0 : changes[other] + costs.Difference(index + candidate, index + otherShift);

        // A pair's costs can be divided freely between terminals and edges; the more evenly, the less flow remains.
        int capacity = Math.Max(0, otherTakes + thisTakes - bothKeep);
        int back = Math.Clamp(thisTakes - (bothKeep / 2), 0, capacity);
        cut.AddTerminal(position, thisTakes - bothKeep - back);
        cut.AddTerminal(other, back - thisTakes);
        cut.AddEdge(position, side, capacity - back);
        cut.AddEdge(other, side + 1, back);
    }
}

/// <summary>
/// Finds the few displacements at which the known part of the picture repeats itself most, such as the pickets of a fence. They are the most promising ones for
/// continuing the picture (He and Sun 2012).
/// </summary>
internal static class DominantShifts
{
    /// <summary>The maximum number of displacements.</summary>
    public const int MaximumCount = 100;

    private const int SearchPasses = 6;

    /// <summary>Below this fraction (1/15) of the picture's longer side everything resembles itself.</summary>
    public const int ExclusionShare = 15;

    /// <summary>Finds the displacements, as differences of the level's index and most frequent first.</summary>
    /// <returns>The displacements, and the distances that <see cref="Match"/> returns.</returns>
    public static (int[] Shifts, int[] Rarity) Find(FillLevel level, long seed, ParallelOptions parallel)
    {
        int exclusion = Math.Max(level.Width, level.Height) / ExclusionShare;
        (int[] matches, int[] costs) = Match(level, exclusion, seed, parallel);

        // Repetitions near the hole get as many places as those in the whole picture, however large it is.
        FillWindow surroundings = Surroundings(level);
        int[] near = Peaks(level, matches, exclusion, surroundings);
        int[] everywhere = Peaks(level, matches, exclusion, new FillWindow(0, 0, level.Width, level.Height));
        return ([.. near.Take(MaximumCount / 2).Concat(everywhere).Distinct().Take(MaximumCount)], costs);
    }

    /// <summary>Finds for each known patch the most similar known patch elsewhere.</summary>
    /// <param name="exclusion">The minimum distance of a match, in pixels.</param>
    /// <returns>For each index of the level, the index of the match and its patch distance; 0 where there is no known patch.</returns>
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
        // Counts of displacements, with a margin for the smoothing.
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

                // The first pixel of a plateau represents it.
                if (smooth[other] > smooth[at] || (smooth[other] == smooth[at] && other < at))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
