using Inpaint.Engine;
using Inpaint.Http;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Journal;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Providers.Local;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Providers.Local;

public sealed class LocalClientTests : IDisposable
{
    private readonly TemporaryFolder state = new();
    private readonly HttpClientSource http = new();
    private readonly List<LocalClient> clients = [];
    private readonly ProviderRegistry providers = new(_ => null);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        foreach (LocalClient client in clients)
        {
            client.Dispose();
        }

        http.Dispose();
        state.Dispose();
    }

    [Fact]
    public async Task A_job_tells_its_progress_and_brings_a_picture_that_is_changed_inside_the_mask_alone()
    {
        LocalClient client = Client();
        InpaintJob job = await StartAsync(client);
        List<JobUpdate> updates = await ToEndAsync(client, job);
        OutputPicture picture = Assert.Single((await client.GetResultAsync(job, Cancellation)).Pictures);

        Assert.Equal(InpaintJobState.Completed, updates[^1].State);
        double[] progress = [.. updates.Select(u => u.Progress ?? 0)];
        Assert.Equal(progress.Order(), progress);
        Assert.Equal((48, 40, "image/png"), (picture.Width, picture.Height, picture.ContentType));
        Raster before = Decode(TestPictures.Png(48, 40));
        Raster after = Decode(await File.ReadAllBytesAsync(picture.FilePath!, Cancellation));
        bool isChanged = false;
        for (int i = 0; i < before.Data.Length; i++)
        {
            bool isInside = i / 3 % 48 >= 24;
            Assert.True(isInside || before.Data[i] == after.Data[i], $"sample {i}");
            isChanged |= before.Data[i] != after.Data[i];
        }

        Assert.True(isChanged);
    }

    [Fact]
    public async Task Equal_seeds_make_equal_pictures_and_the_further_ones_count_on()
    {
        LocalClient client = Client();
        byte[][] three = await PicturesAsync(client, Request(count: 3, seed: 41));
        byte[][] one = await PicturesAsync(client, Request(seed: 42));

        Assert.Equal(three[1], one[0]);
        Assert.Equal(three, await PicturesAsync(Client(), Request(count: 3, seed: 41)));
    }

    [Fact]
    public async Task The_seed_that_was_drawn_is_told_so_that_it_can_be_used_again()
    {
        LocalClient client = Client();
        InpaintJob job = await StartAsync(client, Request());
        await ToEndAsync(client, job);
        ProviderOutput output = await client.GetResultAsync(job, Cancellation);

        Assert.Equal(await File.ReadAllBytesAsync(output.Pictures[0].FilePath!, Cancellation), (await PicturesAsync(client, Request(seed: output.Seed)))[0]);
    }

    [Theory]
    [InlineData(true, null, false, PictureFormat.Jpeg)]
    [InlineData(true, "png", false, PictureFormat.Png)]
    [InlineData(true, "jpg", false, PictureFormat.Jpeg)]
    [InlineData(true, null, true, PictureFormat.Png)]
    [InlineData(false, null, false, PictureFormat.Png)]
    [InlineData(false, "JPEG", false, PictureFormat.Jpeg)]
    [InlineData(true, "tif", false, PictureFormat.Tiff)]
    public async Task A_picture_keeps_its_format_unless_another_is_asked_for(bool isJpeg, string? asked, bool keepsUnmasked, PictureFormat expected)
    {
        PictureSource source = PictureSource.FromBytes(isJpeg ? TestPictures.Jpeg(48, 40) : TestPictures.Png(48, 40), "dog");
        LocalClient client = Client();
        InpaintJob job = await StartAsync(client, Request() with { Image = source, OutputFormat = asked, KeepUnmasked = keepsUnmasked });
        await ToEndAsync(client, job);

        // Another process finds it as well.
        OutputPicture picture = Assert.Single((await Client().GetResultAsync(job, Cancellation)).Pictures);
        Assert.Equal(PictureFormats.MediaTypeOf(expected), picture.ContentType);
        Assert.Equal(expected, Pictures.ReadHeader(new MemoryStream(await File.ReadAllBytesAsync(picture.FilePath!, Cancellation)), "p").Format);
    }

    [Fact]
    public void A_remote_picture_is_refused_with_the_way_to_fetch_it()
    {
        InpaintException e = Assert.Throws<InpaintException>(() => Plan(Request() with { Mask = PictureSource.Parse("https://pictures.example/mask.png") }));

        Assert.Equal(InpaintErrorId.ImageUnsupported, e.ErrorId);
        Assert.Contains("Download", e.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finished_job_can_be_collected_by_another_process_and_more_than_once()
    {
        LocalClient owner = Client();
        InpaintJob job = await StartAsync(owner, Request(count: 2, seed: 7));
        await ToEndAsync(owner, job);
        LocalClient other = Client();

        Assert.Equal(InpaintJobState.Completed, (await other.GetStatusAsync(job, includeLog: false, Cancellation)).State);
        ProviderOutput first = await other.GetResultAsync(job, Cancellation);
        Assert.Equal(first.Pictures.Select(p => p.FilePath), (await owner.GetResultAsync(job, Cancellation)).Pictures.Select(p => p.FilePath));
        Assert.Equal(7, first.Seed);
        Assert.Equal(StopOutcome.AlreadyCompleted, await other.CancelAsync(job, Cancellation));
    }

    [Fact]
    public async Task A_job_that_waits_its_turn_is_cancelled_and_another_process_learns_of_it()
    {
        LocalClient owner = Client();
        InpaintJob running = await StartAsync(owner, Request(size: 256));
        InpaintJob waiting = await StartAsync(owner);
        LocalClient other = Client();
        Assert.Equal(InpaintJobState.InProgress, (await other.GetStatusAsync(waiting, includeLog: false, Cancellation)).State);
        Assert.Equal(StopOutcome.NotSupported, await other.CancelAsync(waiting, Cancellation));

        Assert.Equal(StopOutcome.Cancelled, await owner.CancelAsync(waiting, Cancellation));
        Assert.Equal(InpaintJobState.Cancelled, (await ToEndAsync(owner, waiting))[^1].State);
        Assert.Equal(InpaintJobState.Cancelled, (await other.GetStatusAsync(waiting, includeLog: false, Cancellation)).State);

        await owner.CancelAsync(running, Cancellation);
        await ToEndAsync(owner, running);
        Assert.DoesNotContain(state.Files(), f => f.EndsWith(".png", StringComparison.Ordinal) || f.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_that_fails_says_why_to_every_process()
    {
        byte[] whole = TestPictures.Png(48, 40);
        LocalClient owner = Client();
        string path = state.Write("dog.png", whole);
        RequestPlan plan = Plan(Request() with { Image = PictureSource.FromFile(path) });
        await File.WriteAllBytesAsync(path, whole[..(whole.Length / 2)], Cancellation);
        InpaintJob job = await StartAsync(owner, plan);
        JobUpdate end = (await ToEndAsync(owner, job))[^1];
        JobUpdate seen = await Client().GetStatusAsync(job, includeLog: false, Cancellation);

        Assert.Equal((InpaintJobState.Failed, InpaintErrorId.ImageUnsupported), (end.State, end.ErrorId));
        Assert.Equal((end.State, end.ErrorId, end.Error), (seen.State, seen.ErrorId, seen.Error));
    }

    [Fact]
    public async Task A_job_whose_process_is_gone_has_failed()
    {
        LocalClient owner = Client();
        InpaintJob job = await StartAsync(owner);
        await ToEndAsync(owner, job);
        Directory.Delete(state.At("local"), recursive: true);
        InpaintJob orphan = job with
        {
            ProviderData = new Dictionary<string, string>(job.ProviderData, StringComparer.Ordinal) { ["processStarted"] = "2001-01-01T00:00:00.0000000Z" },
        };
        JobUpdate update = await Client().GetStatusAsync(orphan, includeLog: false, Cancellation);

        Assert.Equal((InpaintJobState.Failed, InpaintErrorId.JobFailed), (update.State, update.ErrorId));
        Assert.Equal(InpaintErrorId.ResultExpired, (await Assert.ThrowsAsync<InpaintException>(() => Client().GetResultAsync(job, Cancellation))).ErrorId);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("../../etc")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    public async Task An_id_nobody_knows_is_said_to_be_so(string id)
    {
        InpaintJob job = new() { Id = id, Provider = "Local" };

        Assert.Equal(InpaintErrorId.JobNotFound, (await Assert.ThrowsAsync<InpaintException>(() => Client().GetStatusAsync(job, includeLog: false, Cancellation))).ErrorId);
    }

    [Fact]
    public async Task Closing_the_client_ends_its_jobs()
    {
        LocalClient client = Client();
        InpaintJob running = await StartAsync(client, Request(size: 256));
        InpaintJob waiting = await StartAsync(client);
        client.Dispose();

        Assert.Equal(InpaintJobState.Cancelled, (await ToEndAsync(client, waiting))[^1].State);
        Assert.NotEqual(InpaintJobState.InProgress, (await ToEndAsync(client, running))[^1].State);
    }

    [Fact]
    public async Task A_result_that_was_told_but_not_noted_is_told_again_and_saved()
    {
        InpaintJob job;
        using (InpaintEngine killed = new(new InpaintEngineOptions { StateFolder = state.Path, Environment = _ => null }))
        {
            job = (await killed.RunAsync(killed.Plan(Request()), cancellationToken: Cancellation)).Job;
        }

        // As if the process had been killed between telling the result and writing it down.
        string file = state.At("jobs", "open", job.JournalId + ".json");
        JobJournal journal = new(() => state.Path, TimeProvider.System);
        JournalEntry entry = journal.Read(job.JournalId)!;
        File.Delete(file);
        journal.Write(entry with { Result = null, Job = entry.Job with { State = InpaintJobState.InProgress } });

        using InpaintEngine next = new(new InpaintEngineOptions { StateFolder = state.Path, Environment = _ => null });
        InpaintResult result = (await next.ReceiveAsync(Assert.Single(next.ListJobs()), cancellationToken: Cancellation))!;
        SavedImage saved = await next.SaveAsync(Assert.Single(result.Images), new SaveOptions { Folder = state.At("out") }, Cancellation);

        Assert.Equal(state.At("out", "dog-inpaint.png"), saved.Path);
        Assert.Empty(next.ListJobs());
        next.Forget(result.Job);
        Assert.DoesNotContain(state.Files(), f => f.StartsWith("local", StringComparison.Ordinal));
    }

    private static InpaintRequest Request(int? count = null, long? seed = null, int size = 48) => new()
    {
        Provider = "Local",
        Image = PictureSource.FromBytes(TestPictures.Png(size, size - 8), "dog.png"),
        Mask = PictureSource.FromBytes(TestPictures.RightHalfMask(size, size - 8), "mask.png"),
        Count = count,
        Seed = seed,
    };

    private static Raster Decode(byte[] file) => Pictures.Decode(new MemoryStream(file), "picture");

    private static async Task<InpaintJob> StartAsync(LocalClient client, RequestPlan plan)
    {
        Acceptance acceptance = await client.SubmitAsync(await client.PrepareAsync(plan, progress: null, Cancellation), Cancellation);
        return new InpaintJob { Id = acceptance.Id, Provider = "Local", ProviderData = acceptance.ProviderData };
    }

    private static async Task<List<JobUpdate>> ToEndAsync(LocalClient client, InpaintJob job)
    {
        List<JobUpdate> updates = [];
        await foreach (JobUpdate update in client.StreamStatusAsync(job, Cancellation))
        {
            updates.Add(update);
            if (update.State is InpaintJobState.Completed or InpaintJobState.Failed or InpaintJobState.Cancelled)
            {
                break;
            }
        }

        return updates;
    }

    private LocalClient Client()
    {
        LocalClient client = new(new ProviderServices(providers.Get("Local"), ApiKey: null, http, state.Path, TimeProvider.System));
        clients.Add(client);
        return client;
    }

    private RequestPlan Plan(InpaintRequest request) => RequestPlanner.Plan(request, providers.Choose(request), TestContext.Current.CancellationToken);

    private Task<InpaintJob> StartAsync(LocalClient client, InpaintRequest? request = null) => StartAsync(client, Plan(request ?? Request()));

    private async Task<byte[][]> PicturesAsync(LocalClient client, InpaintRequest request)
    {
        InpaintJob job = await StartAsync(client, request);
        Assert.Equal(InpaintJobState.Completed, (await ToEndAsync(client, job))[^1].State);
        ProviderOutput output = await client.GetResultAsync(job, Cancellation);
        return [.. output.Pictures.Select(p => File.ReadAllBytes(p.FilePath!))];
    }
}
