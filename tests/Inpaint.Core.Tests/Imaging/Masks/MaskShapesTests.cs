using Inpaint.Imaging.Masks;
using Xunit;

namespace Inpaint.Tests.Imaging.Masks;

public class MaskShapesTests
{
    [Theory]
    [InlineData(1, 1, 2, 2, "_____/_##__/_##__/_____")]
    [InlineData(-5, -5, 7, 6, "##___/_____/_____/_____")]
    [InlineData(3, 2, 100, 100, "_____/_____/___##/___##")]
    [InlineData(9, 9, 3, 3, "_____/_____/_____/_____")]
    public void Rectangles_are_cut_off_at_the_border(int x, int y, int width, int height, string expected)
    {
        var mask = new Mask(5, 4);

        MaskShapes.AddRectangle(mask, new PixelRect(x, y, width, height));

        Assert.Equal(expected.Replace("/", string.Empty, StringComparison.Ordinal), MaskReaderTests.Show(mask));
    }

    [Fact]
    public void An_ellipse_holds_the_pixels_whose_middles_lie_inside()
    {
        var mask = new Mask(60, 40);
        MaskShapes.AddEllipse(mask, new PixelRect(5, -3, 41, 30));

        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = 0; x < mask.Width; x++)
            {
                double across = (x + 0.5 - 25.5) / 20.5;
                double down = (y + 0.5 - 12) / 15;
                Assert.Equal((across * across) + (down * down) < 1, mask.Row(y)[x] == 255);
            }
        }
    }

    [Fact]
    public void A_polygon_follows_the_even_odd_rule()
    {
        var mask = new Mask(9, 9);

        // Outer and inner square in one outline: the inner one is a hole.
        MaskShapes.AddPolygon(mask, [(0, 0), (9, 0), (9, 9), (0, 9), (0, 0), (3, 3), (6, 3), (6, 6), (3, 6), (3, 3)]);

        Assert.Equal(81 - 9, mask.Coverage.Count(c => c == 255));
        Assert.Equal(0, mask.Row(4)[4]);
    }

    [Fact]
    public void A_triangle_and_its_complement_share_no_pixel()
    {
        var lower = new Mask(30, 20);
        var upper = new Mask(30, 20);
        MaskShapes.AddPolygon(lower, [(0, 0), (30, 20), (0, 20)]);
        MaskShapes.AddPolygon(upper, [(0, 0), (30, 0), (30, 20)]);

        Assert.All(lower.Coverage.Zip(upper.Coverage), pair => Assert.Equal(255, pair.First + pair.Second));
    }

    [Fact]
    public void Two_corners_are_no_polygon() => Assert.Equal(
        InpaintErrorId.InvalidParameter,
        Assert.Throws<InpaintException>(() => MaskShapes.AddPolygon(new Mask(2, 2), [(0, 0), (1, 1)])).ErrorId);
}
