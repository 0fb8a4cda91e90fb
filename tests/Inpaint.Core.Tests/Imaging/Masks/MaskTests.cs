using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Xunit;

namespace Inpaint.Tests.Imaging.Masks;

public class MaskTests
{
    [Fact]
    public void A_mask_knows_how_much_and_where_it_covers()
    {
        Mask mask = Parse("_____/__#__/_#_#_/_____");

        Assert.Equal(3 / 20.0, mask.CoverageShare, 12);
        Assert.Equal(new PixelRect(1, 1, 3, 2), mask.BoundingBox);
        Assert.False(mask.IsEmpty);
        Assert.False(mask.IsFull);
    }

    [Fact]
    public void Empty_and_full_are_known()
    {
        Assert.True(new Mask(3, 3).IsEmpty);
        Assert.True(new Mask(3, 3).BoundingBox.IsEmpty);
        Assert.True(Parse("##/##").IsFull);
        Assert.Equal(new PixelRect(0, 0, 2, 2), Parse("##/##").BoundingBox);
    }

    [Theory]
    [InlineData(4, 4, "__##/__##/##__/##__")]
    [InlineData(1, 2, "#/_")]
    [InlineData(3, 1, "#__")]
    public void Scaling_takes_the_nearest_pixel(int width, int height, string expected)
    {
        Mask resized = Parse("_#/#_").Resize(width, height);

        // The middle of an odd size lies between two pixels and takes the later one.
        string seen = string.Join('/', Enumerable.Range(0, height).Select(y => MaskReaderTests.Show(resized).Substring(y * width, width)));
        Assert.Equal(expected, seen);
    }

    [Fact]
    public void As_png_it_is_white_where_it_repaints()
    {
        Raster raster = Pictures.Decode(new MemoryStream(Parse("_#/##").ToPng()), "picture");

        Assert.Equal((1, 8), (raster.Channels, raster.BitDepth));
        Assert.Equal([0, 255, 255, 255], raster.Data);
    }

    internal static Mask Parse(string rows)
    {
        string[] lines = rows.Split('/');
        return new Mask(lines[0].Length, lines.Length, [.. string.Concat(lines).Select(c => c == '#' ? (byte)255 : (byte)0)]);
    }
}
