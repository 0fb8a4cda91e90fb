using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Inpaint.Imaging.Fill;

/// <summary>Computes the pixels of the hole from the matches of the patches that cover them (Wexler, Shechtman and Irani 2007).</summary>
internal sealed class PatchVote
{
    private const int FullWeight = 1023;

    // Patches near known pixels are more reliable; each step inwards divides the weight by this factor.
    private const double DepthDecay = 1.3;
    private const int DepthScale = 16;
    private static readonly int[] DepthWeights = CreateDepthWeights();

    private readonly FillLevel level;
    private readonly ParallelOptions parallel;
    private readonly int[] weights;

    public PatchVote(FillLevel level, ParallelOptions parallel)
    {
        this.level = level;
        this.parallel = parallel;
        weights = new int[level.Pixels.Length];
    }

    /// <summary>Sets every pixel of the hole to the weighted mean of its patches, with the roughness of its surroundings.</summary>
    public void Average()
    {
        UpdateWeights();
        ForEachHolePixel(AverageOne);
        TextureBalance.Restore(level);
    }

    /// <summary>Sets every pixel of the hole to the source pixel at the displacement that most of its patches agree on.</summary>
    /// <returns>The index of the source pixel for each entry of <see cref="FillLevel.HolePixels"/>.</returns>
    public int[] Copy()
    {
        UpdateWeights();
        int[] sources = new int[level.HolePixels.Length];
        ForEachHolePixel([MethodImpl(MethodImplOptions.AggressiveOptimization)] (position, index) =>
        {
            int source = AgreedSource(index);
            sources[position] = source;
            level.Pixels[index] = level.Pixels[source];
        });
        return sources;
    }

    private static int[] CreateDepthWeights()
    {
        int[] table = new int[(2 * FillLevel.PatchSize) + 1];
        for (int index = 0; index < table.Length; index++)
        {
            table[index] = (int)Math.Round(DepthScale * Math.Pow(DepthDecay, FillLevel.PatchSize - index));
        }

        return table;
    }

    private void ForEachHolePixel(Action<int, int> action)
    {
        const int Chunk = 2048;
        int[] pixels = level.HolePixels;
        Parallel.For(0, (pixels.Length + Chunk - 1) / Chunk, parallel, chunk =>
        {
            for (int position = chunk * Chunk; position < Math.Min(pixels.Length, (chunk + 1) * Chunk); position++)
            {
                action(position, pixels[position]);
            }
        });
    }

    private void UpdateWeights()
    {
        double spread = Math.Max(1, TypicalCost());
        Parallel.For(0, level.Height, parallel, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (y) =>
        {
            int row = level.IndexOf(0, y);
            for (int index = row; index < row + level.Width; index++)
            {
                if (level.Role[index] == FillLevel.TargetRole)
                {
                    weights[index] = 1 + (int)(FullWeight * Math.Exp(-level.Cost[index] / (2 * spread)));
                }
            }
        });
    }

    // The third quartile of a deterministic sample.
    private int TypicalCost()
    {
        int step = Math.Max(1, level.HolePixels.Length / 4096);
        List<int> sample = [];
        for (int position = 0; position < level.HolePixels.Length; position += step)
        {
            int index = level.HolePixels[position];
            if (level.Role[index] == FillLevel.TargetRole)
            {
                sample.Add(level.Cost[index]);
            }
        }

        sample.Sort();
        return sample.Count == 0 ? 1 : sample[sample.Count * 3 / 4];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AverageOne(int position, int index)
    {
        Vector128<int> sum = Vector128<int>.Zero;
        int total = 0;
        int ownDepth = level.Depth[index];
        for (int dy = -FillLevel.PatchRadius; dy <= FillLevel.PatchRadius; dy++)
        {
            int row = index + (dy * level.Stride);
            for (int dx = -FillLevel.PatchRadius; dx <= FillLevel.PatchRadius; dx++)
            {
                int centre = row + dx;
                if (level.Role[centre] == FillLevel.TargetRole)
                {
                    int source = level.Match[centre] + index - centre;
                    int weight = Weight(centre, ownDepth);
                    Vector128<byte> lanes = Vector128.CreateScalar(level.Pixels[source]).AsByte();
                    sum += Vector128.WidenLower(Vector128.WidenLower(lanes)).AsInt32() * weight;
                    total += weight;
                }
            }
        }

        if (total > 0)
        {
            uint half = (uint)total / 2;
            level.Pixels[index] = Pack(((uint)sum[0] + half) / (uint)total, ((uint)sum[1] + half) / (uint)total, ((uint)sum[2] + half) / (uint)total, ((uint)sum[3] + half) / (uint)total);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int AgreedSource(int index)
    {
        const int Capacity = FillLevel.PatchSize * FillLevel.PatchSize;
        Span<int> displacements = stackalloc int[Capacity];
        Span<int> sums = stackalloc int[Capacity];
        int count = 0;
        int ownDepth = level.Depth[index];
        for (int dy = -FillLevel.PatchRadius; dy <= FillLevel.PatchRadius; dy++)
        {
            for (int dx = -FillLevel.PatchRadius; dx <= FillLevel.PatchRadius; dx++)
            {
                int centre = index + (dy * level.Stride) + dx;
                if (level.Role[centre] != FillLevel.TargetRole)
                {
                    continue;
                }

                int displacement = level.Match[centre] - centre;
                int slot = displacements[..count].IndexOf(displacement);
                if (slot < 0)
                {
                    slot = count++;
                    displacements[slot] = displacement;
                    sums[slot] = 0;
                }

                sums[slot] += Weight(centre, ownDepth);
            }
        }

        int best = 0;
        for (int slot = 1; slot < count; slot++)
        {
            best = sums[slot] > sums[best] ? slot : best;
        }

        return index + displacements[best];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Weight(int centre, int ownDepth) => weights[centre] * DepthWeights[level.Depth[centre] - ownDepth + FillLevel.PatchSize];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Pack(uint first, uint second, uint third, uint fourth) => first | (second << 8) | (third << 16) | (fourth << 24);
}

/// <summary>
/// Keeps the hole as rough as its surroundings. A mean of patches is smoother than each of them, and smooth patches of the known picture then match it better than rough ones:
/// every round would lose some texture. Therefore the texture lane is raised to that of pixels of the same colours around the hole.
/// </summary>
/// <remarks>
/// Only equal colours are compared, because a meadow says nothing about a dress next to it; and medians, because an edge says nothing about the sky next to it. All pixels are
/// raised in proportion, so that smoother parts of the hole stay smoother.
/// </remarks>
internal static class TextureBalance
{
    private const int Texture = 24;
    private const uint Colours = (1u << Texture) - 1;

    // Enough for a median.
    private const int SurroundingSamples = 256;
    private const int HoleSamples = 256;

    // The squared distance between colours, summed over three lanes, at which the weight of a pixel is an eighth.
    private const double SimilarDistance = 20 * 20;

    // The maximum factor of one round. With more, patches match only by their roughness, which makes speckles.
    private const double MaxRaise = 1.25;

    /// <summary>Samples known pixels around the hole, within half the hole's depth.</summary>
    /// <returns>Evenly spaced pixels, at most <see cref="SurroundingSamples"/>.</returns>
    public static uint[] SampleSurroundings(FillLevel level)
    {
        int reach = Math.Max(2, level.MaximumDepth / 2);
        bool[] isNear = new bool[level.Pixels.Length];
        foreach (int index in level.HolePixels)
        {
            if (level.Depth[index] != 1)
            {
                continue;
            }

            int left = Math.Max(0, level.XOf(index) - reach);
            int right = Math.Min(level.Width - 1, level.XOf(index) + reach);
            for (int y = Math.Max(0, level.YOf(index) - reach); y <= Math.Min(level.Height - 1, level.YOf(index) + reach); y++)
            {
                isNear.AsSpan(level.IndexOf(left, y), right - left + 1).Fill(true);
            }
        }

        List<uint> known = [];
        for (int index = 0; index < isNear.Length; index++)
        {
            if (isNear[index] && level.Hole[index] == 0)
            {
                known.Add(level.Pixels[index]);
            }
        }

        return Sample(known.Count, SurroundingSamples, position => known[position]);
    }

    /// <summary>Raises the texture lane of the hole's pixels to that of the surroundings where it is lower. Does nothing at a level whose fourth lane is alpha.</summary>
    public static void Restore(FillLevel level)
    {
        if (level.Surroundings is not { Length: > 0 } surroundings)
        {
            return;
        }

        uint[] hole = Sample(level.HolePixels.Length, HoleSamples, position => level.Pixels[level.HolePixels[position]]);
        double actual = Median([.. hole.Select(pixel => (double)(pixel >> Texture))]);
        double expected = Median([.. hole.Select(pixel => Expected(pixel, surroundings))]);
        if (actual < 1 || expected <= actual)
        {
            return;
        }

        double raise = Math.Min(expected / actual, MaxRaise);
        foreach (int index in level.HolePixels)
        {
            uint pixel = level.Pixels[index];
            level.Pixels[index] = (pixel & Colours) | ((uint)Math.Min(255, ((pixel >> Texture) * raise) + 0.5) << Texture);
        }
    }

    // The mean texture of the surroundings, weighted by the similarity of colour.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Expected(uint pixel, uint[] surroundings)
    {
        double sum = 0;
        double total = 0;
        foreach (uint other in surroundings)
        {
            int red = (int)(pixel & 255) - (int)(other & 255);
            int green = (int)((pixel >> 8) & 255) - (int)((other >> 8) & 255);
            int blue = (int)((pixel >> 16) & 255) - (int)((other >> 16) & 255);
            double similarity = SimilarDistance / (SimilarDistance + (red * red) + (green * green) + (blue * blue));
            double weight = similarity * similarity * similarity;
            sum += weight * (other >> Texture);
            total += weight;
        }

        return sum / total;
    }

    private static uint[] Sample(int count, int most, Func<int, uint> pixel)
    {
        uint[] sample = new uint[Math.Min(count, most)];
        for (int number = 0; number < sample.Length; number++)
        {
            sample[number] = pixel((int)((long)number * count / sample.Length));
        }

        return sample;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
