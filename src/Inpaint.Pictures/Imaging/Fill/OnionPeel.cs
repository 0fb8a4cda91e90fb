using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Fill;

/// <summary>
/// Fills the hole for the first time, layer by layer from its edge inwards: each pixel takes the centre of the source patch that is most similar to its known surroundings.
/// </summary>
internal sealed unsafe class OnionPeel
{
    private const int RowLength = 8;
    private const int PatchLength = FillLevel.PatchSize * RowLength;

    // The maximum number of candidates per pixel; from larger numbers, random and nearby ones are chosen.
    private const int MaximumCandidates = 4096;

    // Scratches and lettering are too thin for coarser levels. Then the finest level is peeled, and its many pixels share this number of comparisons, because the match search that
    // follows is cheaper.
    private const int MaximumComparisons = 8 << 20;
    private const int MinCandidates = 256;

    private readonly FillLevel level;
    private readonly long seed;
    private readonly ParallelOptions parallel;
    private int candidates;

    public OnionPeel(FillLevel level, long seed, ParallelOptions parallel)
    {
        this.level = level;
        this.seed = seed;
        this.parallel = parallel;
    }

    /// <summary>Fills the given pixels.</summary>
    /// <param name="unknown">1 for every pixel that has no content yet; 0 everywhere afterwards.</param>
    public void Run(byte[] unknown)
    {
        List<int> waiting = [];
        foreach (int index in level.HolePixels)
        {
            if (unknown[index] != 0)
            {
                waiting.Add(index);
            }
        }

        candidates = Math.Min(level.Sources.Length, Math.Clamp(MaximumComparisons / Math.Max(1, waiting.Count), MinCandidates, MaximumCandidates));
        while (waiting.Count > 0)
        {
            List<int> layer = [];
            List<int> inner = [];
            foreach (int index in waiting)
            {
                (TouchesKnown(index, unknown) ? layer : inner).Add(index);
            }

            if (layer.Count == 0)
            {
                return;
            }

            int[] chosen = new int[layer.Count];
            Parallel.For(0, layer.Count, parallel, position => chosen[position] = Choose(layer[position], unknown));
            for (int position = 0; position < layer.Count; position++)
            {
                int index = layer[position];
                int centre = CentreFor(index);
                level.Match[centre] = chosen[position];
                level.Pixels[index] = level.Pixels[chosen[position] + index - centre];
                unknown[index] = 0;
            }

            waiting = inner;
        }
    }

    private bool TouchesKnown(int index, byte[] unknown)
    {
        int x = level.XOf(index);
        int y = level.YOf(index);
        for (int otherY = Math.Max(0, y - 1); otherY <= Math.Min(level.Height - 1, y + 1); otherY++)
        {
            for (int otherX = Math.Max(0, x - 1); otherX <= Math.Min(level.Width - 1, x + 1); otherX++)
            {
                if (unknown[level.IndexOf(otherX, otherY)] == 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    // The patch around a pixel, moved inwards at the picture's edge.
    private int CentreFor(int index) => level.IndexOf(
        Math.Clamp(level.XOf(index), FillLevel.PatchRadius, level.Width - 1 - FillLevel.PatchRadius),
        Math.Clamp(level.YOf(index), FillLevel.PatchRadius, level.Height - 1 - FillLevel.PatchRadius));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Choose(int index, byte[] unknown)
    {
        int centre = CentreFor(index);
        int corner = (FillLevel.PatchRadius * level.Stride) + FillLevel.PatchRadius;

        uint* patch = stackalloc uint[PatchLength];
        uint* counts = stackalloc uint[PatchLength];
        for (int row = 0; row < FillLevel.PatchSize; row++)
        {
            for (int column = 0; column < RowLength; column++)
            {
                int from = centre - corner + (row * level.Stride) + column;
                bool known = column < FillLevel.PatchSize && unknown[from] == 0;
                patch[(row * RowLength) + column] = level.Pixels[from];
                counts[(row * RowLength) + column] = known ? uint.MaxValue : 0;
            }
        }

        int best = level.Sources[0];
        int bestCost = int.MaxValue;
        fixed (uint* pixels = level.Pixels)
        {
            HashRandom random = new(seed, level.Width, index);
            for (int number = 0; number < candidates; number++)
            {
                int candidate = candidates == level.Sources.Length ? level.Sources[number] : Candidate(ref random, index, number);
                int cost = PatchDistance.Partial(patch, counts, pixels + candidate - corner, level.Stride, bestCost);
                if (cost < bestCost)
                {
                    bestCost = cost;
                    best = candidate;
                }
            }
        }

        return best;
    }

    // Every second candidate is from nearby, where similarity is greatest, the others from anywhere.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Candidate(ref HashRandom random, int index, int number)
    {
        const int Near = 64;
        if ((number & 1) != 0)
        {
            int y = Math.Clamp(level.YOf(index) + random.Next((2 * Near) + 1) - Near, 0, level.Height - 1);
            int x = Math.Clamp(level.XOf(index) + random.Next((2 * Near) + 1) - Near, 0, level.Width - 1);
            if (level.Role[level.IndexOf(x, y)] == FillLevel.SourceRole)
            {
                return level.IndexOf(x, y);
            }
        }

        return level.Sources[random.Next(level.Sources.Length)];
    }
}
