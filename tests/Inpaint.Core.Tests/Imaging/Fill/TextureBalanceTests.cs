using Inpaint.Imaging.Fill;
using Xunit;

namespace Inpaint.Tests.Imaging.Fill;

public class TextureBalanceTests
{
    private const uint Dress = 0x00402020;
    private const uint Meadow = 0x0030A050;

    [Fact]
    public void The_surroundings_are_known_pixels_within_half_the_holes_depth()
    {
        FillLevel level = Level((x, y) => x is >= 15 and < 45 && y is >= 15 and < 45 ? Pixel(Dress, 40) : Pixel(Meadow, 200));
        foreach (int index in level.HolePixels)
        {
            level.Pixels[index] = Pixel(Meadow, 99);
        }

        uint[] sample = TextureBalance.SampleSurroundings(level);

        // 30x30 pixels without the hole's 20x20, of which as many are taken as tell enough.
        Assert.Equal(256, sample.Length);
        Assert.All(sample, pixel => Assert.Equal(Pixel(Dress, 40), pixel));
    }

    [Theory]
    [InlineData(60, 48, 60, 72)]
    [InlineData(50, 40, 50, 60)]
    [InlineData(40, 40, 50, 60)]
    [InlineData(200, 50, 63, 75)]
    public void Texture_that_was_lost_is_looked_for_again_in_proportion_and_within_reason(int around, int low, int middle, int high)
    {
        FillLevel level = Level((_, _) => Pixel(Dress, around));
        level.Surroundings = TextureBalance.SampleSurroundings(level);
        Fill(level, Dress, 40, 50, 60);

        TextureBalance.Restore(level);

        int[] after = [low, middle, high];
        for (int position = 0; position < level.HolePixels.Length; position++)
        {
            Assert.Equal(Pixel(Dress, after[position % 3]), level.Pixels[level.HolePixels[position]]);
        }

        Assert.All(level.Sources, index => Assert.Equal(Pixel(Dress, around), level.Pixels[index]));
    }

    [Theory]
    [InlineData(Dress, 30)]
    [InlineData(Meadow, 38)]
    public void Only_pixels_of_the_same_colour_say_how_rough_the_hole_should_be(uint colour, int expected)
    {
        // A smooth dress in front of a rough meadow, a little of the former.
        FillLevel level = Level((x, _) => x < 20 ? Pixel(Dress, 30) : Pixel(Meadow, 200));
        level.Surroundings = TextureBalance.SampleSurroundings(level);
        Fill(level, colour, 30);

        TextureBalance.Restore(level);

        Assert.Equal(Pixel(colour, expected), level.Pixels[level.HolePixels[0]]);
    }

    [Fact]
    public void Alpha_and_holes_without_texture_are_left_as_they_are()
    {
        FillLevel level = Level((_, _) => Pixel(Dress, 80));
        Fill(level, Dress, 30);
        uint[] before = [.. level.Pixels];
        TextureBalance.Restore(level);
        Assert.Equal(before, level.Pixels);

        level.Surroundings = TextureBalance.SampleSurroundings(level);
        Fill(level, Dress, 0);
        before = [.. level.Pixels];
        TextureBalance.Restore(level);
        Assert.Equal(before, level.Pixels);
    }

    private static uint Pixel(uint colour, int texture) => colour | ((uint)texture << 24);

    private static void Fill(FillLevel level, uint colour, params int[] textures)
    {
        for (int position = 0; position < level.HolePixels.Length; position++)
        {
            level.Pixels[level.HolePixels[position]] = Pixel(colour, textures[position % textures.Length]);
        }
    }

    /// <summary>A level of 60x60 pixels with a hole of 20x20 in its middle.</summary>
    private static FillLevel Level(Func<int, int, uint> pixel)
    {
        FillLevel level = new(60, 60);
        for (int y = 0; y < 60; y++)
        {
            for (int x = 0; x < 60; x++)
            {
                int index = level.IndexOf(x, y);
                level.Pixels[index] = pixel(x, y);
                level.Hole[index] = x is >= 20 and < 40 && y is >= 20 and < 40 ? (byte)1 : (byte)0;
            }
        }

        level.Classify(TestContext.Current.CancellationToken);
        return level;
    }
}
