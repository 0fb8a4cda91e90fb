namespace Inpaint.Imaging.Fill;

/// <summary>
/// Fills the levels from the coarsest to the finest. On every level, match search and voting alternate; on one of them large parts are moved as a whole
/// (<see cref="ShiftFusion"/>), because patches alone cannot correct a wrong structure that they inherited from a coarser level.
/// </summary>
internal sealed class PatchSynthesis
{
    // Up to this number of comparisons an exhaustive search is affordable.
    private const long ExhaustiveComparisons = 4_000_000;

    // After these rounds few matches change, and better ones are found through neighbours.
    private const int ExhaustiveRounds = 2;
    private const int SearchPasses = 2;
    private const int CoarsestRounds = 14;
    private const int FinestRounds = 4;
    private const int CopyRounds = 3;
    private const int RoundsAfterFusion = 4;

    // Limits of the level that is fused: finer ones take too long, and their structure is settled already.
    private const int FusionHolePixels = 20_000;
    private const int FusionSources = 1_000_000;

    private readonly List<FillLevel> levels;
    private readonly long seed;
    private readonly ParallelOptions parallel;
    private readonly FillProgress progress;
    private readonly int fusionLevel;
    private int pass;

    /// <param name="levels">The levels, the finest first.</param>
    /// <param name="progress">Receives the fraction done.</param>
    public PatchSynthesis(List<FillLevel> levels, long seed, ParallelOptions parallel, Action<double>? progress)
    {
        this.levels = levels;
        this.seed = seed;
        this.parallel = parallel;
        fusionLevel = levels.FindIndex(0, levels.Count - 1, level => level.HolePixels.Length <= FusionHolePixels && level.Sources.Length <= FusionSources);
        this.progress = new FillProgress(progress, Work());
    }

    /// <summary>Fills the levels, the coarsest first.</summary>
    /// <returns>The index of the source pixel for each of the finest level's hole pixels.</returns>
    public int[] Run()
    {
        uint[] tone = fusionLevel >= 0 ? ToneMap.Create(levels[^1], levels[fusionLevel]) : [];
        for (int number = levels.Count - 1; number >= 0; number--)
        {
            Start(number);
            Optimise(levels[number], Rounds(number));
            if (number == fusionLevel)
            {
                Fuse(number, tone);
            }
        }

        return Settle(levels[0]);
    }

    private void Start(int number)
    {
        FillLevel level = levels[number];
        level.AllocateMatches();
        byte[] unknown = (byte[])level.Hole.Clone();
        if (number + 1 < levels.Count)
        {
            unknown = Refine(number);
        }

        new OnionPeel(level, seed, parallel).Run(unknown);
        new MatchSearch(level, seed, parallel).FillGaps(pass++);
    }

    private byte[] Refine(int number)
    {
        FillLevel level = levels[number];
        byte[] unknown = LevelTransfer.Refine(levels[number + 1], level, parallel);
        new MatchSearch(level, seed, parallel).FillGaps(pass++);
        new PatchVote(level, parallel).Average();
        return unknown;
    }

    private void Optimise(FillLevel level, int rounds)
    {
        MatchSearch search = new(level, seed, parallel);
        PatchVote vote = new(level, parallel);
        for (int round = 0; round < rounds; round++)
        {
            Search(level, search, mayExhaust: round < ExhaustiveRounds);
            vote.Average();
            progress.Add(level.TargetCount);
        }
    }

    private int[] Settle(FillLevel level)
    {
        MatchSearch search = new(level, seed, parallel);
        PatchVote vote = new(level, parallel);
        int[] sources = [];
        for (int round = 0; round < CopyRounds; round++)
        {
            Search(level, search, mayExhaust: false);
            sources = vote.Copy();
            progress.Add(level.TargetCount);
        }

        return sources;
    }

    private void Search(FillLevel level, MatchSearch search, bool mayExhaust)
    {
        if (mayExhaust && IsExhaustive(level))
        {
            search.Exhaust();
            return;
        }

        for (int repeat = 0; repeat < SearchPasses; repeat++)
        {
            search.Improve(pass++);
        }
    }

    private void Fuse(int number, uint[] tone)
    {
        FillLevel level = levels[number];
        FillLevel coarser = levels[number + 1];
        (int[] candidates, int[] dissimilarity) = DominantShifts.Find(level, seed, parallel);
        int[] rarity = RarityMap.Create(levels, number, dissimilarity, seed, parallel);
        int[] proposals = new PatchVote(level, parallel).Copy();

        // The result of the moves depends on their order, so that two are tried; orders other than by frequency leave more seams.
        ShiftCosts costs = new(level, tone, rarity, seed);
        (int Shift, int[] Costs)[] offers = new (int, int[])[candidates.Length];
        Parallel.For(0, offers.Length, parallel, number => offers[number] = (candidates[number], costs.Own(candidates[number])));
        ShiftFusion[] attempts = [new(level, proposals, costs), new(level, proposals, costs)];
        (int Shift, int[] Costs)[][] orders = [offers, [.. Enumerable.Reverse(offers)]];
        Parallel.For(0, attempts.Length, parallel, number => attempts[number].Run(orders[number], () =>
        {
            parallel.CancellationToken.ThrowIfCancellationRequested();
            progress.Add(level.HolePixels.Length / 4);
        }));
        int[] shifts = attempts.MinBy(attempt => attempt.TotalCost())!.Shifts;

        // A cut considers only adjacent pixels. A few rounds on the coarser level, where patches cover more, repair interrupted lines.
        LevelTransfer.Coarsen(level, shifts, coarser);
        Optimise(coarser, RoundsAfterFusion);
        Refine(number);
        Optimise(level, RoundsAfterFusion);
    }

    private static bool IsExhaustive(FillLevel level) => (long)level.TargetCount * level.Sources.Length <= ExhaustiveComparisons;

    private int Rounds(int number) =>
        levels.Count == 1 ? CoarsestRounds : FinestRounds + ((CoarsestRounds - FinestRounds) * number / (levels.Count - 1));

    private long Work()
    {
        long work = (long)levels[0].TargetCount * CopyRounds;
        for (int number = 0; number < levels.Count; number++)
        {
            work += (long)levels[number].TargetCount * Rounds(number);
        }

        if (fusionLevel >= 0)
        {
            work += (long)RoundsAfterFusion * (levels[fusionLevel].TargetCount + levels[fusionLevel + 1].TargetCount);
            work += (long)DominantShifts.MaximumCount * (levels[fusionLevel].HolePixels.Length / 2);
        }

        return work;
    }
}
