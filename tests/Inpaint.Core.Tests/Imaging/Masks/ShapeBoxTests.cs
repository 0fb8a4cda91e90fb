using Xunit;

namespace Inpaint.Tests.Imaging.Masks;

public class ShapeBoxTests
{
    [Theory]
    [InlineData("10%,20%,30%,30%", 20, 20, 60, 30)]
    [InlineData("50%,0,50%,100%", 100, 0, 100, 100)]
    [InlineData("0.5%,0,0.1%,1", 1, 0, 1, 1)]
    [InlineData("-10%,-4,20%,8", -20, -4, 40, 8)]
    [InlineData("BottomRight,30%,10%", 140, 90, 60, 10)]
    [InlineData("bottomright, 60, 10", 140, 90, 60, 10)]
    [InlineData("TopLeft,1,1", 0, 0, 1, 1)]
    [InlineData("Top,20,10", 90, 0, 20, 10)]
    [InlineData("Right,20,10", 180, 45, 20, 10)]
    [InlineData("Center,50%,50%", 50, 25, 100, 50)]
    public void A_box_is_in_pixels_percent_or_at_a_word(string text, int x, int y, int width, int height) =>
        Assert.Equal(new PixelRect(x, y, width, height), Assert.Single(ShapeBox.ParseAll("rectangle", [text])).In(200, 100));

    [Fact]
    public void Parts_that_a_shell_has_taken_apart_are_put_together()
    {
        Assert.Equal(
            ["10%,20%,30%,30%", "BottomRight,30%,10%", "1,2,3,4"],
            ShapeBox.ParseAll("rectangle", ["10%", "20%", "30%", "30%", "BottomRight", "30%", "10%", "1", "2", "3", "4"]).Select(box => box.ToString()));
        Assert.Equal(2, ShapeBox.ParseAll("rectangle", ["TopLeft,20%,20%", "0,0,9,9"]).Count);
    }

    [Theory]
    [InlineData("10%,20%,30%")]
    [InlineData("Middle,30%,10%")]
    [InlineData("5,30%,10%")]
    [InlineData("-5,30%,10%")]
    [InlineData("BottomRight,30%,0%")]
    [InlineData("BottomRight,30%,10%,5")]
    [InlineData("%,0,1,1")]
    [InlineData("1.5,0,1,1")]
    [InlineData("2000000%,0,1,1")]
    [InlineData("BottomRight")]
    public void What_is_no_box_is_said(string text)
    {
        InpaintException failure = Assert.Throws<InpaintException>(() => ShapeBox.ParseAll("rectangle", [text]));
        Assert.Equal((InpaintErrorId.InvalidParameter, "Rectangle"), (failure.ErrorId, failure.Parameter));
        Assert.StartsWith($"'{text}' is not a valid rectangle: it needs x,y,width,height", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_box_around_a_thing_is_in_pixels() =>
        Assert.Equal("Boxes", Assert.Throws<InpaintException>(() => MaskBox.ParseAll(["10%,20%,30%,30%"])).Parameter);
}
