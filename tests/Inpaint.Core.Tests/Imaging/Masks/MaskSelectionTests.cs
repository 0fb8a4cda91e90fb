using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Xunit;

namespace Inpaint.Tests.Imaging.Masks;

public class MaskSelectionTests
{
    [Theory]
    [InlineData(0, "#___")]
    [InlineData(10, "##__")]
    [InlineData(255, "###_")]
    public void Near_colors_are_chosen_by_their_worst_channel(int tolerance, string expected)
    {
        var raster = new Raster(4, 1, 4, 8, [100, 50, 0, 255, 110, 45, 9, 255, 100, 61, 0, 255, 100, 50, 0, 10]);

        Assert.Equal(expected, MaskReaderTests.Show(MaskSelection.FromColor(raster, new PixelColor(100, 50, 0), tolerance)));
    }

    [Fact]
    public void Transparency_is_chosen()
    {
        var raster = new Raster(3, 1, 2, 8, [9, 0, 9, 127, 9, 128]);

        Assert.Equal("##_", MaskReaderTests.Show(MaskSelection.FromAlpha(raster, "x")));
    }

    [Theory]
    [InlineData(0, 0, 0, "##__ #___ #_#_ ####")]
    [InlineData(3, 0, 0, "__## ____ ____ ____")]
    [InlineData(1, 1, 0, "____ _##_ _#__ ____")]
    [InlineData(1, 1, 2, "_### _###")]
    public void What_is_connected_to_a_point_is_chosen(int x, int y, int tolerance, string expected)
    {
        string picture = tolerance == 0 ? "1122 1331 1312 1111" : "9 13 14 13 9 12 13 14".Replace(' ', ',');
        Raster raster = tolerance == 0
            ? new Raster(4, 4, 1, 8, [.. picture.Where(char.IsAsciiDigit).Select(digit => (byte)(digit * 10))])
            : new Raster(4, 2, 1, 8, [.. picture.Split(',').Select(byte.Parse)]);
        Mask mask = new(raster.Width, raster.Height);

        MaskSelection.AddConnected(mask, raster, new MaskPoint(x, y), tolerance, "x");

        Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), MaskReaderTests.Show(mask));
    }

    [Fact]
    public void From_a_transparent_point_it_is_what_is_transparent()
    {
        var raster = new Raster(4, 1, 2, 8, [9, 0, 200, 20, 9, 255, 9, 0]);
        Mask mask = new(4, 1);

        MaskSelection.AddConnected(mask, raster, new MaskPoint(0, 0), 0, "x");

        Assert.Equal("##__", MaskReaderTests.Show(mask));
    }

    [Fact]
    public void A_point_beside_the_picture_is_named()
    {
        InpaintException failure = Assert.Throws<InpaintException>(() => MaskSelection.AddConnected(new Mask(4, 1), new Raster(4, 1, 1, 8, new byte[4]), new MaskPoint(4, 0), 0, "dog.png"));
        Assert.Equal("The point 4,0 lies outside dog.png, which is 4x1.", failure.Message);
        Assert.Equal("From", failure.Parameter);
    }

    [Theory]
    [InlineData("red", "#ff0000")]
    [InlineData(" CornflowerBlue ", "#6495ed")]
    [InlineData("#f80", "#ff8800")]
    [InlineData("#00FF7f", "#00ff7f")]
    [InlineData("00ff7f", "#00ff7f")]
    public void A_colour_is_a_name_or_digits(string text, string expected) => Assert.Equal(expected, PixelColor.Parse(text).ToString());

    [Theory]
    [InlineData("#ff")]
    [InlineData("f80")]
    [InlineData("transparent")]
    [InlineData("ButtonFace")]
    [InlineData("#gg0000")]
    [InlineData("")]
    [InlineData("redd")]
    public void What_is_no_colour_is_said(string text) => Assert.Equal("Color", Assert.Throws<InpaintException>(() => PixelColor.Parse(text)).Parameter);
}
