using Inpaint.Imaging;
using Inpaint.Imaging.Fill;
using Xunit;

namespace Inpaint.Tests.Imaging.Fill;

public class PatchFillEdgeCaseTests
{
    [Theory]
    [InlineData(0, 0, 40, 30)]
    [InlineData(120, 90, 40, 38)]
    [InlineData(0, 40, 160, 40)]
    [InlineData(60, 0, 30, 128)]
    public void A_hole_may_touch_the_border(int left, int top, int width, int height)
    {
        Raster truth = Textures.Create(160, 128, 3, 8, Textures.Noise);
        byte[] coverage = Textures.Rectangle(160, 128, left, top, width, height);

        Raster filled = PatchFill.Fill(Textures.Cut(truth, coverage), coverage, new PatchFillOptions(), null, TestContext.Current.CancellationToken);

        Assert.InRange(Textures.GradientEnergy(filled, coverage) / Textures.GradientEnergy(truth, coverage), 0.7, 1.3);
        AssertNoneLeft(filled, coverage);
    }

    [Fact]
    public void Several_holes_of_very_different_size_are_all_filled()
    {
        Raster truth = Textures.Create(200, 160, 3, 8, Textures.Bricks);
        byte[] coverage = Textures.Rectangle(200, 160, 20, 20, 60, 60);
        foreach (byte[] other in new[] { Textures.Rectangle(200, 160, 120, 10, 1, 140), Textures.Rectangle(200, 160, 150, 100, 3, 2), Textures.Rectangle(200, 160, 199, 159, 1, 1) })
        {
            for (int index = 0; index < coverage.Length; index++)
            {
                coverage[index] |= other[index];
            }
        }

        Raster filled = PatchFill.Fill(Textures.Cut(truth, coverage), coverage, new PatchFillOptions(), null, TestContext.Current.CancellationToken);

        Assert.InRange(Textures.MeanError(filled, truth, coverage), 0, 6);
        AssertNoneLeft(filled, coverage);
    }

    [Fact]
    public void Many_thin_scratches_which_no_coarser_level_has_are_filled()
    {
        Raster truth = Textures.Create(360, 240, 3, 8, Textures.Bricks);
        byte[] coverage = new byte[360 * 240];
        for (int index = 0; index < coverage.Length; index++)
        {
            // Lines two pixels wide that lean.
            coverage[index] = ((index % 360) + (index / 360 / 3)) % 17 < 2 ? (byte)255 : (byte)0;
        }

        Raster filled = PatchFill.Fill(Textures.Cut(truth, coverage), coverage, new PatchFillOptions(), null, TestContext.Current.CancellationToken);

        Assert.InRange(Textures.MeanError(filled, truth, coverage), 0, 3);
        AssertNoneLeft(filled, coverage);
    }

    [Fact]
    public void A_mask_that_leaves_a_corner_is_filled_from_the_corner()
    {
        Raster truth = Textures.Create(96, 96, 3, 8, Textures.Noise);
        byte[] coverage = Textures.Rectangle(96, 96, 0, 0, 96, 96);
        for (int y = 0; y < 16; y++)
        {
            coverage.AsSpan(y * 96, 16).Clear();
        }

        Raster filled = PatchFill.Fill(Textures.Cut(truth, coverage), coverage, new PatchFillOptions(), null, TestContext.Current.CancellationToken);

        AssertNoneLeft(filled, coverage);
    }

    [Fact]
    public void Without_a_whole_patch_to_copy_the_colours_at_the_edge_spread_inwards()
    {
        // A frame two pixels wide, dark on the left and bright on the right.
        Raster truth = Textures.Create(40, 40, 1, 8, (x, _) => (x < 20 ? 50 : 150, 0, 0));
        byte[] coverage = Textures.Rectangle(40, 40, 2, 2, 36, 36);

        Raster filled = PatchFill.Fill(Textures.Cut(truth, coverage), coverage, new PatchFillOptions(), null, TestContext.Current.CancellationToken);

        Assert.InRange(filled.Data[(20 * 40) + 4], 50, 75);
        Assert.InRange(filled.Data[(20 * 40) + 35], 125, 150);
        Assert.All(filled.Data, sample => Assert.InRange(sample, 50, 150));
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, 2)]
    [InlineData(3, 3)]
    [InlineData(6, 9)]
    [InlineData(300, 4)]
    [InlineData(7, 7)]
    public void A_picture_smaller_than_a_patch_is_filled(int width, int height)
    {
        Raster truth = Textures.Create(width, height, 3, 8, (_, _) => (10, 20, 30));
        byte[] coverage = Textures.Rectangle(width, height, 0, 0, Math.Max(1, width - 1), Math.Max(1, height - 1));

        Raster filled = PatchFill.Fill(Textures.Cut(truth, coverage), coverage, new PatchFillOptions(), null, TestContext.Current.CancellationToken);

        Assert.Equal(truth.Data, filled.Data);
    }

    [Fact]
    public void An_empty_mask_changes_nothing()
    {
        Raster picture = Textures.Create(50, 40, 3, 8, Textures.Noise);

        Raster filled = PatchFill.Fill(picture, new byte[2000], new PatchFillOptions(), null, TestContext.Current.CancellationToken);

        Assert.Equal(picture.Data, filled.Data);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(50, 40)]
    public void A_mask_over_everything_is_refused(int width, int height)
    {
        Raster picture = Textures.Create(width, height, 3, 8, Textures.Noise);

        InpaintException error = Assert.Throws<InpaintException>(() => PatchFill.Fill(
            picture, Textures.Rectangle(width, height, 0, 0, width, height), new PatchFillOptions(), null, TestContext.Current.CancellationToken));

        Assert.Equal(InpaintErrorId.MaskFull, error.ErrorId);
    }

    [Fact]
    public void A_very_large_picture_is_filled_from_the_holes_surroundings()
    {
        Raster truth = Textures.Create(2600, 1800, 1, 8, Textures.Bricks);
        byte[] coverage = Textures.Rectangle(2600, 1800, 2100, 1300, 40, 40);

        Raster filled = PatchFill.Fill(Textures.Cut(truth, coverage), coverage, new PatchFillOptions(), null, TestContext.Current.CancellationToken);

        Assert.InRange(Textures.MeanError(filled, truth, coverage), 0, 3);
    }

    // The samples under the mask were of this value, and nothing else in the picture is.
    private static void AssertNoneLeft(Raster filled, byte[] coverage)
    {
        for (int index = 0; index < coverage.Length; index++)
        {
            Assert.False(coverage[index] != 0 && filled.Data[index * 3] == 251 && filled.Data[(index * 3) + 1] == 251, $"pixel {index} was left");
        }
    }
}
