using Inpaint.Imaging.Fill;
using Xunit;

namespace Inpaint.Tests.Imaging.Fill;

/// <summary>Which of several things to copy the fill prefers.</summary>
public class ShiftCostsTests
{
    private readonly FillLevel level = new(64, 32);
    private readonly int hole;
    private readonly int bottle;

    public ShiftCostsTests()
    {
        for (int y = 10; y < 22; y++)
        {
            level.Hole.AsSpan(level.IndexOf(40, y), 12).Fill(1);
        }

        Array.Fill(level.Pixels, 0x80808080u);
        level.Classify(TestContext.Current.CancellationToken);
        hole = level.IndexOf(46, 16);
        bottle = level.IndexOf(16, 16);
    }

    [Fact]
    public void What_is_rare_costs_more_to_copy()
    {
        int[] rarity = new int[level.Pixels.Length];
        rarity[bottle] = 100;

        Assert.Equal(100, Costs(rarity, seed: 1).Own(hole, bottle - hole) - Costs(new int[rarity.Length], seed: 1).Own(hole, bottle - hole));
    }

    [Fact]
    public void Each_seed_prefers_another_side_by_less_than_a_seam_costs()
    {
        int[][] bySeed = [.. Enumerable.Range(1, 4).Select(seed => Costs(new int[level.Pixels.Length], seed))
            .Select(costs => Enumerable.Range(-40, 30).Concat(Enumerable.Range(8, 9)).Select(shift => costs.Own(hole, shift)).ToArray())];

        Assert.Equal(4, bySeed.Select(own => string.Join(' ', own)).Distinct().Count());
        Assert.All(bySeed, own => Assert.InRange(own.Max() - own.Min(), 1, 10));
    }

    [Fact]
    public void All_displacements_of_one_distance_to_the_side_are_liked_alike()
    {
        ShiftCosts costs = Costs(new int[level.Pixels.Length], seed: 3);

        Assert.Single(Enumerable.Range(-8, 16).Select(row => costs.Own(hole, (row * level.Stride) - 20)).Distinct());
    }

    private ShiftCosts Costs(int[] rarity, long seed) => new(level, new uint[level.Pixels.Length], rarity, seed);
}
