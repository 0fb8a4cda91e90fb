using Inpaint.Imaging.Fill;
using Xunit;

namespace Inpaint.Tests.Imaging.Fill;

/// <summary>Which of several things to copy the fill prefers.</summary>
public class ShiftCostsTests
{
    // A patch whose colours are 50 of 255 from those of its nearest like.
    private const int Rare = FillLevel.PatchSize * FillLevel.PatchSize * 4 * 50 * 50;

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
    public void A_thing_that_the_picture_has_once_costs_more_to_copy_than_texture()
    {
        int[] rarity = new int[level.Pixels.Length];
        rarity[bottle] = Rare;
        ShiftCosts costs = Costs(rarity, seed: 1);

        Assert.InRange(costs.Own(hole, bottle - hole) - costs.Own(hole, bottle + 8 - hole), 100, ShiftCosts.Forbidden / 10);
    }

    [Fact]
    public void Where_everything_is_there_once_nothing_costs_more()
    {
        int[] rarity = new int[level.Pixels.Length];
        Array.Fill(rarity, Rare);

        Assert.InRange(Costs(rarity, seed: 1).Own(hole, bottle - hole), 0, 5);
    }

    [Fact]
    public void Each_seed_prefers_other_displacements_by_less_than_a_seam_costs()
    {
        int[][] bySeed = [.. Enumerable.Range(1, 4).Select(seed => Costs(new int[level.Pixels.Length], seed))
            .Select(costs => Enumerable.Range(-40, 30).Select(shift => costs.Own(hole, shift)).ToArray())];

        Assert.Equal(4, bySeed.Select(own => string.Join(' ', own)).Distinct().Count());
        Assert.All(bySeed, own => Assert.InRange(own.Max() - own.Min(), 1, 10));
    }

    private ShiftCosts Costs(int[] rarity, long seed) => new(level, new uint[level.Pixels.Length], rarity, seed);
}
