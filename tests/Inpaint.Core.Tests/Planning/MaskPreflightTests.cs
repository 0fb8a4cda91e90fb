using Xunit;

namespace Inpaint.Tests.Planning;

/// <summary>The advice is one that works for the very mask.</summary>
public sealed class MaskPreflightTests : RequestPlanTest
{
    [Fact]
    public void A_hole_in_a_dark_picture_is_to_be_read_by_its_alpha()
    {
        InpaintException e = Refuses(InpaintErrorId.MaskEmpty, Request(mask: Layer((x, _) => ((byte)0, x < 8 ? (byte)0 : (byte)255))));

        Assert.Equal("Use MaskMode Alpha, with which it marks 25 % of the picture, or paint the part to repaint white.", e.RecommendedAction);
    }

    [Fact]
    public void Strokes_on_an_empty_layer_are_to_be_read_by_their_colour_and_not_the_layer_by_its_alpha()
    {
        PictureSource strokes = Layer((x, _) => ((byte)76, x < 4 ? (byte)255 : (byte)0));
        InpaintException e = Refuses(InpaintErrorId.MaskEmpty, Request(mask: strokes));
        Assert.Equal("Use MaskMode Black, with which it marks 12 % of the picture, or paint the part to repaint white.", e.RecommendedAction);
        Assert.Empty(Plan(Request(mask: Layer((x, _) => ((byte)40, x < 4 ? (byte)255 : (byte)0))) with { MaskMode = MaskMode.Black }).Warnings);

        string warning = Assert.Single(Plan(Request(mask: Layer((x, _) => (x < 4 ? (byte)20 : (byte)255, x < 8 ? (byte)255 : (byte)0)))).Warnings);
        Assert.Contains("make a mask of its transparency and invert it", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_painted_for_another_mode_is_named_by_that_mode()
    {
        Assert.StartsWith("Use MaskMode White, with which it marks 25 % of the picture, or make the part to repaint", Refuses(
            InpaintErrorId.MaskEmpty,
            Request(mask: Layer((x, _) => (x < 8 ? (byte)255 : (byte)0, (byte)255))) with { MaskMode = MaskMode.Alpha }).RecommendedAction, StringComparison.Ordinal);
        Assert.Equal("Paint the part to repaint black.", Refuses(InpaintErrorId.MaskEmpty, Request(mask: MaskOf((_, _) => 255)) with { MaskMode = MaskMode.Black }).RecommendedAction);
        Assert.Equal("Paint the part to keep white.", Refuses(InpaintErrorId.MaskFull, Request(mask: MaskOf((_, _) => 0)) with { MaskMode = MaskMode.Black }).RecommendedAction);
        Assert.Equal("Paint the part to keep black.", Refuses(InpaintErrorId.MaskFull, Request(mask: MaskOf((_, _) => 255))).RecommendedAction);
    }

    [Fact]
    public void A_photograph_with_a_hole_is_suspected_and_strokes_on_an_empty_layer_are_not()
    {
        string warning = Assert.Single(Plan(Request(mask: Layer((x, _) => (x is > 20 and < 26 ? (byte)255 : (byte)0, x < 4 ? (byte)0 : (byte)255)))).Warnings);
        Assert.Contains("transparent parts (12 % of it)", warning, StringComparison.Ordinal);
        Assert.Contains("MaskMode Alpha", warning, StringComparison.Ordinal);

        Assert.Empty(Plan(Request(mask: Layer((x, _) => ((byte)255, x < 8 ? (byte)255 : (byte)0)))).Warnings);
    }

    [Fact]
    public void A_layer_that_is_nearly_all_white_is_suspected_to_be_meant_by_its_hole() =>
        Assert.Contains("use MaskMode Alpha", Assert.Single(Plan(Request(mask: Layer((x, _) => ((byte)255, x < 8 ? (byte)0 : (byte)255)))).Warnings), StringComparison.Ordinal);

    [Fact]
    public void Soft_edges_are_no_reason_for_a_word() =>
        Assert.Empty(Plan(Request(mask: MaskOf((x, _) => x < 12 ? (byte)255 : x is 12 or 13 ? (byte)140 : (byte)0))).Warnings);

    [Fact]
    public void All_but_a_pixel_is_not_a_hundred_percent() =>
        Assert.Contains("marks 99 %", Assert.Single(Plan(Request(mask: MaskOf((x, y) => x == 3 && y == 3 ? (byte)0 : (byte)255))).Warnings), StringComparison.Ordinal);

    private static PictureSource Layer(Func<int, int, (byte Gray, byte Alpha)> value) => PictureSource.FromBytes(TestPictures.AlphaMask(32, 24, value), "layer.png");
}
