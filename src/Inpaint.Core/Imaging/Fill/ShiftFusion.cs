using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Fill;

/// <summary>
/// Chooses for each pixel of the hole how far away it is copied from, so that the seams between differently shifted parts show
/// least: starting from what the matches propose, each of the dominant displacements is offered to all pixels at once, and a
/// minimum cut finds the pixels that had better take it (expansion moves, Boykov, Veksler and Zabih 2001).
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
    /// <param name="proposals">For each of the level's hole pixels the source pixel that it has now.</param>
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

    /// <summary>How far away each of the level's hole pixels is copied from, as a difference of the level's index.</summary>
    public int[] Shifts => shifts;

    /// <summary>Offers the displacements, each once and to every pixel: a second time saves a fiftieth of the cost for half of the time.</summary>
    /// <param name="offers">The displacements, as differences of the level's index, each with what it costs each of the level's hole pixels.</param>
    /// <param name="offered">Called after each offer.</param>
    public void Run((int Shift, int[] Costs)[] offers, Action offered)
    {
        foreach ((int candidate, int[] offeredCosts) in offers)
        {
            Offer(candidate, offeredCosts);
            offered();
        }
    }

    /// <summary>What the present choice costs: the less, the less its seams show.</summary>
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

        // How a pair's costs are divided between terminals and edges is free; the more evenly, the less is left to flow.
        int capacity = Math.Max(0, otherTakes + thisTakes - bothKeep);
        int back = Math.Clamp(thisTakes - (bothKeep / 2), 0, capacity);
        cut.AddTerminal(position, thisTakes - bothKeep - back);
        cut.AddTerminal(other, back - thisTakes);
        cut.AddEdge(position, side, capacity - back);
        cut.AddEdge(other, side + 1, back);
    }
}
