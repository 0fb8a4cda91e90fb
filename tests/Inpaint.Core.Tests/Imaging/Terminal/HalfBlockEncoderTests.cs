using Inpaint.Imaging;
using Inpaint.Imaging.Terminal;
using Xunit;

namespace Inpaint.Tests.Imaging.Terminal;

public sealed class HalfBlockEncoderTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(9, 7)]
    [InlineData(40, 10)]
    public void Each_cell_is_two_pixels_in_their_very_colours(int width, int height)
    {
        Raster sheet = Sheets.Waves(width, height);
        Clear(sheet, 4, 2, 3);
        Clear(sheet, 5, 3, 3);
        Clear(sheet, 8, 0, 7);

        PixelColor?[][] shown = AnsiScreen.Read(HalfBlockEncoder.Encode(sheet, TerminalColors.TrueColor));

        Assert.Equal((height + 1) / 2 * 2, shown.Length);
        for (int y = 0; y < shown.Length; y++)
        {
            for (int x = 0; x < width; x++)
            {
                ReadOnlySpan<byte> pixel = y < height ? sheet.Row(y).Slice(4 * x, 4) : [0, 0, 0, 0];
                PixelColor? wanted = pixel[3] == 0 ? null : new PixelColor(pixel[0], pixel[1], pixel[2]);
                Assert.Equal(wanted, x < shown[y].Length ? shown[y][x] : null);
            }
        }
    }

    [Fact]
    public void With_256_colours_surfaces_keep_their_mean()
    {
        Raster sheet = Sheets.Waves(64, 32);
        PixelColor?[][] shown = AnsiScreen.Read(HalfBlockEncoder.Encode(sheet, TerminalColors.Indexed));

        for (int y = 8; y < 32; y += 8)
        {
            for (int x = 8; x < 56; x += 8)
            {
                double wanted = Sheets.Mean(x, y, (i, j) => sheet.Row(j)[(4 * i) + 1]);
                double seen = Sheets.Mean(x, y, (i, j) => shown[j][i]!.Value.Green);
                Assert.InRange(Math.Abs(wanted - seen), 0, 8);
            }
        }
    }

    [Fact]
    public void Xterms_colours_have_the_numbers_that_xterm_gives_them()
    {
        Assert.Equal(240, XtermPalette.Colors.Length);
        Assert.Equal(new PixelColor(0, 0, 95), XtermPalette.Colors[17 - 16]);
        Assert.Equal(new PixelColor(255, 135, 0), XtermPalette.Colors[208 - 16]);
        Assert.Equal(new PixelColor(8, 8, 8), XtermPalette.Colors[232 - 16]);
        Assert.Equal(new PixelColor(238, 238, 238), XtermPalette.Colors[255 - 16]);
    }

    [Fact]
    public void Shades_have_no_control_sequences_and_as_much_ink_as_the_picture_has_light()
    {
        Raster sheet = new(40, 20, 4);
        for (int i = 0; i < 800; i++)
        {
            sheet.Data.AsSpan(4 * i, 4).Fill(i % 40 < 20 ? (byte)100 : (byte)255);
            sheet.Data[(4 * i) + 3] = 255;
        }

        string[] lines = ShadeEncoder.Encode(sheet).Split('\n');

        Assert.Equal(10, lines.Length);
        Assert.All(lines, line => Assert.DoesNotContain('\e', line));
        Assert.All(lines, line => Assert.Equal(new string('█', 19), line[21..]));
        double ink = lines.Average(line => line[..20].Average(c => " ░▒▓█".IndexOf(c, StringComparison.Ordinal) / 4.0));
        Assert.InRange(ink, (100 / 255.0) - 0.02, (100 / 255.0) + 0.02);
    }

    private static void Clear(Raster sheet, int x, int from, int to)
    {
        for (int y = from; y < Math.Min(to, sheet.Height) && x < sheet.Width; y++)
        {
            sheet.Row(y).Slice(4 * x, 4).Clear();
        }
    }
}
