using Inpaint.Engine;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Imaging.Metadata;
using Inpaint.Journal;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Tests.Engine;
using Xunit;
using SourceFiles = Inpaint.Tests.TestPictures;

namespace Inpaint.Tests.Jobs;

/// <summary>Jobs whose pictures are put back into the original: what comes out, and what is left when something dies on the way.</summary>
public sealed class ResultFinisherTests : EngineTest
{
    private const int Width = 64;
    private const int Height = 48;

    private static readonly PixelRect Marked = new(20, 10, 24, 20);

    private static PictureSource MaskSource => PictureSource.FromBytes(
        SourceFiles.GrayMask(Width, Height, (x, y) => Marked.Contains(x, y) ? (byte)255 : (byte)0), "mask.png");

    [Theory]
    [InlineData(1, 8)]
    [InlineData(2, 8)]
    [InlineData(3, 8)]
    [InlineData(4, 8)]
    [InlineData(1, 16)]
    [InlineData(3, 16)]
    [InlineData(4, 16)]
    public async Task Outside_the_mask_every_sample_is_the_originals_and_inside_the_providers(int channels, int bitDepth)
    {
        Raster original = TestPictures.Waves(Width, Height, channels, bitDepth);
        Answers(Plain(Width, Height, 200));
        InpaintResult result = await RunAsync(Request(original) with { Feather = 0 });

        InpaintImage image = Assert.Single(result.Images);
        Raster finished = Read(image);
        Assert.Equal((Width, Height, "image/png"), (image.Width, image.Height, image.ContentType));
        Assert.Equal(bitDepth, finished.BitDepth);
        Assert.Equal(original.HasAlpha, finished.HasAlpha);
        Assert.Equal(0, RasterComparison.Compare(original, finished, Hole()).ChangedPixels);
        int inside = bitDepth == 16 ? finished.RowUInt16(20)[30 * finished.Channels] / 257 : finished.Row(20)[30 * finished.Channels];
        Assert.Equal(200, inside);
        Assert.Equal(200, Decode(await File.ReadAllBytesAsync(new Uri(image.ProviderUrl!).LocalPath, Cancellation)).Data[0]);
        Assert.Empty(Warnings);
    }

    [Fact]
    public async Task A_picture_of_another_size_is_brought_to_the_originals()
    {
        Raster original = TestPictures.Waves(Width, Height, 3);
        Answers(Plain(Width / 2, Height / 2, 90));
        Raster finished = Read((await RunAsync(Request(original))).Images[0]);

        Assert.Equal(0, RasterComparison.Compare(original, finished, Hole()).ChangedPixels);
        Assert.Equal(90, finished.Row(20)[30 * 3]);
    }

    [Fact]
    public async Task The_edge_fades_inside_the_mask()
    {
        Raster original = Plain(Width, Height, 0);
        Answers(Plain(Width, Height, 255));
        Raster finished = Read((await RunAsync(Request(original) with { Feather = 6 })).Images[0]);

        byte[] across = [.. Enumerable.Range(Marked.X - 1, 9).Select(x => finished.Row(20)[x * 3])];
        Assert.Equal(0, across[0]);
        Assert.Equal(255, across[^1]);
        Assert.Equal(across.Order(), across);
        Assert.InRange(across[1], 1, 60);
    }

    [Fact]
    public async Task Profile_and_exif_stay_and_a_turned_photograph_comes_out_upright()
    {
        byte[] exif = [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];
        byte[] profile = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];
        Raster lying = TestPictures.Waves(Height, Width, 3);
        Raster turned = new(Height, Width, 3, 8, lying.Data) { Metadata = new PictureMetadata { Exif = exif, IccProfile = profile } };
        byte[] jpeg = SourceFiles.Encode(turned, PictureFormat.Jpeg);
        Raster upright = Decode(jpeg);
        Answers(Plain(Width, Height, 200));
        Raster finished = Read((await RunAsync(Request(PictureSource.FromBytes(jpeg, "photo.jpg")))).Images[0]);

        Assert.Equal((Width, Height), (finished.Width, finished.Height));
        Assert.Equal(0, RasterComparison.Compare(upright, finished, Hole()).ChangedPixels);
        Assert.Equal(profile, finished.Metadata.IccProfile);
        Assert.Equal(1, Pictures.ReadHeader(new MemoryStream(SourceFiles.Encode(finished, PictureFormat.Png)), "finished").Orientation);
    }

    [Fact]
    public async Task Another_process_finishes_a_job_and_finishes_it_once()
    {
        Raster original = TestPictures.Waves(Width, Height, 3);
        string path = State.At("photo.png");
        await File.WriteAllBytesAsync(path, SourceFiles.Encode(original, PictureFormat.Png), Cancellation);
        Answers(Plain(Width, Height, 200), Plain(Width, Height, 100));
        await Engine.StartAsync(Engine.Plan(Request(PictureSource.FromFile(path)) with { Count = 2 }), new RunOptions { Events = Listener }, cancellationToken: Cancellation);

        // The state folder lies around the picture here, which is then taken for one of its own.
        File.Delete(path);
        InpaintEngine other = Restart();
        InpaintResult result = (await other.ReceiveAsync(Assert.Single(other.ListJobs()), options: new RunOptions { Events = Listener }, cancellationToken: Cancellation))!;
        Assert.Equal([200, 100], result.Images.Select(image => (int)Read(image).Row(20)[30 * 3]));
        Assert.All(result.Images, image => Assert.Equal(0, RasterComparison.Compare(original, Read(image), Hole()).ChangedPixels));

        DateTime[] written = [.. result.Images.Select(image => File.GetLastWriteTimeUtc(new Uri(image.Url).LocalPath))];
        InpaintResult again = (await Restart().ReceiveAsync(result.Job, cancellationToken: Cancellation))!;
        Assert.Equal(result.Images, again.Images);
        Assert.Equal(written, again.Images.Select(image => File.GetLastWriteTimeUtc(new Uri(image.Url).LocalPath)));
    }

    [Fact]
    public async Task A_job_whose_result_was_noted_by_a_process_that_died_then_is_finished_by_the_next()
    {
        Raster original = TestPictures.Waves(Width, Height, 3);
        Answers(Plain(Width, Height, 200));
        InpaintJob job = await Engine.StartAsync(Engine.Plan(Request(original)), new RunOptions { Events = Listener }, cancellationToken: Cancellation);
        Assert.Equal(InpaintJobState.Completed, (await Engine.WaitAsync(job, cancellationToken: Cancellation)).State);
        Assert.Null(Assert.Single(Journal().Read(job.JournalId)!.Result!.Images).ProviderUrl);

        Client.OnResult = (_, _) => throw new InpaintException(InpaintErrorId.ResultExpired, "told once only");
        InpaintImage image = (await Restart().ReceiveAsync(job, cancellationToken: Cancellation))!.Images[0];
        Assert.Equal(0, RasterComparison.Compare(original, Read(image), Hole()).ChangedPixels);
        Assert.Equal(image, Journal().Read(job.JournalId)!.Result!.Images[0]);

        // Tidied away: it is made once more of what is still there.
        File.Delete(new Uri(image.Url).LocalPath);
        Assert.Equal(image, (await Restart().ReceiveAsync(job, cancellationToken: Cancellation))!.Images[0]);
        Assert.True(File.Exists(new Uri(image.Url).LocalPath));
    }

    [Fact]
    public async Task An_original_that_has_changed_costs_a_warning_and_not_the_picture()
    {
        using TemporaryFolder users = new();
        string path = users.At("photo.png");
        byte[] original = SourceFiles.Encode(TestPictures.Waves(Width, Height, 3), PictureFormat.Png);
        await File.WriteAllBytesAsync(path, original, Cancellation);
        Answers(Plain(Width, Height, 200));
        InpaintJob job = await Engine.StartAsync(Engine.Plan(Request(PictureSource.FromFile(path))), new RunOptions { Events = Listener }, cancellationToken: Cancellation);
        Assert.Equal(path, job.Placement!.OriginalPath);

        await File.WriteAllBytesAsync(path, SourceFiles.Png(Width, Height), Cancellation);
        InpaintImage raw = (await Engine.ReceiveAsync(job, options: new RunOptions { Events = Listener }, cancellationToken: Cancellation))!.Images[0];
        Assert.Null(raw.ProviderUrl);
        Assert.Equal(200, Read(raw).Data[0]);
        Assert.Contains("has changed", Assert.Single(Warnings), StringComparison.Ordinal);

        File.Delete(path);
        Assert.Null((await Engine.ReceiveAsync(job, options: new RunOptions { Events = Listener }, cancellationToken: Cancellation))!.Images[0].ProviderUrl);
        Assert.Contains("There is no file", Warnings.Last(), StringComparison.Ordinal);

        await File.WriteAllBytesAsync(path, original, Cancellation);
        Assert.NotNull((await Engine.ReceiveAsync(job, options: new RunOptions { Events = Listener }, cancellationToken: Cancellation))!.Images[0].ProviderUrl);
        Assert.Equal(2, Warnings.Count());
    }

    [Fact]
    public async Task What_is_no_picture_that_can_be_read_is_handed_over_as_it_came()
    {
        Client.OnResult = (_, _) => Task.FromResult(new ProviderOutput { Pictures = [new OutputPicture { Content = "RIFF\x10\0\0\0WEBPVP8L"u8.ToArray() }] });
        InpaintImage image = (await RunAsync(Request(TestPictures.Waves(Width, Height, 3)))).Images[0];

        Assert.Null(image.ProviderUrl);
        Assert.Contains("cannot be read", Assert.Single(Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flagged_picture_is_left_as_it_is()
    {
        byte[] black = SourceFiles.Encode(Plain(Width, Height, 0), PictureFormat.Png);
        Client.OnResult = (_, _) => Task.FromResult(new ProviderOutput { Pictures = [new OutputPicture { Content = black, IsFlagged = true }] });
        InpaintImage image = (await RunAsync(Request(TestPictures.Waves(Width, Height, 3)))).Images[0];

        Assert.Null(image.ProviderUrl);
        Assert.Equal(black, await File.ReadAllBytesAsync(new Uri(image.Url).LocalPath, Cancellation));
    }

    [Fact]
    public async Task What_is_needed_to_finish_is_on_disk_before_the_submit_and_goes_with_a_job_that_never_was()
    {
        string[] before = [];
        Client.OnSubmit = _ =>
        {
            before = [.. Directory.GetFiles(State.At("pictures"), "*", SearchOption.AllDirectories).Select(Path.GetFileName).Order()!];
            throw new InpaintException(InpaintErrorId.QuotaExceeded, "no money");
        };
        await FailsAsync(InpaintErrorId.QuotaExceeded, () => RunAsync(Request(TestPictures.Waves(Width, Height, 3))));
        Assert.Equal(["mask.png", "original"], before);
        Assert.Empty(Directory.GetFileSystemEntries(State.At("pictures")));

        Client.OnSubmit = _ => throw new InpaintException(InpaintErrorId.SubmissionUncertain, "who knows");
        await FailsAsync(InpaintErrorId.SubmissionUncertain, () => RunAsync(Request(TestPictures.Waves(Width, Height, 3))));
        InpaintJob job = Assert.Single(Engine.ListJobs());
        Assert.Equal(2, Directory.GetFiles(State.At("pictures"), "*", SearchOption.AllDirectories).Length);
        Engine.Forget(job);
        Assert.Empty(Directory.GetFileSystemEntries(State.At("pictures")));
    }

    [Fact]
    public async Task A_finished_picture_is_not_taken_back_by_who_has_not_seen_it()
    {
        Answers(Plain(Width, Height, 200));
        InpaintResult result = await RunAsync(Request(TestPictures.Waves(Width, Height, 3)));
        JournalEntry finished = Journal().Read(result.Job.JournalId)!;
        InpaintImage image = finished.Result!.Images[0];
        JournalEntry stale = finished with { Result = finished.Result with { Images = [image with { Url = image.ProviderUrl!, ProviderUrl = null }] } };

        Assert.Equal(image, Journal().Write(stale).Result!.Images[0]);
        InpaintImage other = image with { Url = "https://cdn.example/other.png", ProviderUrl = null };
        Assert.Equal(other, Journal().Write(finished with { Result = finished.Result with { Images = [other] } }).Result!.Images[0]);
    }

    [Fact]
    public async Task Jpeg_asked_for_by_name_is_what_comes()
    {
        Answers(Plain(Width, Height, 200));
        RequestPlan plan = Engine.Plan(Request(TestPictures.Waves(Width, Height, 3)) with { OutputFormat = "JPEG" });
        Assert.Contains(plan.Warnings, w => w.Contains("only png", StringComparison.Ordinal));
        InpaintImage image = (await Engine.RunAsync(plan, new RunOptions { Events = Listener }, cancellationToken: Cancellation)).Images[0];

        using FileStream stream = File.OpenRead(new Uri(image.Url).LocalPath);
        Assert.Equal(PictureFormat.Jpeg, Pictures.ReadHeader(stream, "finished").Format);
        Assert.Equal("image/jpeg", image.ContentType);
        Assert.Equal("png", Engine.Plan(Request(TestPictures.Waves(Width, Height, 3))).Request.OutputFormat);
    }

    private static InpaintRequest Request(Raster original) => Request(PictureSource.FromBytes(SourceFiles.Encode(original, PictureFormat.Png), "photo.png"));

    private static InpaintRequest Request(PictureSource original) => EngineTest.Request() with { Image = original, Mask = MaskSource, KeepUnmasked = true };

    private static Mask Hole()
    {
        Mask mask = new(Width, Height);
        for (int y = Marked.Y; y < Marked.Bottom; y++)
        {
            mask.Row(y).Slice(Marked.X, Marked.Width).Fill(255);
        }

        return mask;
    }

    private static Raster Plain(int width, int height, byte shade)
    {
        Raster raster = new(width, height, 3);
        raster.Data.AsSpan().Fill(shade);
        return raster;
    }

    private static Raster Decode(byte[] file) => Pictures.Decode(new MemoryStream(file), "picture");

    private static Raster Read(InpaintImage image) => Decode(File.ReadAllBytes(new Uri(image.Url).LocalPath));

    private void Answers(params Raster[] pictures) => Client.OnResult = (_, _) => Task.FromResult(new ProviderOutput
    {
        Pictures = [.. pictures.Select(p => new OutputPicture { Content = SourceFiles.Encode(p, PictureFormat.Png) })],
    });

    private Task<InpaintResult> RunAsync(InpaintRequest request) => Engine.RunAsync(Engine.Plan(request), new RunOptions { Events = Listener }, cancellationToken: Cancellation);
}
