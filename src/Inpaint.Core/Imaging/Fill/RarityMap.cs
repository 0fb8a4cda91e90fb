namespace Inpaint.Imaging.Fill;

/// <summary>
/// How conspicuous it would be to see a part of the picture twice. A thing that the picture has once, such as a bottle on a beach, is unlike all else; texture is not. It is
/// looked for on several levels: of a large thing, a small patch resembles another one of the same thing, and only a patch that is large beside it does not.
/// </summary>
internal static class RarityMap
{
    // What is no rarer than most of the picture is texture, and costs nothing to repeat.
    private const double CommonShare = 0.9;
    private const int LargestCost = 200;

    // Patches that touch the hole have no unlikeness: those beside them belong to what reaches to it.
    private const int Reach = FillLevel.PatchRadius + 1;

    // On each coarser level a patch is twice as large, and what is elsewhere begins twice as far away.
    private const int CoarserLevels = 2;

    /// <summary>What it costs to copy from each index of a level.</summary>
    /// <param name="levels">The levels, the finest first.</param>
    /// <param name="number">Which of them.</param>
    /// <param name="unlikeness">How unlike all else the patch at each index of the level is: a distance of patches.</param>
    /// <param name="seed">Start of the random choices.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public static int[] Create(IReadOnlyList<FillLevel> levels, int number, int[] unlikeness, long seed, ParallelOptions parallel)
    {
        FillLevel level = levels[number];
        int[] costs = Costs(level, unlikeness);
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

    // What reaches to the hole goes on in it: of a bench that somebody sat on, more bench is wanted.
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

    private static int[] Costs(FillLevel level, int[] unlikeness)
    {
        int[] costs = new int[unlikeness.Length];
        if (level.Sources.Length == 0)
        {
            return costs;
        }

        int[] sorted = [.. level.Sources.Select(index => unlikeness[index]).Order()];
        double common = Math.Sqrt(sorted[(int)((sorted.Length - 1) * CommonShare)]);
        foreach (int index in level.Sources)
        {
            double excess = (Math.Sqrt(unlikeness[index]) - common) / (FillLevel.PatchSize * 2);
            costs[index] = Math.Clamp((int)(100 * excess / 25), 0, LargestCost);
        }

        return costs;
    }
}
