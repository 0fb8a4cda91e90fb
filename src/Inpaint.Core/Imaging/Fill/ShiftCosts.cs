using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Inpaint.Imaging.Fill;

/// <summary>What it costs to copy a hole's pixel from a displacement, and to let two displacements meet between neighbours.</summary>
internal sealed class ShiftCosts
{
    /// <summary>Dearer than whatever else a pixel can cost: the displacement leads to nothing known.</summary>
    public const int Forbidden = 10_000_000;

    // Within this distance of the known picture a copy must continue it.
    private const int EdgeReach = 2;

    // Seams cost in proportion to the colour distance, so that they may fall on edges of the motif. At the hole's edge and for
    // the broad tone the square punishes what would be seen from afar. The factor of the tone is small: it shall decide between
    // fills that are otherwise equally seamless, such as more wall or a piece of sky.
    private static readonly int[] SeamCosts = CreateCosts(power: 1, factor: 1);
    private static readonly int[] EdgeCosts = CreateCosts(power: 2, factor: 1);
    private static readonly int[] ToneCosts = CreateCosts(power: 2, factor: 0.03);

    // What is no rarer than most of the picture is texture, and costs nothing to repeat.
    private const double CommonShare = 0.9;
    private const int LargestRarityCost = 200;

    // By so much a pixel, seeds prefer some displacements to others that do as well. Twice as much breaks courses of bricks, three times as much bends the slats of a bench.
    private const int MostPreference = 1;
    private const int PreferencePass = -9;

    private readonly FillLevel level;
    private readonly uint[] tone;
    private readonly int[] rarity;
    private readonly long seed;
    private readonly byte[] known;

    /// <param name="level">The level, with content in its hole.</param>
    /// <param name="tone">The broad colour expected at each index of the level.</param>
    /// <param name="rarity">How unlike all else the patch at each index of the level is.</param>
    /// <param name="seed">Decides which displacements are preferred.</param>
    public ShiftCosts(FillLevel level, uint[] tone, int[] rarity, long seed)
    {
        this.level = level;
        this.tone = tone;
        this.rarity = RarityCosts(level, rarity);
        this.seed = seed;
        known = MapKnown(level);
    }

    /// <summary>The costs of one displacement for each of the level's hole pixels, <see cref="Forbidden"/> or more where it leads to nothing known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int[] Own(int shift)
    {
        int[] costs = new int[level.HolePixels.Length];
        for (int position = 0; position < costs.Length; position++)
        {
            costs[position] = Own(level.HolePixels[position], shift);
        }

        return costs;
    }

    /// <summary>What it costs to copy one pixel from a displacement.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Own(int index, int shift)
    {
        if (!IsKnown(index + shift))
        {
            return Forbidden;
        }

        int cost = ToneCosts[Distance(tone[index], tone[index + shift])] + rarity[index + shift] + new HashRandom(seed, PreferencePass, shift).Next(MostPreference + 1);
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

    /// <summary>What shows of a seam between two neighbours that are copied from different displacements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Seam(int index, int other, int shift, int otherShift) =>
        Difference(index + shift, index + otherShift) + Difference(other + shift, other + otherShift);

    /// <summary>What shows of a seam at one of its two pixels: the difference between the two that are to be had there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Difference(int a, int b) => IsKnown(a) && IsKnown(b) ? SeamCosts[Distance(level.Pixels[a], level.Pixels[b])] : SeamCosts[^1] / 4;

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

    // A thing that the picture has once, such as a bottle on a beach, is conspicuous when it is there twice.
    private static int[] RarityCosts(FillLevel level, int[] rarity)
    {
        int[] sorted = [.. level.Sources.Select(index => rarity[index]).Order()];
        double common = sorted.Length == 0 ? 0 : Math.Sqrt(sorted[(int)((sorted.Length - 1) * CommonShare)]);
        int[] costs = new int[rarity.Length];
        foreach (int index in level.Sources)
        {
            double excess = (Math.Sqrt(rarity[index]) - common) / (FillLevel.PatchSize * 2);
            costs[index] = Math.Clamp((int)(100 * excess / 25), 0, LargestRarityCost);
        }

        return costs;
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
