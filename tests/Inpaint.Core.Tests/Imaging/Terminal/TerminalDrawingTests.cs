using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Imaging.Terminal;
using Xunit;

namespace Inpaint.Tests.Imaging.Terminal;

public sealed class TerminalDrawingTests
{
    [Theory]
    [InlineData(640, 480, 80, 24)]
    [InlineData(480, 640, 80, 24)]
    [InlineData(1, 100_000, 80, 24)]
    [InlineData(100_000, 1, 80, 24)]
    [InlineData(3000, 2000, 500, 500)]
    [InlineData(3000, 2000, 1, 1)]
    public void Pictures_fit_their_cells_and_keep_their_shape(int width, int height, int columns, int rows)
    {
        foreach (TerminalProtocol protocol in new[] { TerminalProtocol.Sixel, TerminalProtocol.Blocks })
        {
            foreach (int count in new[] { 1, 2 })
            {
                TerminalPane pane = new(new Raster(width, height, 1), "");
                TerminalLayout layout = TerminalLayout.Of([.. Enumerable.Repeat(pane, count)], new TerminalCanvas(protocol, TerminalColors.TrueColor, columns, rows, Enlarge: true));

                TerminalLayout.Place place = layout.Places[^1];
                Assert.Equal(count, layout.Places.Count);
                Assert.InRange(place.Width, 1, Math.Max(layout.CellWidth, columns * layout.CellWidth / count));
                Assert.InRange(place.Height, 1, Math.Min(4096, rows * layout.CellHeight));
                Assert.True(layout.Columns <= Math.Max(columns, (2 * count) + (2 * (count - 1))), $"{layout.Columns} columns");

                // A line of pixels cannot become thinner than one.
                double across = (double)place.Width / width;
                double down = (double)place.Height / height;
                Assert.True(place.Width == 1 || place.Height == 1 || Math.Abs(across - down) <= Math.Max(1.0 / width, 1.0 / height), $"{place.Width}x{place.Height}");
            }
        }
    }

    [Fact]
    public void A_small_picture_is_enlarged_only_on_request()
    {
        TerminalPane[] panes = [new(new Raster(20, 10, 1), "")];
        TerminalCanvas canvas = new(TerminalProtocol.Blocks, TerminalColors.TrueColor, 80, 24);

        Assert.Equal((20, 10), SizeOf(TerminalLayout.Of(panes, canvas)));
        Assert.Equal((80, 40), SizeOf(TerminalLayout.Of(panes, canvas with { Enlarge = true })));
    }

    [Fact]
    public void Two_pictures_stand_side_by_side_with_their_captions_below()
    {
        Raster red = Flat(10, 6, 255, 0, 0, 255);
        Raster blue = Flat(8, 4, 0, 0, 255, 255);
        string text = TerminalDrawing.Draw([new(red, "before"), new(blue, "after and more")], Blocks(40), CancellationToken.None);
        string[] lines = text.Split('\n');
        PixelColor?[][] shown = AnsiScreen.Read(string.Join('\n', lines[..^1]));

        Assert.Equal(6, shown.Length);
        Assert.Equal([new PixelColor(255, 0, 0), null, null, new PixelColor(0, 0, 255)], shown[0][9..13]);
        Assert.Equal((20, 10), (shown[0].Length, shown[4].Length));
        Assert.Equal("before      after and more", lines[^1]);
        Assert.Equal("bef…", TerminalDrawing.Draw([new(red, "before")], Blocks(4), CancellationToken.None).Split('\n')[^1]);
    }

    [Fact]
    public void What_a_picture_leaves_open_shows_gray_squares_and_what_a_mask_marks_is_red()
    {
        Raster open = Flat(4, 4, 0, 0, 0, 0);
        PixelColor?[][] squares = Shown(new(open, ""));
        Assert.Equal([new PixelColor(0x99, 0x99, 0x99), new PixelColor(0x66, 0x66, 0x66)], [squares[0][0]!.Value, squares[0][2]!.Value]);
        Assert.Equal([squares[0][2], squares[0][0]], [squares[2][0], squares[2][2]]);

        Mask mask = new(4, 4);
        mask.Row(1)[1] = 255;
        Raster green = Flat(4, 4, 0, 200, 100, 255);
        PixelColor?[][] marked = Shown(new(green, "", mask));
        Assert.Equal(new PixelColor(127, 100, 50), marked[1][1]);
        Assert.Equal(new PixelColor(0, 200, 100), marked[1][2]);
        Assert.Equal(200, green.Data[(4 * 5) + 1]);
    }

    [Fact]
    public void Pictures_of_any_layout_are_drawn()
    {
        foreach ((int channels, int bitDepth) in new[] { (1, 8), (2, 8), (3, 16), (4, 16) })
        {
            string text = TerminalDrawing.Draw([new(TestPictures.Waves(30, 20, channels, bitDepth), "")], Blocks(15), CancellationToken.None);
            Assert.Equal(10, AnsiScreen.Read(text[..text.LastIndexOf('\n')]).Length);
        }
    }

    private static PixelColor?[][] Shown(TerminalPane pane) => AnsiScreen.Read(TerminalDrawing.Draw([pane], Blocks(40), CancellationToken.None).TrimEnd('\n'));

    private static TerminalCanvas Blocks(int columns) => new(TerminalProtocol.Blocks, TerminalColors.TrueColor, columns, 24);

    private static (int Width, int Height) SizeOf(TerminalLayout layout) => (layout.Places[0].Width, layout.Places[0].Height);

    private static Raster Flat(int width, int height, params byte[] pixel)
    {
        Raster flat = new(width, height, 4);
        for (int i = 0; i < flat.Data.Length; i += 4)
        {
            pixel.CopyTo(flat.Data, i);
        }

        return flat;
    }
}
