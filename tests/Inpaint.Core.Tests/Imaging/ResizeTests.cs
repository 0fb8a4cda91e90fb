using System.Globalization;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Xunit;

namespace Inpaint.Tests.Imaging;

public class ResizeTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void A_flat_picture_stays_flat(int bitDepth)
    {
        var raster = new Raster(37, 23, 4, bitDepth);
        raster.Data.AsSpan().Fill(0x97);

        foreach ((int width, int height) in new[] { (5, 100), (100, 5), (38, 22), (1, 1) })
        {
            Raster resized = Pictures.Resize(raster, width, height);

            Assert.Equal((width, height), (resized.Width, resized.Height));
            Assert.All(resized.Data, b => Assert.Equal(0x97, b));
        }
    }

    [Theory]
    [InlineData(100_000, 3, 20, 1)]
    [InlineData(640, 480, 1, 1)]
    [InlineData(5, 40_000, 5, 7)]
    public void A_picture_far_larger_than_what_is_made_of_it_is_averaged(int width, int height, int smallWidth, int smallHeight)
    {
        var raster = new Raster(width, height, 4, 8);
        raster.Data.AsSpan().Fill(0x97);

        Raster small = Pictures.Resize(raster, smallWidth, smallHeight);

        Assert.Equal((smallWidth, smallHeight), (small.Width, small.Height));
        Assert.All(small.Data, b => Assert.Equal(0x97, b));
    }

    [Fact]
    public void A_smooth_picture_survives_down_and_up()
    {
        Raster raster = RasterLayout.Convert(Slow(200, 160), 3, 8);

        Raster back = Pictures.Resize(Pictures.Resize(raster, 100, 80), 200, 160);

        Assert.InRange(RasterComparison.Compare(raster, back, Border(200, 160, 8)).MaxDifference, 0, 4);
    }

    [Fact]
    public void Scaling_down_counts_every_pixel()
    {
        var raster = new Raster(64, 64, 1);
        for (int i = 0; i < raster.Data.Length; i++)
        {
            raster.Data[i] = (byte)(((i % 64) + (i / 64)) % 2 * 255);
        }

        // A chessboard of single pixels is gray from afar; a nearest or bilinear reduction makes it black, white or striped.
        Raster small = Pictures.Resize(raster, 7, 7);

        Assert.All(small.Data, b => Assert.InRange(b, 124, 131));
    }

    [Fact]
    public void Transparent_colors_do_not_bleed()
    {
        var raster = new Raster(20, 1, 4);
        for (int x = 0; x < 20; x++)
        {
            raster.Data[(4 * x) + (x < 10 ? 0 : 1)] = 200;
            raster.Data[(4 * x) + 3] = x < 10 ? (byte)0 : (byte)255;
        }

        Raster resized = Pictures.Resize(raster, 50, 1);

        for (int x = 0; x < 50; x++)
        {
            if (resized.Data[(4 * x) + 3] > 0)
            {
                Assert.Equal(0, resized.Data[4 * x]);
            }
        }
    }

    [RequiresTheory(Requirement.ImageMagick)]
    [InlineData(75, 50)]
    [InlineData(60, 45)]
    public void Another_programs_lanczos_gives_nearly_the_same_smaller_picture(int width, int height)
    {
        Raster raster = TestPictures.Waves(150, 100, 3);
        var file = new MemoryStream();
        Pictures.Encode(raster, PictureFormat.Png, file);
        string size = string.Create(CultureInfo.InvariantCulture, $"{width}x{height}!");

        byte[] expected = ImageMagick.Decode(file.ToArray(), "rgb", 8, "-filter", "Lanczos", "-resize", size);

        Raster resized = Pictures.Resize(raster, width, height);
        Assert.InRange(RasterComparison.Compare(new Raster(width, height, 3, 8, expected), resized, Border(width, height, 3)).MaxDifference, 0, 2);
    }

    private static Raster Slow(int width, int height)
    {
        var raster = new Raster(width, height, 1, 16);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                raster.RowUInt16(y)[x] = (ushort)(32768 + (20000 * Math.Sin(x * 0.06) * Math.Cos(y * 0.05)));
            }
        }

        return raster;
    }

    // Allows everything near the border to differ.
    private static Mask Border(int width, int height, int depth)
    {
        var inside = new Mask(width, height);
        MaskShapes.AddRectangle(inside, new PixelRect(depth, depth, width - (2 * depth), height - (2 * depth)));
        return MaskMorphology.Invert(inside);
    }
}
