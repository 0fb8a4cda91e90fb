using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Inpaint.Imaging.Fill;

/// <summary>The costs of copying a hole pixel from a displacement, and of a seam between neighbours with different displacements.</summary>
internal sealed class ShiftCosts
{
    /// <summary>More than any other cost: the displacement leads to no known pixel.</summary>
    public const int Forbidden = 10_000_000;

    // Within this distance of the known picture a copy must continue it.
    private const int EdgeReach = 2;

    // The cost of a seam is proportional to the colour distance, so that seams may coincide with edges of the subject. At the hole's edge and for the coarse tone the square
    // penalises what is visible from a distance. The factor of the tone is small: it decides between fills that are otherwise equally seamless, such as wall or sky.
    private static readonly int[] SeamCosts = CreateCosts(power: 1, factor: 1);
    private static readonly int[] EdgeCosts = CreateCosts(power: 2, factor: 1);
    private static readonly int[] ToneCosts = CreateCosts(power: 2, factor: 0.03);

    // The maximum cost that the preference of a seed adds to a pixel.
    private const double MaxPreference = 4;

    // The fractional parts of its multiples are evenly distributed.
    private const double GoldenTurn = 0.61803398875;
    private const int Period = 1 << 20;

    private readonly FillLevel level;
    private readonly uint[] tone;
    private readonly int[] rarity;
    private readonly double preferredColumns;
    private readonly byte[] known;

    /// <param name="level">The level, with content in its hole.</param>
    /// <param name="tone">The coarse colour expected at each index of the level.</param>
    /// <param name="rarity">The cost of copying from each index of the level (<see cref="RarityMap"/>).</param>
    /// <param name="seed">Decides which side is preferred.</param>
    public ShiftCosts(FillLevel level, uint[] tone, int[] rarity, long seed)
    {
        this.level = level;
        this.tone = tone;
        this.rarity = rarity;
        preferredColumns = level.Width * ((Math.Abs(seed) % Period * GoldenTurn % 1) - 0.5);
        known = MapKnown(level);
    }

    /// <summary>The costs of one displacement for each of the level's hole pixels, <see cref="Forbidden"/> or more where it leads to nothing known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int[] Own(int shift)
    {
        int[] costs = new int[level.HolePixels.Length];
        int preference = Preference(shift);
        for (int position = 0; position < costs.Length; position++)
        {
            costs[position] = Own(level.HolePixels[position], shift, preference);
        }

        return costs;
    }

    /// <summary>The cost of copying one pixel from a displacement.</summary>
    public int Own(int index, int shift) => Own(index, shift, Preference(shift));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Own(int index, int shift, int preference)
    {
        if (!IsKnown(index + shift))
        {
            return Forbidden;
        }

        int cost = ToneCosts[Distance(tone[index], tone[index + shift])] + rarity[index + shift] + preference;
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

    /// <summary>The visibility of a seam between two neighbours with different displacements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Seam(int index, int other, int shift, int otherShift) =>
        Difference(index + shift, index + otherShift) + Difference(other + shift, other + otherShift);

    /// <summary>The visibility of a seam at one of its two pixels: the difference between the two candidates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Difference(int a, int b) => IsKnown(a) && IsKnown(b) ? SeamCosts[Distance(level.Pixels[a], level.Pixels[b])] : SeamCosts[^1] / 4;

    // Content from either side of the hole, or from farther away, is equally plausible and looks different, so that the seed may decide; above and below, scenes differ. A preference
    // for single displacements would break courses of bricks, so that all displacements of the same horizontal distance are treated alike.
    private int Preference(int shift)
    {
        int dx = shift - ((int)Math.Round((double)shift / level.Stride) * level.Stride);
        return (int)Math.Round(MaxPreference * Math.Min(1, Math.Abs(dx - preferredColumns) * 2.0 / level.Width));
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsKnown(int index) => (uint)index < (uint)known.Length && known[index] != 0;

    // The sum of squared differences of the lanes, in the steps of the tables of costs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Distance(uint left, uint right)
    {
        Vector128<int> difference = Lanes(left) - Lanes(right);
        return Vector128.Sum(difference * difference) >> 6;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Lanes(uint pixel) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(pixel).AsByte())).AsInt32();
}

/// <summary>
/// How conspicuous a second copy of a part of the picture would be. A unique object, such as a bottle on a beach, is unlike everything else; texture is not. Several levels are
/// compared, because a small patch of a large object resembles other patches of the same object, while a patch that is larger than the object does not.
/// </summary>
internal static class RarityMap
{
    // Anything no rarer than this share of the picture is texture, and may repeat.
    private const double CommonShare = 0.9;
    private const int MaxCost = 200;

    // Patches that touch the hole have no distance, so objects are followed across them.
    private const int Reach = FillLevel.PatchRadius + 1;

    // On each coarser level a patch is twice as large, and so is the minimum distance of a match.
    private const int CoarserLevels = 2;

    /// <summary>Computes the cost of copying from each index of a level.</summary>
    /// <param name="levels">The levels, the finest first.</param>
    /// <param name="number">The number of the level.</param>
    /// <param name="dissimilarity">The patch distance between each index of the level and its most similar patch elsewhere.</param>
    public static int[] Create(IReadOnlyList<FillLevel> levels, int number, int[] dissimilarity, long seed, ParallelOptions parallel)
    {
        FillLevel level = levels[number];
        int[] costs = Costs(level, dissimilarity);
        for (int steps = 1; steps <= CoarserLevels && number + steps < levels.Count; steps++)
        {
            FillLevel coarse = levels[number + steps];
            int exclusion = (Math.Max(coarse.Width, coarse.Height) << steps) / DominantShifts.ExclusionShare;
            int[] coarseCosts = Apart(coarse, Costs(coarse, DominantShifts.Match(coarse, exclusion, seed, parallel).Costs));
            foreach (int index in level.Sources)
            {
                int x = Math.Min(level.XOf(index) >> steps, coarse.Width - 1);
                int y = Math.Min(level.YOf(index) >> steps, coarse.Height - 1);
                costs[index] = Math.Max(costs[index], coarseCosts[coarse.IndexOf(x, y)]);
            }
        }

        return costs;
    }

    // An object that reaches into the hole continues there: a bench on which somebody sat is to be completed.
    private static int[] Apart(FillLevel level, int[] costs)
    {
        Stack<int> reached = new(level.HolePixels);
        bool[] seen = new bool[costs.Length];
        while (reached.TryPop(out int index))
        {
            for (int dy = -Reach; dy <= Reach; dy++)
            {
                for (int dx = -Reach; dx <= Reach; dx++)
                {
                    int other = index + (dy * level.Stride) + dx;
                    if ((uint)other < (uint)costs.Length && !seen[other] && costs[other] > 0)
                    {
                        seen[other] = true;
                        costs[other] = 0;
                        reached.Push(other);
                    }
                }
            }
        }

        return costs;
    }

    private static int[] Costs(FillLevel level, int[] dissimilarity)
    {
        int[] costs = new int[dissimilarity.Length];
        if (level.Sources.Length == 0)
        {
            return costs;
        }

        int[] sorted = [.. level.Sources.Select(index => dissimilarity[index]).Order()];
        double common = Math.Sqrt(sorted[(int)((sorted.Length - 1) * CommonShare)]);
        foreach (int index in level.Sources)
        {
            double excess = (Math.Sqrt(dissimilarity[index]) - common) / (FillLevel.PatchSize * 2);
            costs[index] = Math.Clamp((int)(100 * excess / 25), 0, MaxCost);
        }

        return costs;
    }
}
