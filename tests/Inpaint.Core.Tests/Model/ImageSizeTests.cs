using Xunit;

namespace Inpaint.Tests.Model;

public class ImageSizeTests
{
    [Theory]
    [InlineData("square_hd", 1024, 1024)]
    [InlineData("square", 512, 512)]
    [InlineData("portrait_4_3", 768, 1024)]
    [InlineData("portrait_16_9", 576, 1024)]
    [InlineData("landscape_4_3", 1024, 768)]
    [InlineData(" Landscape_16_9 ", 1024, 576)]
    public void A_preset_is_known_by_its_name(string text, int width, int height)
    {
        ImageSize size = ImageSize.Parse(text);

        Assert.Equal((width, height), (size.Width, size.Height));
        Assert.Equal(text.Trim().ToLowerInvariant(), size.ToString());
        Assert.Equal(size, ImageSize.Parse(size.ToString()));
    }

    [Theory]
    [InlineData("square pro", "square_hd")]
    [InlineData("portrait_3_4", "portrait_4_3")]
    public void A_name_that_a_gateways_page_misspells_is_sent_as_fal_knows_it(string text, string preset) => Assert.Equal(preset, ImageSize.Parse(text).Preset);

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
    [InlineData("")]
    [InlineData("huge")]
    [InlineData("768")]
    [InlineData("768x")]
    [InlineData("x512")]
    [InlineData("-1x512")]
    [InlineData("768x512x3")]
    [InlineData("7.5x512")]
    [InlineData("99999999999x512")]
    [InlineData("0x512")]
    [InlineData("14143x1")]
    public void Anything_else_is_refused_with_the_presets_or_the_range(string text)
    {
        InpaintException e = Assert.Throws<InpaintException>(() => ImageSize.Parse(text));

        Assert.Equal(InpaintErrorId.InvalidParameter, e.ErrorId);
        Assert.True(e.Message.Contains("landscape_4_3", StringComparison.Ordinal) || e.Message.Contains("14142", StringComparison.Ordinal), e.Message);
    }

    [Fact]
    public void The_largest_edge_is_taken() => Assert.Equal(14142, ImageSize.Parse("14142x1").Width);

    [Fact]
    public void A_loras_weight_is_one_unless_said() => Assert.Equal(new LoraWeight("owner/model", 1), new LoraWeight("owner/model"));
}
