using Xunit;

namespace Inpaint.Tests.Model;

public class ImageSizeTests
{
    [Theory]
    [InlineData("768x512")]
    [InlineData("768X512")]
    [InlineData("768×512")]
    [InlineData(" 768 x 512 ")]
    public void A_size_is_two_edges(string text)
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
    public void Anything_else_may_be_a_providers_name(string text)
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
    public void An_empty_text_and_an_edge_out_of_range_are_refused(string text)
    {
        InpaintException e = Assert.Throws<InpaintException>(() => ImageSize.Parse(text));

        Assert.Equal((InpaintErrorId.InvalidParameter, "Size"), (e.ErrorId, e.Parameter));
    }

    [Fact]
    public void The_longest_edge_is_taken() => Assert.Equal(65535, ImageSize.Parse("65535x1").Width);

    [Fact]
    public void A_LoRAs_weight_is_one_unless_said() => Assert.Equal(new LoraWeight("owner/model", 1), new LoraWeight("owner/model"));
}
