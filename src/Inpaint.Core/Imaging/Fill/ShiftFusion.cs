namespace Inpaint.Imaging.Fill;

/// <summary>
/// Chooses for each pixel of the hole how far away it is copied from, so that the seams between differently shifted parts show
/// least: starting from what the matches propose, each of the dominant displacements is offered to all pixels at once, and a
/// minimum cut finds the pixels that had better take it (expansion moves, Boykov, Veksler and Zabih 2001).
/// </summary>
internal sealed class ShiftFusion
{
    /// <summary>How often every displacement is offered.</summary>
    public const int Sweeps = 2;

    // Dearer than whatever else a pixel can cost.
    private const int Forbidden = 10_000_000;

    // Within this distance of the known picture a copy must continue it.
    private const int EdgeReach = 2;

    // Seams cost in proportion to the colour distance, so that they may fall on edges of the motif. At the hole's edge and for
    // the broad tone the square punishes what would be seen from afar. The factor of the tone is small: it shall decide between
    // fills that are otherwise equally seamless, such as more wall or a piece of sky.
    private static readonly int[] SeamCosts = CreateCosts(power: 1, factor: 1);
    private static readonly int[] EdgeCosts = CreateCosts(power: 2, factor: 1);
    private static readonly int[] ToneCosts = CreateCosts(power: 2, factor: 0.03);

    private readonly FillLevel level;
    private readonly uint[] tone;
    private readonly byte[] known;
    private readonly int[] shifts;
    private readonly int[] ownCosts;
    private readonly int[] neighbours;
    private readonly GridCut cut;

    /// <param name="level">The level, with content in its hole.</param>
    /// <param name="proposals">For each of the level's hole pixels the source pixel that it has now.</param>
    /// <param name="tone">The broad colour expected at each index of the level.</param>
    public ShiftFusion(FillLevel level, int[] proposals, uint[] tone)
    {
        this.level = level;
        this.tone = tone;
        known = MapKnown(level);
        int[] pixels = level.HolePixels;
        int[] positions = new int[level.Pixels.Length];
        Array.Fill(positions, GridCut.None);
        shifts = new int[pixels.Length];
        ownCosts = new int[pixels.Length];
        for (int position = 0; position < pixels.Length; position++)
        {
            positions[pixels[position]] = position;
            shifts[position] = proposals[position] - pixels[position];
            ownCosts[position] = OwnCost(pixels[position], shifts[position]);
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

    /// <summary>Offers the displacements, all of them to every pixel.</summary>
    /// <param name="candidates">The displacements, as differences of the level's index.</param>
    /// <param name="offered">Called after each offer.</param>
    public void Run(int[] candidates, Action offered)
    {
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            bool changed = false;
            foreach (int candidate in candidates)
            {
                changed |= Offer(candidate);
                offered();
            }

            if (!changed)
            {
                break;
            }
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
                if (other != GridCut.None)
                {
                    total += SeamCost(level.HolePixels[position], level.HolePixels[other], shifts[position], shifts[other]);
                }
            }
        }

        return total;
    }

    private static byte[] MapKnown(FillLevel level)
    {
        byte[] map = new byte[level.Hole.Length];
        for (int y = 0; y < level.Height; y++)
        {
            for (int index = level.IndexOf(0, y); index < level.IndexOf(level.Width, y); index++)
            {
                map[index] = (byte)(1 - level.Hole[index]);
            }
        }

        return map;
    }

    private static int[] CreateCosts(double power, double factor)
    {
        // A difference of 25 in each lane costs 100 at factor 1.
        int[] table = new int[(4 * 255 * 255 / 64) + 1];
        for (int step = 0; step < table.Length; step++)
        {
            table[step] = (int)(factor * 100 * Math.Pow(step * 64 / 2500.0, power / 2));
        }

        return table;
    }

    private bool Offer(int candidate)
    {
        cut.Clear();
        int[] offeredCosts = new int[shifts.Length];
        for (int position = 0; position < shifts.Length; position++)
        {
            int index = level.HolePixels[position];
            offeredCosts[position] = OwnCost(index, candidate);
            cut.AddTerminal(position, offeredCosts[position] - ownCosts[position]);

            // Each pair once, from its left or upper pixel.
            for (int side = 0; side < 4; side += 2)
            {
                int other = neighbours[(position * 4) + side];
                if (other == GridCut.None)
                {
                    continue;
                }

                int otherIndex = level.HolePixels[other];
                int bothKeep = SeamCost(index, otherIndex, shifts[position], shifts[other]);
                int otherTakes = SeamCost(index, otherIndex, shifts[position], candidate);
                int thisTakes = SeamCost(index, otherIndex, candidate, shifts[other]);
                cut.AddTerminal(position, thisTakes - bothKeep);
                cut.AddTerminal(other, -thisTakes);
                cut.AddEdge(position, side, Math.Max(0, otherTakes + thisTakes - bothKeep));
            }
        }

        cut.Cut();
        bool changed = false;
        for (int position = 0; position < shifts.Length; position++)
        {
            if (shifts[position] != candidate && cut.IsOnSinkSide(position))
            {
                shifts[position] = candidate;
                ownCosts[position] = offeredCosts[position];
                changed = true;
            }
        }

        return changed;
    }

    private int OwnCost(int index, int shift)
    {
        if (!IsKnown(index + shift))
        {
            return Forbidden;
        }

        int cost = ToneCosts[Distance(tone[index], tone[index + shift])];
        if (level.Depth[index] > EdgeReach)
        {
            return cost;
        }

        for (int dy = -EdgeReach; dy <= EdgeReach; dy++)
        {
            for (int dx = -EdgeReach; dx <= EdgeReach; dx++)
            {
                int other = index + (dy * level.Stride) + dx;
                if (known[other] != 0)
                {
                    cost += IsKnown(other + shift) ? EdgeCosts[Distance(level.Pixels[other], level.Pixels[other + shift])] : EdgeCosts[^1] / 4;
                }
            }
        }

        return cost;
    }

    private int SeamCost(int index, int other, int shift, int otherShift) => shift == otherShift
        ? 0
        : Difference(index + shift, index + otherShift) + Difference(other + shift, other + otherShift);

    private int Difference(int a, int b) => IsKnown(a) && IsKnown(b) ? SeamCosts[Distance(level.Pixels[a], level.Pixels[b])] : SeamCosts[^1] / 4;

    private bool IsKnown(int index) => (uint)index < (uint)known.Length && known[index] != 0;

    // The sum of squared differences of the lanes, in the steps of the tables of costs.
    private static int Distance(uint left, uint right)
    {
        int sum = 0;
        for (int lane = 0; lane < 32; lane += 8)
        {
            int difference = (int)((left >> lane) & 255) - (int)((right >> lane) & 255);
            sum += difference * difference;
        }

        return sum >> 6;
    }
}
