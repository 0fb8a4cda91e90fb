using Inpaint.Imaging;
using Inpaint.Tests.Imaging.Masks;
using Xunit;

namespace Inpaint.Tests.Imaging;

public class RasterCropTests
{
    [Theory]
    [InlineData(3, 8)]
    [InlineData(2, 16)]
    public void What_is_cut_out_fits_back(int channels, int bitDepth)
    {
        Raster raster = CompositorTests.Noise(13, 11, channels, bitDepth, 5);
        byte[] before = [.. raster.Data];
        var part = new PixelRect(3, 2, 7, 6);

        Raster cut = RasterCrop.Crop(raster, part);

        Assert.Equal(raster.Row(2).Slice(3 * raster.BytesPerPixel, cut.Stride).ToArray(), cut.Row(0).ToArray());
        raster.Row(4).Clear();
        RasterCrop.Paste(raster, cut, 3, 2);
        Assert.Equal(before.AsSpan(4 * raster.Stride + (3 * raster.BytesPerPixel), cut.Stride).ToArray(), cut.Row(2).ToArray());
        Assert.Equal(cut.Data, RasterCrop.Crop(raster, part).Data);
    }

    [Fact]
    public void A_masks_part_is_cut_out() => Assert.Equal(
        "#_##",
        MaskReaderTests.Show(RasterCrop.Crop(MaskTests.Parse("____/_#_#/_###/____"), new PixelRect(1, 1, 2, 2))));

    [Fact]
    public void Parts_beyond_the_picture_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RasterCrop.Crop(new Raster(4, 4, 1), new PixelRect(2, 2, 3, 1)));
}
