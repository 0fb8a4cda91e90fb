using System.Collections.Concurrent;
using Inpaint.Emulator;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Jobs;
using Inpaint.Planning;
using Inpaint.Providers.Fal;
using Inpaint.Providers.FalGateway;
using Inpaint.Providers.Local;
using Inpaint.Providers.ModelsLab;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Providers;
using Xunit;

namespace Inpaint.Tests.Engine;

/// <summary>Tests of what is held in memory for a whole process.</summary>
[CollectionDefinition(nameof(SnapshotMemory), DisableParallelization = true)]
public sealed class SnapshotMemory;

/// <summary>How often the files of one line are opened and decoded, from the plan to the finished picture: each once, and the original once more where the result is composited into it.</summary>
[Collection(nameof(SnapshotMemory))]
public sealed class PictureReadTests : IAsyncLifetime
{
    private readonly TemporaryFolder files = new();
    private readonly ConcurrentQueue<string> opened = new();
    private readonly ConcurrentQueue<string> decoded = new();
    private EmulatorServer server = null!;
    private InpaintEngine engine = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Photo => files.At("photo.png");

    private string Mask => files.At("photo_mask.png");

    public async ValueTask InitializeAsync()
    {
        server = await EmulatorServer.StartAsync();
        engine = Restart();
        files.Write("photo.png", TestPictures.Png(640, 480));
        files.Write("photo_mask.png", TestPictures.GrayMask(640, 480, (x, y) => x is > 300 and < 340 && y is > 200 and < 240 ? (byte)255 : (byte)0));
        PictureSource.FileOpened += opened.Enqueue;
        Pictures.Decoded += decoded.Enqueue;
    }

    public async ValueTask DisposeAsync()
    {
        PictureSource.FileOpened -= opened.Enqueue;
        Pictures.Decoded -= decoded.Enqueue;
        engine.Dispose();
        await server.DisposeAsync();
        files.Dispose();
    }

    [Theory]
    [InlineData("Local", true)]
    [InlineData("Fal", true)]
    [InlineData("Fal", false)]
    [InlineData("ChainHub", true)]
    [InlineData("ModelsLab", true)]
    public async Task A_line_reads_and_decodes_each_file_once(string provider, bool isInline)
    {
        engine = Restart(isInline);
        server.State.Jobs.Enqueue(JobScript.Immediate);
        await engine.RunAsync(await PlanAsync(provider, request => request), cancellationToken: Cancellation);

        Assert.Equal((1, 1), (Opens(Photo), Opens(Mask)));
        Assert.Equal((1, 1), (Decodes("photo.png"), Decodes("photo_mask.png")));
    }

    [Theory]
    [InlineData("Fal", false)]
    [InlineData("Fal", true)]
    [InlineData("ModelsLab", false)]
    [InlineData("Local", true)]
    public async Task A_result_that_is_composited_reads_the_original_once_more(string provider, bool crop)
    {
        server.State.Jobs.Enqueue(JobScript.Immediate);
        await engine.RunAsync(await PlanAsync(provider, request => request with { KeepUnmasked = true, CropToMask = crop }), cancellationToken: Cancellation);

        Assert.Equal((2, 1), (Opens(Photo), Opens(Mask)));
        Assert.Equal((2, 1), (Decodes("photo.png"), Decodes("photo_mask.png")));
    }

    [Fact]
    public async Task A_mask_that_is_inspected_is_decoded_once()
    {
        MaskReport report = await engine.InspectMaskAsync(Request("Fal"), Cancellation);

        Assert.True(report.IsUsable);
        Assert.Equal((1, 1), (Opens(Photo), Opens(Mask)));
        Assert.Equal(1, Decodes("photo_mask.png"));
    }

    [Fact]
    public async Task Plans_that_wait_hold_no_more_than_the_limit_and_are_sent_all_the_same()
    {
        // Each takes 12 MB of samples, so that ten of them are more than the limit.
        byte[] photo = TestPictures.Encode(new Raster(2000, 2000, 3), PictureFormat.Png);
        files.Write("photo_mask.png", TestPictures.RightHalfMask(2000, 2000));
        string[] photos = [.. Enumerable.Range(0, 10).Select(number => files.Write($"photo{number}.png", photo))];
        List<RequestPlan> plans = [];
        foreach (string path in photos)
        {
            plans.Add(await PlanAsync("Fal", request => request with { Image = PictureSource.FromFile(path) }));
        }

        long held = plans.SelectMany(plan => new[] { plan.ImageSnapshot!, plan.MaskSnapshot! }).Distinct().Sum(snapshot => snapshot.HeldBytes);
        Assert.InRange(held, SnapshotBudget.MaxBytes / 2, SnapshotBudget.MaxBytes);
        Assert.Equal(0, plans[0].ImageSnapshot!.HeldBytes);

        int before = Opens(photos[0]);
        await engine.StartAsync(plans[0], cancellationToken: Cancellation);
        Assert.True(Opens(photos[0]) > before);
        before = Opens(photos[^1]);
        await engine.StartAsync(plans[^1], cancellationToken: Cancellation);
        Assert.Equal(before, Opens(photos[^1]));
        Assert.Equal(Bodies()[0], Bodies()[1]);
    }

    [Fact]
    public async Task Requests_for_the_same_files_share_what_was_read_and_decoded()
    {
        RequestPlan first = await PlanAsync("Fal", request => request);
        RequestPlan second = await PlanAsync("Fal", request => request with { Prompt = "a fountain" });

        Assert.Equal((first.ImageSnapshot, first.MaskSnapshot), (second.ImageSnapshot, second.MaskSnapshot));
        Assert.Equal((first.MaskCoverage, first.ImageHeader), (second.MaskCoverage, second.ImageHeader));
        Assert.Equal((1, 1), (Decodes("photo.png"), Decodes("photo_mask.png")));
        await engine.StartAsync(second, cancellationToken: Cancellation);
        GC.KeepAlive(first);
    }

    [Fact]
    public async Task Requests_for_the_same_files_share_what_was_converted()
    {
        files.Write("photo.png", TestPictures.Encode(new Raster(64, 48, 3, 16), PictureFormat.Png));
        files.Write("photo_mask.png", TestPictures.Encode(new Raster(64, 48, 4) { Data = { [3] = 255, [7] = 255 } }, PictureFormat.Png));
        RequestPlan white = await PlanAsync("Fal", request => request with { MaskMode = MaskMode.Alpha });
        RequestPlan again = await PlanAsync("Fal", request => request with { MaskMode = MaskMode.Alpha, Prompt = "a fountain" });

        Assert.Equal((white.ImageSnapshot, white.MaskSnapshot), (again.ImageSnapshot, again.MaskSnapshot));
        Assert.Equal(white.Notes, again.Notes);
        Assert.Equal(8, again.ImageSnapshot!.Header.BitDepth);
        Assert.Equal((1, 1), (Decodes("photo.png"), Decodes("photo_mask.png")));
        GC.KeepAlive(white);
    }

    [Fact]
    public async Task A_file_that_was_rewritten_at_the_same_time_and_with_the_same_length_is_read_again()
    {
        byte[] larger = TestPictures.GrayMask(640, 480, (x, y) => x is > 200 and < 440 && y is > 100 and < 340 ? (byte)255 : (byte)0);
        byte[] smaller = await File.ReadAllBytesAsync(Mask, Cancellation);
        int length = Math.Max(larger.Length, smaller.Length);

        // Anything may follow the end of a PNG.
        Array.Resize(ref larger, length);
        Array.Resize(ref smaller, length);
        files.Write("photo_mask.png", smaller);
        DateTime written = File.GetLastWriteTimeUtc(Mask);
        RequestPlan first = await PlanAsync("Fal", request => request);
        files.Write("photo_mask.png", larger);
        File.SetLastWriteTimeUtc(Mask, written);
        RequestPlan second = await PlanAsync("Fal", request => request);

        Assert.True(second.MaskCoverage > first.MaskCoverage);
        Assert.NotEqual(first.Fingerprint, second.Fingerprint);
        Assert.Equal(2, Decodes("photo_mask.png"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_planned_is_what_is_sent(bool isHeld)
    {
        RequestPlan plan = await PlanAsync("Fal", request => request);
        if (!isHeld)
        {
            plan.ImageSnapshot!.Release();
        }

        // Of the same length, at the same time.
        DateTime written = File.GetLastWriteTimeUtc(Photo);
        byte[] other = await File.ReadAllBytesAsync(Photo, Cancellation);
        other[^20] ^= 1;
        await File.WriteAllBytesAsync(Photo, other, Cancellation);
        File.SetLastWriteTimeUtc(Photo, isHeld ? written.AddSeconds(1) : written);

        InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => engine.StartAsync(plan, cancellationToken: Cancellation));
        Assert.Equal(InpaintErrorId.ImageUnsupported, e.ErrorId);
        Assert.Contains("has changed since the job was planned. Nothing was sent.", e.Message, StringComparison.Ordinal);
        Assert.Empty(server.State.Requests.Of(WireOperation.Submit));
        Assert.Empty(engine.ListJobs(all: true));
    }

    [Fact]
    public async Task A_file_that_was_only_touched_is_sent()
    {
        RequestPlan plan = await PlanAsync("Fal", request => request);
        File.SetLastWriteTimeUtc(Photo, File.GetLastWriteTimeUtc(Photo).AddHours(1));
        await engine.StartAsync(plan, cancellationToken: Cancellation);

        Assert.Equal(2, Opens(Photo));
        Assert.Equal(1, server.State.PaidJobs);
    }

    private InpaintRequest Request(string provider) => new()
    {
        Provider = provider,
        Prompt = provider == "Local" ? null : "an empty bench",
        Image = PictureSource.FromFile(Photo),
        Mask = PictureSource.FromFile(Mask),
    };

    private Task<RequestPlan> PlanAsync(string provider, Func<InpaintRequest, InpaintRequest> change) => engine.PlanAsync(change(Request(provider)), cancellationToken: Cancellation);

    private InpaintEngine Restart(bool isInline = true)
    {
        engine?.Dispose();
        InpaintEngine made = new(
            new InpaintEngineOptions { StateFolder = files.At("state"), Environment = _ => null },
            new WatchSchedule { MinInterval = TimeSpan.FromMilliseconds(1), PollsPerSecond = 1000 },
            [
                FalClient.Descriptor with { Create = services => new FalClient(services, uploads: new FalUploadOptions { InlineLimit = isInline ? long.MaxValue : 0 }) },
                FalGatewayClient.Descriptor,
                ModelsLabClient.Descriptor,
                LocalClient.Descriptor,
            ]);
        foreach (string provider in new[] { "Fal", "ChainHub", "ModelsLab" })
        {
            made.Providers.Set(ProvidersUnderTest.Get(provider).Settings(server));
        }

        return made;
    }

    private byte[][] Bodies() => [.. server.State.Requests.Of(WireOperation.Submit).Select(request => request.Body.ToArray())];

    private int Opens(string path) => opened.Count(name => name == path);

    private int Decodes(string name) => decoded.Count(decodedName => decodedName == name);
}
