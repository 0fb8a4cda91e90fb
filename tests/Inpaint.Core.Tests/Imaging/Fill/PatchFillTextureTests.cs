using Inpaint.Imaging;
using Inpaint.Imaging.Fill;
using Xunit;

namespace Inpaint.Tests.Imaging.Fill;

public class PatchFillTextureTests
{
    [Theory]
    [InlineData("stripes")]
    [InlineData("checkerboard")]
    [InlineData("bricks")]
    public void A_periodic_pattern_continues_through_the_hole(string name)
    {
        Raster truth = Textures.Create(160, 128, 3, 8, Pattern(name));
        byte[] coverage = Textures.Rectangle(160, 128, 60, 44, 40, 36);

        // One brick of another length is a slip that any seed may make; a course out of place is not.
        double[] errors = [.. Enumerable.Range(1, 4).Select(seed => Textures.MeanError(
            PatchFill.Fill(Textures.Cut(truth, coverage), coverage, new PatchFillOptions { Seed = seed }, null, TestContext.Current.CancellationToken), truth, coverage))];
        Assert.InRange(errors.Average(), 0, 2);
        Assert.InRange(errors.Max(), 0, 5);
    }

    [Theory]
    [InlineData("stripes")]
    [InlineData("bricks")]
    [InlineData("noise")]
    public void Texture_is_kept_not_smeared(string name)
    {
        Raster truth = Textures.Create(160, 128, 3, 8, Pattern(name));
        byte[] coverage = Textures.Rectangle(160, 128, 50, 40, 50, 44);

        Raster filled = PatchFill.Fill(Textures.Cut(truth, coverage), coverage, new PatchFillOptions { Seed = 7 }, null, TestContext.Current.CancellationToken);

        double ratio = Textures.GradientEnergy(filled, coverage) / Textures.GradientEnergy(truth, coverage);
        Assert.InRange(ratio, 0.8, 1.2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_rough_place_is_not_filled_with_the_smooth_ones_of_the_same_colour(long seed)
    {
        Raster truth = Textures.Create(192, 144, 3, 8, Textures.PatchyNoise);
        byte[] coverage = Textures.Rectangle(192, 144, 66, 48, 60, 48);

        Raster filled = PatchFill.Fill(Textures.Cut(truth, coverage), coverage, new PatchFillOptions { Seed = seed }, null, TestContext.Current.CancellationToken);

        // The hole's own patches were random; what can be known is how rough they are around it.
        byte[] around = [.. coverage.Select(share => (byte)(255 - share))];
        double ratio = Textures.GradientEnergy(filled, coverage) / Textures.GradientEnergy(truth, around);
        Assert.InRange(ratio, 0.8, 1.2);
    }

    [Fact]
    public void Noise_keeps_its_mean_and_spread()
    {
        Raster truth = Textures.Create(128, 128, 1, 8, Textures.Noise);
        byte[] coverage = Textures.Rectangle(128, 128, 40, 40, 48, 48);

        Raster filled = PatchFill.Fill(Textures.Cut(truth, coverage), coverage, new PatchFillOptions(), null, TestContext.Current.CancellationToken);

        double[] samples = [.. filled.Data.Where((_, index) => coverage[index] != 0).Select(sample => (double)sample)];
        double mean = samples.Average();
        double spread = Math.Sqrt(samples.Average(sample => (sample - mean) * (sample - mean)));

        // Uniform over the 60 levels from 98: mean 127.5, standard deviation 17.3.
        Assert.InRange(mean, 121, 134);
        Assert.InRange(spread, 17.3 * 0.8, 17.3 * 1.2);
    }

    [Fact]
    public void A_smooth_gradient_shows_no_step_at_the_holes_edge()
    {
        Raster truth = Textures.Create(128, 96, 3, 8, (x, y) => (40 + x, 60 + y, 200 - x));
        byte[] coverage = Textures.Rectangle(128, 96, 48, 32, 30, 30);

        Raster filled = PatchFill.Fill(Textures.Cut(truth, coverage), coverage, new PatchFillOptions(), null, TestContext.Current.CancellationToken);

        for (int y = 32; y < 62; y++)
        {
            int outside = filled.Data[((y * 128) + 47) * 3];
            int inside = filled.Data[((y * 128) + 48) * 3];
            Assert.InRange(Math.Abs(inside - outside), 0, 6);
        }
    }

    private static Func<int, int, (int Red, int Green, int Blue)> Pattern(string name) => name switch
    {
        "stripes" => Textures.Stripes,
        "checkerboard" => Textures.Checkerboard,
        "bricks" => Textures.Bricks,
        _ => Textures.Noise,
    };
}
