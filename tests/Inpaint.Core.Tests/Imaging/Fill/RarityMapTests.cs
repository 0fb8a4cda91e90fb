using Inpaint.Imaging.Fill;
using Xunit;

namespace Inpaint.Tests.Imaging.Fill;

/// <summary>What of a picture would be conspicuous if it were there twice.</summary>
public sealed class RarityMapTests
{
    private const int Width = 240;
    private const int Height = 120;
    private const int ThingX = 180;
    private const int ThingY = 60;

    private static readonly ParallelOptions Parallel = new();

    /// <summary>A thing of one colour is larger than what counts as near, so that its small patches are like others of it: only large ones are not.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(30)]
    public void A_thing_that_is_there_once_is_rare_whether_small_or_large(int radius)
    {
        (List<FillLevel> levels, int[] rarity) = Measure((x, y) => Distance(x - ThingX, y - ThingY) < radius ? 0x40F0F0F0u : Texture(x, y), holeX: 50);
        FillLevel level = levels[0];

        Assert.InRange(rarity[level.IndexOf(ThingX, ThingY - radius)], 20, 200);
        Assert.Equal(0, rarity[level.IndexOf(120, 100)]);
    }

    [Fact]
    public void What_reaches_to_the_hole_may_go_on_in_it()
    {
        // The same large thing, with the hole in its edge.
        (List<FillLevel> levels, int[] rarity) = Measure((x, y) => Distance(x - ThingX, y - ThingY) < 30 ? 0x40F0F0F0u : Texture(x, y), holeX: ThingX - 30);

        Assert.Equal(0, rarity[levels[0].IndexOf(ThingX, ThingY)]);
    }

    [Fact]
    public void Where_everything_is_alike_nothing_is_rare()
    {
        (_, int[] rarity) = Measure(Texture, holeX: 50);

        Assert.InRange(rarity.Max(), 0, 20);
    }

    private static double Distance(int x, int y) => Math.Sqrt((x * x) + (y * y));

    private static uint Texture(int x, int y) => (uint)(100 + (20 * ((x / 3) % 2)) + (20 * ((y / 3) % 2))) * 0x01010101u;

    private static (List<FillLevel> Levels, int[] Rarity) Measure(Func<int, int, uint> pixel, int holeX)
    {
        FillLevel level = new(Width, Height);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                level.Pixels[level.IndexOf(x, y)] = pixel(x, y);
                level.Hole[level.IndexOf(x, y)] = Distance(x - holeX, y - ThingY) < 20 ? (byte)1 : (byte)0;
            }
        }

        level.Classify(TestContext.Current.CancellationToken);
        List<FillLevel> levels = Pyramid.Build(level, Parallel);
        (_, int[] unlikeness) = DominantShifts.Find(level, seed: 1, Parallel);
        return (levels, RarityMap.Create(levels, 0, unlikeness, seed: 1, Parallel));
    }
}
