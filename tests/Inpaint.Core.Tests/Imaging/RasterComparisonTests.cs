using Inpaint.Imaging;
using Inpaint.Tests.Imaging.Masks;
using Xunit;

namespace Inpaint.Tests.Imaging;

public class RasterComparisonTests
{
    [Fact]
    public void Only_what_the_mask_keeps_counts()
    {
        var before = new Raster(4, 1, 1, 8, [10, 20, 30, 40]);
        var after = new Raster(4, 1, 1, 8, [10, 25, 30, 90]);

        Assert.Equal(new RasterComparison(4, 2, 50, 55, 8), RasterComparison.Compare(before, after, mask: null));
        Assert.Equal(new RasterComparison(3, 1, 5, 5, 8), RasterComparison.Compare(before, after, MaskTests.Parse("___#")));
        Assert.Equal(1 / 3.0, RasterComparison.Compare(before, after, MaskTests.Parse("___#")).ChangedShare, 12);
    }

    [Fact]
    public void Layouts_that_mean_the_same_compare_as_equal()
    {
        Raster gray = CompositorTests.Noise(20, 20, 1, 8, 1);

        Assert.Equal(0, RasterComparison.Compare(gray, RasterLayout.Convert(gray, 4, 16), mask: null).ChangedPixels);
    }

    [Fact]
    public void The_difference_picture_shows_the_worst_channel()
    {
        var before = new Raster(2, 1, 3, 8, [0, 0, 0, 9, 9, 9]);
        var after = new Raster(2, 1, 3, 8, [1, 7, 2, 9, 9, 9]);

        Raster picture = RasterComparison.DifferencePicture(before, after, gain: 10);

        Assert.Equal([70, 0], picture.Data);
    }
}
