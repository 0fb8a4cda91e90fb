using Inpaint.Imaging;
using Inpaint.Planning;
using Xunit;

namespace Inpaint.Tests.Planning;

public sealed class MaskInspectorTests : RequestPlanTest
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_good_mask_is_described()
    {
        MaskReport report = Inspect(Request(mask: MaskOf((x, y) => (x is >= 2 and < 6 && y is >= 3 and < 13) || (x >= 30 && y >= 20) ? (byte)255 : (byte)0)));

        Assert.True(report.IsUsable);
        Assert.Null(report.Error);
        Assert.Empty(report.Warnings);
        Assert.Equal("Fal", report.Provider);
        Assert.Equal((32, 24, 32, 24), (report.ImageWidth, report.ImageHeight, report.MaskWidth, report.MaskHeight));
        Assert.True(report.IsBinary);
        Assert.Equal(48 / 768.0, report.Coverage!.Value, 12);
        Assert.Equal(new MaskArea(2, 3, 30, 21, 48), report.BoundingBox);
        Assert.Equal(2, report.RegionCount);
        Assert.Equal([new MaskArea(2, 3, 4, 10, 40), new MaskArea(30, 20, 2, 4, 8)], report.Regions);
    }

    [Theory]
    [InlineData(0, InpaintErrorId.MaskEmpty, 0.0)]
    [InlineData(255, InpaintErrorId.MaskFull, 1.0)]
    public void A_refused_mask_is_described_all_the_same(byte value, InpaintErrorId expected, double coverage)
    {
        InpaintRequest request = Request(mask: MaskOf((_, _) => value));
        MaskReport report = Inspect(request);

        Assert.False(report.IsUsable);
        Assert.Equal((expected, Refuses(expected, request).Message), (report.ErrorId, report.Error));
        Assert.NotEmpty(report.RecommendedAction!);
        Assert.Equal(coverage, report.Coverage);
        Assert.Equal(value == 0, report.BoundingBox is null);
    }

    [Fact]
    public void A_mask_of_another_size_is_refused_or_looked_at_as_scaled()
    {
        InpaintRequest request = Request(mask: MaskOf((x, _) => x < 4 ? (byte)255 : (byte)0, 16, 12));

        MaskReport report = Inspect(request);
        Assert.Equal(InpaintErrorId.MaskSizeMismatch, report.ErrorId);
        Assert.Equal((16, 12), (report.MaskWidth, report.MaskHeight));
        Assert.Equal(new MaskArea(0, 0, 4, 12, 48), report.BoundingBox);

        report = Inspect(request with { ResizeMask = true });
        Assert.True(report.IsUsable);
        Assert.Equal((16, 12), (report.MaskWidth, report.MaskHeight));
        Assert.Equal(new MaskArea(0, 0, 8, 24, 192), report.BoundingBox);
    }

    [Fact]
    public void What_may_not_be_meant_is_said()
    {
        Assert.Contains(Inspect(Request(mask: MaskOf((x, _) => x < 24 ? (byte)255 : (byte)0))).Warnings, s => s.Contains("75 %", StringComparison.Ordinal));

        string path = Files.Write("soft.png", TestPictures.GrayMask(32, 24, (x, _) => (byte)(x * 6)));
        MaskReport gray = Inspect(Request(mask: PictureSource.FromFile(path)));
        Assert.True(gray.IsUsable);
        Assert.False(gray.IsBinary);
        Assert.Contains(gray.Warnings, s => s.StartsWith("soft.png contains many gray values; they are thresholded at 50 %", StringComparison.Ordinal));

        MaskReport dusty = Inspect(Request(mask: MaskOf((x, y) => x < 8 || (x == 20 && y is 3 or 9) ? (byte)255 : (byte)0)));
        Assert.Contains(dusty.Warnings, s => s.StartsWith("2 of the 3 regions", StringComparison.Ordinal));
    }

    [Fact]
    public void A_request_is_told_the_same_before_it_is_paid_for()
    {
        InpaintRequest request = Request(mask: MaskOf((x, y) => x < 24 || (x == 28 && y == 3) ? (byte)150 : (byte)0));

        Assert.Equal(3, Inspect(request).Warnings.Count);
        Assert.Equal(Inspect(request).Warnings, Plan(request).Warnings);
    }

    [Fact]
    public void A_URL_is_nothing_for_a_provider_that_fetches_nothing()
    {
        InpaintRequest request = Request(PictureSource.Parse("https://pictures.example/dog.png")) with { Provider = "Local", Prompt = null };

        Assert.Equal(InpaintErrorId.ImageUnsupported, Inspect(request).ErrorId);
        Assert.Contains("Download", Refuses(InpaintErrorId.ImageUnsupported, request).RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_regions_are_counted_and_the_largest_listed()
    {
        MaskReport report = Inspect(Request(mask: MaskOf((x, y) => x % 2 == 0 && y % 2 == 0 ? (byte)255 : (byte)0)));

        Assert.Equal(16 * 12, report.RegionCount);
        Assert.Equal(MaskReport.MaximumRegions, report.Regions.Count);
    }

    [Fact]
    public void Files_that_cannot_be_read_are_findings_and_no_failures()
    {
        Assert.Equal(InpaintErrorId.ImageNotFound, Inspect(Request(PictureSource.FromFile(Files.At("none.png")))).ErrorId);
        MaskReport report = Inspect(Request(mask: PictureSource.FromBytes("just words"u8.ToArray(), "mask.png")));
        Assert.Equal(InpaintErrorId.ImageUnsupported, report.ErrorId);
        Assert.Null(report.Coverage);
        Assert.Equal(32, report.ImageWidth);
    }

    [Fact]
    public void The_limits_are_those_of_the_provider()
    {
        // Noise, which no codec makes smaller: more than a gateway takes.
        Raster noise = new(2000, 1800, 3, 8);
        new Random(5).NextBytes(noise.Data);
        InpaintRequest request = Request(PictureSource.FromBytes(TestPictures.Encode(noise, PictureFormat.Png), "dog.png"), MaskOf((x, _) => x < 8 ? (byte)255 : (byte)0, 2000, 1800));

        Assert.Null(Inspect(request).ErrorId);
        Assert.Equal(InpaintErrorId.ImageTooLarge, Inspect(request with { Provider = "ChainHub" }).ErrorId);
    }

    [Fact]
    public void What_is_far_away_is_not_looked_at()
    {
        MaskReport report = Inspect(Request(PictureSource.Parse("https://example.com/dog.png"), PictureSource.Parse("https://example.com/mask.png")));

        Assert.True(report.IsUsable);
        Assert.Equal((null, null, null), (report.ImageWidth, report.MaskWidth, report.Coverage));
    }

    private MaskReport Inspect(InpaintRequest request) => RequestPlanner.InspectMask(request, Providers.Choose(request.Provider), Cancellation);
}
