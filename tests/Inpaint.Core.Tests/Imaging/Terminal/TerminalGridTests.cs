using Inpaint.Imaging;
using Inpaint.Imaging.Terminal;
using Xunit;

namespace Inpaint.Tests.Imaging.Terminal;

public sealed class TerminalGridTests
{
    [Fact]
    public void Rulers_say_at_which_pixels_the_lines_are()
    {
        string[] lines = TerminalDrawing.Draw([new(new Raster(400, 200, 1), "dark.png")], Canvas(TerminalProtocol.Blocks, 44), CancellationToken.None).Split('\n');

        // 40 cells for 400 pixels: 5 cells hold a label and room beside it.
        Assert.Equal("    0    50   100  150  200  250  300  350", lines[0]);
        Assert.Equal(["  0 ", "    ", " 50 ", "    ", "    ", "100 ", "    ", "150 ", "    ", "    "], lines[1..^1].Select(line => line[..4]));
        Assert.Equal("    dark.png", lines[^1]);

        // A line every five cells and every two rows and a half, dotted on black.
        Assert.Equal([false, true, false], lines[2][8..11].Select(cell => cell != ' '));
        Assert.All(Enumerable.Range(2, 18), cell => Assert.NotEqual(' ', lines[3][2 * cell]));
    }

    [Theory]
    [InlineData(8, 8, 80)]
    [InlineData(6000, 4000, 80)]
    [InlineData(3000, 3, 20)]
    [InlineData(3, 3000, 20)]
    [InlineData(640, 480, 12)]
    public void Labels_of_any_size_do_not_touch(int width, int height, int columns)
    {
        foreach (TerminalProtocol protocol in new[] { TerminalProtocol.Blocks, TerminalProtocol.Sixel })
        {
            string drawing = TerminalDrawing.Draw([new(new Raster(width, height, 1), "")], Canvas(protocol, columns), CancellationToken.None);
            string top = drawing.Split('\n')[0];
            int[] labels = protocol == TerminalProtocol.Blocks ? [.. top.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)] : [0];
            Assert.Equal(0, labels[0]);
            Assert.All(labels.Skip(1).Select((label, i) => label - labels[i]), step => Assert.Equal(labels[1], step));
        }
    }

    [Fact]
    public void Graphics_have_their_rulers_in_pixels()
    {
        TerminalPane[] panes = [new(new Raster(200, 100, 1), ""), new(new Raster(200, 100, 1), "")];
        TerminalLayout layout = TerminalLayout.Of(panes, Canvas(TerminalProtocol.Kitty, 60));
        Raster sheet = TerminalSheet.Make(panes, layout, hasGrid: true, CancellationToken.None);

        Raster whole = new TerminalGrid(panes, layout).AddRulers(sheet);

        // Four cells of 10 by 20 to the left, and one above.
        Assert.Equal((sheet.Width + 40, sheet.Height + 20), (whole.Width, whole.Height));

        // The 0 of the ruler above: its first row is full, the second open in the middle.
        Assert.Equal([0x80, 0x80, 0x80, 0], [Red(whole, 40, 2), Red(whole, 44, 2), Red(whole, 48, 2), whole.Row(2)[(4 * 49) + 3]]);
        Assert.Equal([0x80, 0], [Red(whole, 40, 6), Red(whole, 44, 6)]);
        Assert.Equal(255, Red(whole, 40 + (200 * 50 / 200), 22));
        Assert.Equal(0, Red(whole, 40 + 25, 22));
    }

    private static int Red(Raster raster, int x, int y) => raster.Row(y)[4 * x];

    private static TerminalCanvas Canvas(TerminalProtocol protocol, int columns) => new(protocol, TerminalColors.None, columns, 30) { HasGrid = true };
}
