using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Inpaint.Imaging.Fill;

/// <summary>Makes the hole's pixels from the matches of the patches that cover them (Wexler, Shechtman and Irani 2007).</summary>
internal sealed class PatchVote
{
    private const int FullWeight = 1023;

    // Patches near known pixels are surer of what they want; each step inwards counts for less by this factor.
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

    /// <summary>Sets every pixel of the hole to the weighted mean of what its patches propose, as rough as its surroundings.</summary>
    public void Average()
    {
        Weigh();
        ForEachHolePixel(AverageOne);
        TextureBalance.Restore(level);
    }

    /// <summary>Sets every pixel of the hole to the source pixel at the displacement that most of its patches agree on.</summary>
    /// <returns>The index of the source pixel for each entry of <see cref="FillLevel.HolePixels"/>.</returns>
    public int[] Copy()
    {
        Weigh();
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

    private void Weigh()
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

    // The third quartile, from a sample that is large enough and always the same.
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
