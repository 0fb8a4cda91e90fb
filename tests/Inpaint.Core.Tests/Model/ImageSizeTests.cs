using Xunit;

namespace Inpaint.Tests.Model;

public class ImageSizeTests
{
    [Theory]
    [InlineData("768x512")]
    [InlineData("768X512")]
    [InlineData("768×512")]
    [InlineData(" 768 x 512 ")]
    public void ASizeIsTwoEdges(string text)
    {
        Assert.Equal(ImageSize.FromPixels(768, 512), ImageSize.Parse(text));
        Assert.Equal("768x512", ImageSize.Parse(text).ToString());
    }

    [Theory]
    [InlineData("huge")]
    [InlineData(" square_hd ")]
    [InlineData("768x")]
    [InlineData("-1x512")]
    [InlineData("768x512x3")]
    [InlineData("99999999999x512")]
    public void AnythingElseMayBeAProvidersName(string text)
    {
        ImageSize size = ImageSize.Parse(text);

        Assert.Equal((text.Trim(), 0, 0), (size.Name, size.Width, size.Height));
        Assert.Equal(text.Trim(), size.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("0x512")]
    [InlineData("65536x1")]
    public void AnEmptyTextAndAnEdgeOutOfRangeAreRefused(string text)
    {
        InpaintException e = Assert.Throws<InpaintException>(() => ImageSize.Parse(text));

        Assert.Equal((InpaintErrorId.InvalidParameter, "Size"), (e.ErrorId, e.Parameter));
    }

    [Fact]
    public void TheLongestEdgeIsTaken() => Assert.Equal(65535, ImageSize.Parse("65535x1").Width);

    [Fact]
    public void ALorasWeightIsOneUnlessSaid() => Assert.Equal(new LoraWeight("owner/model", 1), new LoraWeight("owner/model"));
}
