using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Imaging.Metadata;
using Inpaint.Tests.Imaging.Masks;
using Xunit;

namespace Inpaint.Tests.Imaging;

public class CompositorTests
{
    [Theory]
    [InlineData(1, 8, 3, 8)]
    [InlineData(3, 8, 3, 8)]
    [InlineData(4, 8, 3, 8)]
    [InlineData(3, 16, 3, 8)]
    [InlineData(2, 16, 4, 8)]
    [InlineData(4, 16, 4, 16)]
    public void Outside_the_mask_every_sample_is_the_originals(int channels, int bitDepth, int otherChannels, int otherBitDepth)
    {
        Raster original = Noise(40, 30, channels, bitDepth, 1);
        Raster repainted = Noise(40, 30, otherChannels, otherBitDepth, 2);
        Mask mask = MaskFeather.ApplyInward(MaskMorphologyTests.Random(40, 30, 0.9, 3), 3);

        Raster blended = Compositor.Blend(original, repainted, mask);

        Assert.Equal(bitDepth, blended.BitDepth);
        Raster expectedOutside = RasterLayout.Convert(original, blended.Channels, bitDepth);
        Raster expectedInside = RasterLayout.Convert(repainted, blended.Channels, bitDepth);
        int pixel = blended.BytesPerPixel;
        for (int i = 0; i < mask.Coverage.Length; i++)
        {
            if (mask.Coverage[i] is 0 or 255)
            {
                Raster expected = mask.Coverage[i] == 0 ? expectedOutside : expectedInside;
                Assert.True(expected.Data.AsSpan(i * pixel, pixel).SequenceEqual(blended.Data.AsSpan(i * pixel, pixel)));
            }
        }

        Assert.Equal(0, RasterComparison.Compare(original, blended, mask).ChangedPixels);
    }

    [Fact]
    public void Between_the_two_are_mixed()
    {
        var original = new Raster(3, 1, 1, 8, [100, 100, 100]);
        var repainted = new Raster(3, 1, 1, 8, [200, 200, 200]);

        Raster blended = Compositor.Blend(original, repainted, new Mask(3, 1, [51, 128, 254]));

        Assert.Equal([120, 150, 200], blended.Data);
    }

    [Fact]
    public void Transparent_colors_do_not_show_through()
    {
        var original = new Raster(1, 1, 4, 8, [255, 0, 0, 0]);
        var repainted = new Raster(1, 1, 4, 8, [0, 200, 0, 255]);

        Raster blended = Compositor.Blend(original, repainted, new Mask(1, 1, [128]));

        Assert.Equal([0, 200, 0, 128], blended.Data);
    }

    [Fact]
    public void The_originals_metadata_stays()
    {
        var metadata = new PictureMetadata { IccProfile = [1, 2] };
        var original = new Raster(2, 2, 3) { Metadata = metadata };

        Assert.Same(metadata, Compositor.Blend(original, new Raster(2, 2, 3), new Mask(2, 2)).Metadata);
    }

    [Fact]
    public void Other_sizes_are_refused() =>
        Assert.Throws<ArgumentException>(() => Compositor.Blend(new Raster(2, 2, 3), new Raster(2, 3, 3), new Mask(2, 2)));

    internal static Raster Noise(int width, int height, int channels, int bitDepth, int seed)
    {
        var raster = new Raster(width, height, channels, bitDepth);
        new Random(seed).NextBytes(raster.Data);
        return raster;
    }
}
