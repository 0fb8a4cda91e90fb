using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Xunit;

namespace Inpaint.Tests.Imaging.Masks;

public class MaskSelectionTests
{
    [Theory]
    [InlineData(0, "#___")]
    [InlineData(10, "##__")]
    [InlineData(255, "###_")]
    public void Near_colors_are_chosen_by_their_worst_channel(int tolerance, string expected)
    {
        var raster = new Raster(4, 1, 4, 8, [100, 50, 0, 255, 110, 45, 9, 255, 100, 61, 0, 255, 100, 50, 0, 10]);

        Assert.Equal(expected, MaskReaderTests.Show(MaskSelection.FromColor(raster, (100, 50, 0), tolerance)));
    }

    [Fact]
    public void Transparency_is_chosen()
    {
        var raster = new Raster(3, 1, 2, 8, [9, 0, 9, 127, 9, 128]);

        Assert.Equal("##_", MaskReaderTests.Show(MaskSelection.FromAlpha(raster, "x")));
    }
}
