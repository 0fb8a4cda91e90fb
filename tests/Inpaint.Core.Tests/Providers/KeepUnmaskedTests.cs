using Inpaint.Emulator;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Providers.Fal;
using Xunit;

namespace Inpaint.Tests.Providers;

/// <summary>
/// Pictures that keep their unmasked part, at every provider over real HTTP. The emulated models change every pixel a little, as real ones do, so that what
/// is unchanged has been put back here.
/// </summary>
public sealed class KeepUnmaskedTests : IClassFixture<ProviderTableFixture>, IDisposable
{
    private readonly EmulatorServer server;
    private readonly TemporaryFolder folder = new();
    private readonly InpaintEngine engine;

    public KeepUnmaskedTests(ProviderTableFixture fixture)
    {
        server = fixture.Server;
        server.State.Reset();
        engine = new InpaintEngine(new InpaintEngineOptions { StateFolder = folder.At("state"), Environment = _ => null }, new WatchSchedule { ShortestPause = TimeSpan.FromMilliseconds(1), LooksPerSecond = 1000 }, ProviderCatalogue.Kinds);
        engine.Providers.Set(new ProviderSettings { Name = "Fal", BaseUri = server.QueueUri, Endpoints = server.FalEndpoints, ApiKey = FalClientTest.Secure("test-id:test-secret") });
        engine.Providers.Set(new ProviderSettings { Name = "ChainHub", BaseUri = server.GatewayUri, ApiKey = FalClientTest.Secure("test-token") });
        engine.Providers.Set(new ProviderSettings { Name = "ModelsLab", BaseUri = server.ModelsLabUri, ApiKey = FalClientTest.Secure("test-key") });
        server.State.Jobs.Enqueue(JobScript.Immediate);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        engine.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("Fal")]
    [InlineData("ChainHub")]
    [InlineData("ModelsLab")]
    [InlineData("Local")]
    public async Task Nothing_changes_outside_the_mask(string provider)
    {
        InpaintResult result = await engine.RunAsync(engine.Plan(Request(provider)), TimeSpan.FromSeconds(60), cancellationToken: Cancellation);
        SavedImage saved = await engine.SaveAsync(Assert.Single(result.Images), new SaveOptions { Folder = folder.At("out") }, Cancellation);

        Assert.Equal(PictureFormat.Png, saved.Format);
        PictureComparison comparison = Compare(saved.Path);
        Assert.True(comparison.IsUnchanged);
        Assert.Equal(320 * 256 - Hole(provider), comparison.KeptPixels);
        Assert.True(PictureComparer.Compare(PictureSource.FromFile(folder.At("photo.png")), PictureSource.FromFile(saved.Path), cancellationToken: Cancellation).ChangedPixels > Hole(provider) * 0.8);
        if (provider != "Local")
        {
            SavedImage raw = await engine.SaveAsync(result.Images[0] with { Url = result.Images[0].ProviderUrl! }, new SaveOptions { Folder = folder.At("raw") }, Cancellation);
            Assert.True(Compare(raw.Path).ChangedShare > 0.5, "The emulated model left the kept part alone, so that this test proves nothing.");
        }

        Assert.Empty(server.State.KeyLeaks);
    }

    [Theory]
    [InlineData("Fal", 512, 512)]
    [InlineData("ChainHub", 512, 512)]
    [InlineData("ModelsLab", 512, 512)]
    [InlineData("Local", 148, 134)]
    public async Task A_part_is_sent_and_the_whole_comes_back(string provider, int width, int height)
    {
        RequestPlan plan = engine.Plan(Request(provider, 800, 600) with { CropToMask = true, KeepUnmasked = false });
        InpaintResult result = await engine.RunAsync(plan, TimeSpan.FromSeconds(60), cancellationToken: Cancellation);
        InpaintImage image = Assert.Single(result.Images);
        SavedImage saved = await engine.SaveAsync(image, new SaveOptions { Folder = folder.At("out") }, Cancellation);

        Assert.Equal((800, 600), (image.Width, image.Height));
        PictureComparison comparison = Compare(saved.Path);
        Assert.Equal((0, 800 * 600 - Hole(provider)), (comparison.ChangedPixels, comparison.KeptPixels));
        Assert.True(PictureComparer.Compare(PictureSource.FromFile(folder.At("photo.png")), PictureSource.FromFile(saved.Path), cancellationToken: Cancellation).ChangedPixels > Hole(provider) * 0.8);

        // What the service made is a picture of the part alone.
        SavedImage raw = await engine.SaveAsync(image with { Url = image.ProviderUrl! }, new SaveOptions { Folder = folder.At("raw") }, Cancellation);
        using FileStream stream = File.OpenRead(raw.Path);
        PictureHeader made = Pictures.ReadHeader(stream, raw.Path);
        Assert.Equal((width, height), (made.Width, made.Height));
        if (provider == "Fal")
        {
            Assert.Equal(0.035m * 512 * 512 / 1_000_000, result.Cost!.Amount);
            Assert.Equal(0.035m * 800 * 600 / 1_000_000, result.Cost.Amount + result.Cost.Saved);
        }
    }

    [Fact]
    public async Task The_part_lands_where_it_was_taken_from()
    {
        // Outside the mask the emulated model gives back what it got, give or take three steps; a wrong place would be off by far more at the blend.
        RequestPlan plan = engine.Plan(Request("Fal", 800, 600) with { CropToMask = true, Strength = 0.01, Feather = 0 });
        InpaintResult result = await engine.RunAsync(plan, TimeSpan.FromSeconds(60), cancellationToken: Cancellation);
        PictureComparison comparison = PictureComparer.Compare(
            PictureSource.FromFile(folder.At("photo.png")), PictureSource.FromFile(new Uri(result.Images[0].Url).LocalPath), cancellationToken: Cancellation);

        Assert.InRange(comparison.MaxDifference, 0, 3);
    }

    [Fact]
    public async Task A_picture_that_cannot_be_fetched_yet_is_collected_later()
    {
        // Longer than anybody waits: the download is given up at once.
        server.State.Faults.Enqueue(WireOperation.Download, Fault.TooManyRequests(TimeSpan.FromHours(1)));
        InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => engine.RunAsync(engine.Plan(Request("Fal")), TimeSpan.FromSeconds(60), cancellationToken: Cancellation));
        Assert.Equal(InpaintErrorId.RateLimited, e.ErrorId);
        Assert.Contains("collect its result", e.RecommendedAction, StringComparison.Ordinal);

        InpaintResult result = (await engine.ReceiveAsync(Assert.Single(engine.ListJobs()), cancellationToken: Cancellation))!;
        Assert.True(Compare(new Uri(result.Images[0].Url).LocalPath).IsUnchanged);
        Assert.Equal(1, server.State.PaidJobs);
    }

    /// <summary>A fill costs time where the emulated models cost none.</summary>
    private static int HoleWidth(string provider) => provider == "Local" ? 24 : 100;

    private static int Hole(string provider) => HoleWidth(provider) * 20;

    private PictureComparison Compare(string path) => PictureComparer.Compare(
        PictureSource.FromFile(folder.At("photo.png")), PictureSource.FromFile(path), PictureSource.FromFile(folder.At("mask.png")), cancellationToken: Cancellation);

    private InpaintRequest Request(string provider, int width = 320, int height = 256)
    {
        File.WriteAllBytes(folder.At("photo.png"), PictureFile.Encode(Painter.Generate(width, height, 7, "source")).Bytes);
        File.WriteAllBytes(folder.At("mask.png"), TestPictures.GrayMask(width, height, (x, y) => x >= 60 && x < 60 + HoleWidth(provider) && y is >= 50 and < 70 ? (byte)255 : (byte)0));
        return new InpaintRequest
        {
            Provider = provider,
            Prompt = provider == "Local" ? null : "an empty bench",
            Image = PictureSource.FromFile(folder.At("photo.png")),
            Mask = PictureSource.FromFile(folder.At("mask.png")),
            KeepUnmasked = true,
        };
    }
}
