using System.Text;
using Inpaint.Imaging;
using Inpaint.Imaging.Terminal;
using Xunit;

namespace Inpaint.Tests.Imaging.Terminal;

public sealed class SixelEncoderTests
{
    // Registers hold percent, so that a channel is off by half a percent at most.
    private const int HalfPercent = 2;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 6, 2)]
    [InlineData(6, 7, 5)]
    [InlineData(301, 13, 200)]
    [InlineData(1, 4096, 3)]
    [InlineData(4096, 1, 3)]
    public void A_picture_of_few_colours_keeps_them(int width, int height, int colors)
    {
        Raster sheet = Sheets.Patches(width, height, colors);
        SixelPicture shown = SixelPicture.Read(SixelEncoder.Encode(sheet, CancellationToken.None));

        Assert.Equal((width, height), (shown.Width, shown.Height));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int red, int green, int blue) = shown[x, y]!.Value;
                byte[] pixel = sheet.Row(y).Slice(4 * x, 3).ToArray();
                Assert.True(Math.Abs(red - pixel[0]) <= HalfPercent && Math.Abs(green - pixel[1]) <= HalfPercent && Math.Abs(blue - pixel[2]) <= HalfPercent, $"{x},{y}");
            }
        }
    }

    [Fact]
    public void A_picture_of_many_colours_looks_the_same_with_256()
    {
        Raster sheet = Sheets.Waves(97, 61);
        SixelPicture shown = SixelPicture.Read(SixelEncoder.Encode(sheet, CancellationToken.None));

        Assert.InRange(shown.Registers, 200, 256);
        for (int y = 0; y < 56; y += 8)
        {
            for (int x = 0; x < 96; x += 8)
            {
                for (int c = 0; c < 3; c++)
                {
                    double wanted = Sheets.Mean(x, y, (i, j) => sheet.Row(j)[(4 * i) + c]);
                    double seen = Sheets.Mean(x, y, (i, j) => c == 0 ? shown[i, j]!.Value.Red : c == 1 ? shown[i, j]!.Value.Green : shown[i, j]!.Value.Blue);
                    Assert.InRange(Math.Abs(wanted - seen), 0, 4);
                }
            }
        }
    }

    [Fact]
    public void What_is_not_there_is_not_drawn()
    {
        Raster sheet = Sheets.Patches(20, 9, 4);
        for (int i = 0; i < 20 * 9; i += 3)
        {
            sheet.Data[(4 * i) + 3] = 0;
        }

        SixelPicture shown = SixelPicture.Read(SixelEncoder.Encode(sheet, CancellationToken.None));
        for (int i = 0; i < 20 * 9; i++)
        {
            Assert.Equal(i % 3 != 0, shown[i % 20, i / 20] is not null);
        }

        Assert.Equal((3, 2), (SixelPicture.Read(SixelEncoder.Encode(new Raster(3, 2, 4), CancellationToken.None)).Width, 2));
    }

    [RequiresFact(Requirement.ImageMagick)]
    public void Another_reader_sees_the_same()
    {
        Raster sheet = Sheets.Waves(50, 40);
        string text = SixelEncoder.Encode(sheet, CancellationToken.None);
        SixelPicture shown = SixelPicture.Read(text);

        // By way of a PNG: its colours are only looked up when a picture is written with them.
        byte[] theirs = ImageMagick.Decode(ImageMagick.Run(Encoding.ASCII.GetBytes(text), "sixel:-", "png:-"), "rgb");
        Assert.Equal(50 * 40 * 3, theirs.Length);
        for (int i = 0; i < 50 * 40; i++)
        {
            (int red, int green, int blue) = shown[i % 50, i / 50]!.Value;
            Assert.True(Math.Abs(red - theirs[3 * i]) <= 1 && Math.Abs(green - theirs[(3 * i) + 1]) <= 1 && Math.Abs(blue - theirs[(3 * i) + 2]) <= 1, $"pixel {i}");
        }
    }

    [Fact]
    public void Colours_are_chosen_where_the_picture_needs_them()
    {
        // A gray ramp, and one pixel of red that must not be lost to it.
        Raster sheet = new(256, 4, 4);
        for (int i = 0; i < 256 * 4; i++)
        {
            sheet.Data.AsSpan(4 * i, 3).Fill((byte)(i % 256));
            sheet.Data[(4 * i) + 3] = 255;
        }

        ((byte[])[255, 0, 0]).CopyTo(sheet.Data, 0);
        PixelColor[] chosen = ColorQuantizer.Choose(sheet, 16);

        Assert.Equal(16, chosen.Length);
        Assert.Contains(chosen, c => c.Red > 240 && c.Green < 16 && c.Blue < 16);
        Assert.All(Enumerable.Range(0, 256), gray => Assert.Contains(chosen, c => c.Red == c.Green && Math.Abs(c.Red - gray) <= 20));
    }
}
