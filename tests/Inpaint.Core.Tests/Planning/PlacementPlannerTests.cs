using Inpaint.Imaging.Masks;
using Inpaint.Planning;
using Xunit;

namespace Inpaint.Tests.Planning;

public sealed class PlacementPlannerTests : RequestPlanTest
{
    private static readonly PictureSource Remote = PictureSource.Parse("https://pictures.example/dog.png");

    [Fact]
    public void The_mask_is_kept_no_larger_than_it_must_be()
    {
        PlannedPlacement placement = Plan(Request(mask: MaskOf((x, y) => x is >= 10 and < 14 && y == 5 ? (byte)255 : (byte)0)) with { KeepUnmasked = true }).Placement!;

        Assert.Equal(new PixelRect(0, 0, 32, 24), placement.Part);
        Assert.Equal(new PixelRect(9, 4, 6, 3), placement.MaskPart);
        Mask mask = MaskReader.Read(new MemoryStream(placement.Mask.ToArray()), "mask", MaskMode.White, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(new PixelRect(1, 1, 4, 1), mask.BoundingBox);
        Assert.Equal(Request().Image!.GetDigest(), placement.Original.GetDigest());
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(128, 4)]
    [InlineData(1000, 16)]
    public void The_blend_fits_the_mask(int edge, int feather)
    {
        InpaintRequest request = Request(
            PictureSource.FromBytes(TestPictures.Png(1100, 1100), "dog.png"),
            MaskOf((x, y) => x >= 10 && x < edge + 10 && y >= 10 && y < edge + 19 ? (byte)255 : (byte)0, 1100, 1100)) with
        { KeepUnmasked = true };

        Assert.Equal(feather, Plan(request).Placement!.Feather);
        Assert.Equal(0, Plan(request with { Feather = 0 }).Placement!.Feather);
    }

    [Fact]
    public void The_blend_fits_the_thinnest_of_what_is_marked()
    {
        PictureSource picture = PictureSource.FromBytes(TestPictures.Png(1100, 1100), "dog.png");
        int FeatherOf(Func<int, int, bool> mark) => Plan(Request(picture, MaskOf((x, y) => mark(x, y) ? (byte)255 : (byte)0, 1100, 1100)) with { KeepUnmasked = true }).Placement!.Feather;

        // A scratch from corner to corner, spots far apart, a large mark beside a small one, and one beside a stray dot.
        Assert.Equal(1, FeatherOf((x, y) => Math.Abs(x - y) < 8));
        Assert.Equal(1, FeatherOf((x, y) => (x is > 20 and < 50 && y is > 20 and < 50) || (x is > 1020 and < 1050 && y is > 1020 and < 1050)));
        Assert.Equal(1, FeatherOf((x, y) => (x is > 20 and < 800 && y is > 20 and < 800) || (x is > 1020 and < 1050 && y is > 1020 and < 1050)));
        Assert.Equal(16, FeatherOf((x, y) => (x is > 20 and < 800 && y is > 20 and < 800) || (x == 1000 && y == 1000)));
    }

    [Fact]
    public void Transparency_that_jpeg_loses_is_warned_of()
    {
        InpaintRequest request = Request(PictureSource.FromBytes(TestPictures.Png(32, 24, channels: 4), "layer.png")) with { KeepUnmasked = true, OutputFormat = "jpeg" };

        Assert.Contains(Plan(request).Warnings, w => w.Contains("layer.png", StringComparison.Ordinal) && w.Contains("transparency", StringComparison.Ordinal));
        Assert.DoesNotContain(Plan(request with { OutputFormat = null }).Warnings, w => w.Contains("transparency", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_not_here_cannot_be_kept()
    {
        InpaintException image = Refuses(InpaintErrorId.InvalidParameter, Request(image: Remote) with { KeepUnmasked = true });
        Assert.Contains("https://pictures.example/dog.png", image.Message, StringComparison.Ordinal);
        Assert.Contains("Download", image.RecommendedAction, StringComparison.Ordinal);
        Refuses(InpaintErrorId.InvalidParameter, Request(mask: Remote) with { KeepUnmasked = true });
    }

    [Fact]
    public void What_cannot_be_decoded_cannot_be_kept()
    {
        byte[] gif = [.. "GIF89a"u8, 32, 0, 24, 0, 0, 0, 0];
        InpaintException image = Refuses(InpaintErrorId.ImageUnsupported, Request(PictureSource.FromBytes(gif, "dog.gif")) with { KeepUnmasked = true });
        Assert.Contains("dog.gif", image.Message, StringComparison.Ordinal);
        Refuses(InpaintErrorId.ImageUnsupported, Request(mask: PictureSource.FromBytes(gif, "mask.gif")) with { KeepUnmasked = true });
    }

    [Fact]
    public void A_provider_that_keeps_the_rest_by_itself_is_left_to_it()
    {
        InpaintRequest request = Request() with { Provider = "Local", KeepUnmasked = true };

        Assert.Null(Plan(request).Placement);
        Assert.Equal(3, Plan(request with { Feather = 3 }).Placement!.Feather);
    }

    [Fact]
    public void A_blend_without_anything_to_blend_is_said_and_one_out_of_range_refused()
    {
        Assert.Contains(Plan(Request() with { Feather = 3 }).Warnings, w => w.Contains("KeepUnmasked", StringComparison.Ordinal));
        Refuses(InpaintErrorId.InvalidParameter, Request() with { KeepUnmasked = true, Feather = -1 });
        Refuses(InpaintErrorId.InvalidParameter, Request() with { KeepUnmasked = true, Feather = 1001 });
    }

    [Fact]
    public void Another_way_of_keeping_is_another_request()
    {
        InpaintRequest request = Request() with { OutputFormat = "png" };
        string[] fingerprints =
        [
            Plan(request).Fingerprint,
            Plan(request with { KeepUnmasked = true }).Fingerprint,
            Plan(request with { KeepUnmasked = true, Feather = 2 }).Fingerprint,
        ];

        Assert.Equal(3, fingerprints.Distinct().Count());
        Assert.Equal(fingerprints[1], Plan(request with { KeepUnmasked = true }).Fingerprint);
    }
}
