using System.Collections.Concurrent;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Providers.Fal;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Providers.Fal;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Engine;

/// <summary>Intermediate pictures on their way from the service's stream to files, and what becomes of the job when the stream breaks.</summary>
public sealed class EnginePreviewTests : FalClientTest
{
    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentQueue<JobEvent> events = new();
    private readonly TaskCompletionSource shown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Each_picture_becomes_a_file_and_is_told()
    {
        using InpaintEngine engine = MakeEngine();
        InpaintResult result = await engine.RunAsync(Plan(engine), new RunOptions { Events = Listener }, cancellationToken: Cancellation);

        string tail = result.Job.JournalId.Split('-')[^1];
        string[] expected = [.. Enumerable.Range(1, 4).Select(n => $"a-quiet-lawn-preview-{tail}-0{n}.png")];
        Assert.Equal(expected, Previews());
        JobEvent[] told = [.. events.Where(e => e.Kind == JobEventKind.Preview)];
        Assert.Equal(expected, told.Select(e => Path.GetFileName(e.FilePath)));
        Assert.All(told, e => Assert.Equal(InpaintJobState.InProgress, e.Job!.State));
        Assert.All(told, e => Assert.NotNull(PictureFile.Decode(File.ReadAllBytes(e.FilePath!))));

        // The result lies in the state folder, where it can be saved from, and is the last preview.
        InpaintImage image = Assert.Single(result.Images);
        SavedImage saved = await engine.SaveAsync(image, new SaveOptions { Folder = folder.At("out") }, Cancellation);
        Assert.Equal(File.ReadAllBytes(told[^1].FilePath!), File.ReadAllBytes(saved.Path));
        Assert.Equal(1, State.PaidJobs);
        Assert.Equal(InpaintJobState.Completed, result.Job.State);
        Assert.NotNull(result.Cost);
    }

    [Fact]
    public async Task The_intent_is_on_disk_before_the_request_and_names_nothing_made_in_vain()
    {
        State.Faults.Enqueue(WireOperation.RunStream, Fault.HoldBody(afterEvents: 1));
        using InpaintEngine engine = MakeEngine();
        Task<InpaintResult> run = engine.RunAsync(Plan(engine), new RunOptions { Events = Listener }, cancellationToken: Cancellation);
        await State.Faults.WaitForHeldAsync(cancellationToken: Cancellation);
        Assert.Equal(InpaintJobState.Submitting, Assert.Single(engine.ListJobs()).State);
        State.Faults.Release();

        await run;
        Assert.Equal(InpaintJobState.Completed, Assert.Single(engine.ListJobs()).State);
    }

    [Fact]
    public async Task A_stream_that_breaks_is_uncertain_and_names_the_last_picture()
    {
        State.Faults.Enqueue(WireOperation.RunStream, Fault.Truncate(afterEvents: 2));
        using InpaintEngine engine = MakeEngine();
        InpaintException failure = await FailsAsync(InpaintErrorId.SubmissionUncertain, () => engine.RunAsync(Plan(engine), new RunOptions { Events = Listener }, cancellationToken: Cancellation));

        Assert.Equal(2, Previews().Length);
        Assert.Contains(Previews()[^1], failure.Message, StringComparison.Ordinal);
        Assert.Contains("dashboard", failure.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(InpaintJobState.Uncertain, Assert.Single(engine.ListJobs()).State);
        Assert.Equal(1, State.Requests.Count(WireOperation.RunStream));
    }

    [Fact]
    public async Task A_stop_ends_the_stream_within_its_grace()
    {
        ManualTimeProvider time = new();
        State.Faults.Enqueue(WireOperation.RunStream, Fault.HoldBody(afterEvents: 1));
        using InpaintEngine engine = MakeEngine(time);
        using CancellationTokenSource stop = new();
        Task<InpaintResult> run = engine.RunAsync(Plan(engine), new RunOptions { Events = Listener }, cancellationToken: stop.Token);
        await State.Faults.WaitForHeldAsync(cancellationToken: Cancellation);
        await stop.CancelAsync();
        Assert.False(run.IsCompleted);
        time.Advance(StopDeadline.GracePeriod);

        await FailsAsync(InpaintErrorId.SubmissionUncertain, () => run);
        Assert.Equal(InpaintJobState.Uncertain, Assert.Single(engine.ListJobs()).State);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_found_before_anything_is_paid_for()
    {
        folder.Write("previews", [1]);
        using InpaintEngine engine = MakeEngine();
        InpaintException failure = await FailsAsync(InpaintErrorId.OutputWriteFailed, () => engine.RunAsync(Plan(engine), new RunOptions { Events = Listener }, cancellationToken: Cancellation));

        Assert.Contains("Nothing was sent", failure.Message, StringComparison.Ordinal);

        // Prices may be looked up meanwhile.
        Assert.DoesNotContain(State.Requests.All, request => request.Method != "GET");
        Assert.Empty(engine.ListJobs(all: true));
    }

    [Fact]
    public async Task Previews_that_cannot_be_written_cost_a_warning_and_not_the_job()
    {
        State.Faults.Enqueue(WireOperation.RunStream, Fault.HoldBody(afterEvents: 1));
        using InpaintEngine engine = MakeEngine();
        Task<InpaintResult> run = engine.RunAsync(Plan(engine), new RunOptions { Events = Listener }, cancellationToken: Cancellation);
        await State.Faults.WaitForHeldAsync(cancellationToken: Cancellation);
        await shown.Task.WaitAsync(Cancellation);
        Directory.Delete(folder.At("previews"), recursive: true);
        File.WriteAllText(folder.At("previews"), "in the way");
        State.Faults.Release();
        InpaintResult result = await run;

        Assert.Single(result.Images);
        Assert.Contains("no more previews", Assert.Single(events, e => e.Kind == JobEventKind.Warning).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ChainHub", "Fal")]
    [InlineData("ModelsLab", "Fal")]
    public void Providers_without_previews_refuse_them_by_naming_who_has_them(string provider, string owner)
    {
        using InpaintEngine engine = MakeEngine();
        InpaintRequest request = new() { Operation = InpaintOperation.TextToImage, Provider = provider, Prompt = "x", PreviewFolder = folder.At("previews") };
        InpaintException refusal = Assert.Throws<InpaintException>(() => engine.Plan(request));

        Assert.Equal(InpaintErrorId.InvalidParameter, refusal.ErrorId);
        Assert.Contains("PreviewFolder", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(owner, refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("previews")));
    }

    [Fact]
    public void What_is_no_picture_becomes_no_file_and_no_stream_fills_a_disk()
    {
        InpaintJob job = new() { JournalId = "20260102T030405006-0123456789ab", Prompt = "CON: ../../x" };
        PreviewWriter writer = new(folder.At("previews"), job, Listener);
        writer.EnsureFolder();
        writer.Write([new OutputPicture { Content = "<html>"u8.ToArray() }]);
        writer.Write([new OutputPicture { Url = "https://v3.fal.media/files/a/b.png" }]);
        Assert.Empty(Previews());
        Assert.Null(writer.LastFile);
        byte[] png = PictureFile.Encode(Painter.Generate(2, 2, 1, "x")).Bytes;
        writer.Write([new OutputPicture { Content = png }, new OutputPicture { Content = png }]);
        Assert.Equal(["CON_-x-preview-0123456789ab-03-0.png", "CON_-x-preview-0123456789ab-03-1.png"], Previews());
        for (int round = 0; round < 1000; round++)
        {
            writer.Write([new OutputPicture { Content = png }]);
        }

        Assert.Equal(2 + 97, Previews().Length);
    }

    private IProgress<JobEvent> Listener => new Recorder(events, shown);

    private InpaintEngine MakeEngine(TimeProvider? time = null)
    {
        InpaintEngine engine = new(new InpaintEngineOptions { StateFolder = folder.At("state"), Environment = _ => null, TimeProvider = time ?? TimeProvider.System });
        engine.Providers.Set(new ProviderSettings { Name = "Fal", BaseUri = Server.QueueUri, Endpoints = Server.FalEndpoints, ApiKey = Secure(Key) });
        return engine;
    }

    private RequestPlan Plan(InpaintEngine engine) => engine.Plan(new InpaintRequest
    {
        Operation = InpaintOperation.TextToImage,
        Provider = "Fal",
        Prompt = "a quiet lawn",
        OutputFormat = "png",
        Size = ImageSize.FromPixels(64, 48),
        PreviewFolder = folder.At("previews"),
    });

    private string[] Previews() => [.. Directory.GetFiles(folder.At("previews")).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private sealed class Recorder(ConcurrentQueue<JobEvent> told, TaskCompletionSource shown) : IProgress<JobEvent>
    {
        public void Report(JobEvent value)
        {
            told.Enqueue(value);
            if (value.Kind == JobEventKind.Preview)
            {
                shown.TrySetResult();
            }
        }
    }
}
