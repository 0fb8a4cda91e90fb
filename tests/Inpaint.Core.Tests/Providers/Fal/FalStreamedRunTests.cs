using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Imaging;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Providers.Shared;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

/// <summary>fal.run's streams: pictures that get clearer, the last of which is the output. As much paid, and as little to be repeated, as any other run.</summary>
public sealed class FalStreamedRunTests : FalClientTest
{
    private static readonly InpaintRequest Streamed = new() { Operation = InpaintOperation.TextToImage, Prompt = "a lawn", Size = ImageSize.FromPixels(64, 48), Seed = 5, PreviewFolder = "previews" };

    private readonly ConcurrentQueue<IReadOnlyList<OutputPicture>> previews = new();
    private readonly SemaphoreSlim shown = new(0);

    [Fact]
    public async Task Pictures_come_as_they_are_made_and_the_last_is_the_output()
    {
        RequestPlan plan = Plan(Streamed);
        Acceptance acceptance = await StreamAsync(plan);

        Assert.Equal(4, previews.Count);
        Assert.All(previews, preview => Assert.Equal((64, 48), Size(Assert.Single(preview))));
        Assert.Equal(4, previews.Select(preview => Convert.ToBase64String(preview[0].Content!.Value.Span)).Distinct().Count());
        OutputPicture made = Assert.Single(acceptance.Output!.Pictures);
        Assert.Equal(previews.Last()[0].Content!.Value.ToArray(), made.Content!.Value.ToArray());
        Assert.Equal(5, acceptance.Output.Seed);
        Assert.Equal(State.Jobs.Last.Id, acceptance.Id);
        Assert.Equal(InpaintJobState.Completed, acceptance.State);

        RecordedRequest sent = Assert.Single(State.Requests.All);
        Assert.Equal("/run/fal-ai/flux-lora/stream", sent.Path);
        Assert.Equal("text/event-stream", sent.Headers["Accept"]);
        Assert.Equal("Key " + Key, sent.Headers["Authorization"]);

        InpaintJob job = JobOf(acceptance, plan);
        Assert.Equal(StopOutcome.AlreadyCompleted, await Client.CancelAsync(job, Cancellation));
        await FailsAsync(InpaintErrorId.ResultExpired, () => Client.GetResultAsync(job, Cancellation));
        Assert.Single(State.Requests.All);
    }

    [Fact]
    public async Task A_response_that_is_no_stream_is_the_output_all_the_same()
    {
        string data = PictureFile.Encode(Painter.Generate(8, 8, 1, "x")).DataUri;
        State.Faults.Enqueue(WireOperation.RunStream, Fault.Respond(200, $$"""{"images":[{"url":"{{data}}"}],"seed":7}"""));

        Assert.Equal(7, (await StreamAsync(Plan(Streamed))).Output!.Seed);
        Assert.Empty(previews);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    [InlineData("application/octet-stream")]
    public async Task A_stream_under_another_label_is_the_output_all_the_same(string contentType)
    {
        State.Faults.Enqueue(WireOperation.RunStream, Fault.WrongContentType(contentType));
        Acceptance acceptance = await StreamAsync(Plan(Streamed));

        Assert.Equal(4, previews.Count);
        Assert.Equal(previews.Last()[0].Content!.Value.ToArray(), Assert.Single(acceptance.Output!.Pictures).Content!.Value.ToArray());
        Assert.Equal(State.Jobs.Last.Id, acceptance.Id);
    }

    [Theory]
    [InlineData("data: {\"progress\":0.5,\"message\":\"halfway\"}\n\n")]
    [InlineData(": ping\n\n")]
    [InlineData("data: not json\n\n")]
    [InlineData("data: [1]\n\n")]
    [InlineData("data: {\"images\":[{\"url\":\"data:image/png;base64,%%%\"}]}\n\n")]
    public async Task Events_without_a_picture_are_no_preview_and_no_harm(string first)
    {
        string last = $$"""data: {"images":[{"url":"https://v3.fal.media/files/a/b.png"}],"seed":7}""";
        State.Faults.Enqueue(WireOperation.RunStream, Fault.Respond(200, first + last + "\n\n", "text/event-stream"));
        Acceptance acceptance = await StreamAsync(Plan(Streamed));

        Assert.Equal("https://v3.fal.media/files/a/b.png", Assert.Single(acceptance.Output!.Pictures).Url);
        Assert.Equal("https://v3.fal.media/files/a/b.png", Assert.Single(Assert.Single(previews)).Url);
    }

    public static TheoryData<string, Fault, InpaintErrorId, int> Failures => new()
    {
        { "limit", Fault.TooManyRequests(), InpaintErrorId.RateLimited, 4 },
        { "busy", Fault.Html(503), InpaintErrorId.ProviderUnavailable, 4 },
        { "key", Fault.Respond(401, """{"detail":"invalid key credentials"}"""), InpaintErrorId.AuthenticationFailed, 1 },
        { "locked", Fault.Respond(403, """{"detail":"User is locked. Reason: Exhausted balance."}"""), InpaintErrorId.QuotaExceeded, 1 },
        { "no such stream", Fault.Respond(404, """{"detail":"Path /stream not found"}"""), InpaintErrorId.InvalidParameter, 1 },
        { "input", Fault.Respond(422, """{"detail":[{"loc":["body","seed"],"msg":"x","type":"int_type"}]}"""), InpaintErrorId.InvalidParameter, 1 },
        { "proxy", Fault.Html(504), InpaintErrorId.SubmissionUncertain, 1 },
        { "reset before", Fault.ResetBeforeRead(), InpaintErrorId.SubmissionUncertain, 1 },
        { "reset", Fault.ResetAfterAccept(), InpaintErrorId.SubmissionUncertain, 1 },
        { "broken", Fault.Truncate(afterEvents: 2), InpaintErrorId.SubmissionUncertain, 1 },
        { "broken at once", Fault.Truncate(afterEvents: 0), InpaintErrorId.SubmissionUncertain, 1 },
        { "nothing", Fault.EndStream(afterEvents: 0), InpaintErrorId.SubmissionUncertain, 1 },
        { "only words", Fault.Respond(200, "data: {\"progress\":1}\n\n", "text/event-stream"), InpaintErrorId.SubmissionUncertain, 1 },
        { "a last event that breaks off", Fault.Respond(200, "data: {\"images\":[{\"url\":\"https://v3.fal.media/files/a/b.png\"}]}\n\ndata: {\"images\":\n\n", "text/event-stream"), InpaintErrorId.SubmissionUncertain, 1 },
        { "no end of a last event", Fault.Respond(200, "data: {\"images\":[]}", "text/event-stream"), InpaintErrorId.SubmissionUncertain, 1 },
        { "failure as an event", Fault.Respond(200, "data: {\"detail\":[{\"loc\":[],\"msg\":\"x\",\"type\":\"internal_server_error\"}]}\n\n", "text/event-stream"), InpaintErrorId.JobFailed, 1 },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_stream_is_paid_for_once(string name, Fault fault, InpaintErrorId expected, int requests)
    {
        using IDisposable rule = State.Faults.Always(WireOperation.RunStream, fault);
        InpaintException failure = await FailsAsync(expected, () => StreamAsync(Plan(Streamed)));

        Assert.True(requests == State.Requests.Count(WireOperation.RunStream), name);
        Assert.InRange(State.PaidJobs, 0, 1);
        Assert.NotEmpty(failure.RecommendedAction);
        Assert.DoesNotContain("test-secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_is_stopped_ends_at_once_and_is_uncertain()
    {
        using CancellationTokenSource stop = new();
        State.Faults.Enqueue(WireOperation.RunStream, Fault.HoldBody(afterEvents: 2));
        Task<Acceptance> run = StreamAsync(Plan(Streamed), stop.Token);
        await State.Faults.WaitForHeldAsync(cancellationToken: Cancellation);

        // What the service has sent is not read yet.
        await shown.WaitAsync(Cancellation);
        await shown.WaitAsync(Cancellation);
        await stop.CancelAsync();

        await FailsAsync(InpaintErrorId.SubmissionUncertain, () => run);
        Assert.Equal(2, previews.Count);
        Assert.Equal(1, State.PaidJobs);
    }

    [Fact]
    public async Task No_more_than_one_preview_is_kept()
    {
        string large = $$"""data: {"images":[{"url":"data:image/png;base64,{{new string('A', 1 << 20)}}"}]}""" + "\n\n";
        State.Faults.Enqueue(WireOperation.RunStream, Fault.Respond(200, string.Concat(Enumerable.Repeat(large, 20)), "text/event-stream"));
        PreparedSubmission submission = await Client.PrepareAsync(Plan(Streamed), progress: null, Cancellation);
        List<WeakReference> shownBefore = [];
        List<int> kept = [];
        await Client.SubmitAsync(submission with { OnPreview = Look }, Cancellation);

        Assert.Equal(20, kept.Count);
        Assert.InRange(kept.Max(), 0, 2);

        void Look(IReadOnlyList<OutputPicture> pictures)
        {
            GC.Collect();
            kept.Add(shownBefore.Count(reference => reference.IsAlive));
            Assert.True(MemoryMarshal.TryGetArray(pictures[0].Content!.Value, out ArraySegment<byte> bytes));
            shownBefore.Add(new WeakReference(bytes.Array));
        }
    }

    [Fact]
    public async Task An_endless_event_is_refused()
    {
        State.Faults.Enqueue(WireOperation.RunStream, Fault.Respond(200, "data: " + new string('x', ApiResponse.MaxBodyBytes), "text/event-stream"));
        await FailsAsync(InpaintErrorId.SubmissionUncertain, () => StreamAsync(Plan(Streamed)));
    }

    [Theory]
    [InlineData("WebhookUri")]
    [InlineData("Priority")]
    [InlineData("MaximumQueueLength")]
    public async Task What_only_the_queue_has_is_refused_before_any_call(string name)
    {
        InpaintRequest request = name switch
        {
            "WebhookUri" => Streamed with { WebhookUri = new Uri("https://hooks.example/x") },
            "Priority" => Streamed with { Priority = "low" },
            _ => Streamed with { Options = new Dictionary<string, object>(StringComparer.Ordinal) { ["maximumqueuelength"] = 3L } },
        };
        foreach ((InpaintRequest direct, string mode) in new[] { (request, "PreviewFolder"), (request with { PreviewFolder = null, Synchronous = true }, "Synchronous") })
        {
            InpaintException refusal = await FailsAsync(InpaintErrorId.InvalidParameter, () => SubmitAsync(Plan(direct)));
            Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(mode, refusal.Message, StringComparison.Ordinal);
            Assert.Equal(name, refusal.Parameter);
        }

        Assert.Empty(State.Requests.All);
    }

    [Fact]
    public async Task Several_pictures_are_refused_before_any_call_because_a_stream_makes_one()
    {
        InpaintException refusal = await FailsAsync(InpaintErrorId.InvalidParameter, () => SubmitAsync(Plan(Streamed with { Count = 2 })));
        Assert.Equal("Count", refusal.Parameter);
        Assert.Empty(State.Requests.All);
    }

    private static (int Width, int Height) Size(OutputPicture picture) => PictureFile.Decode(picture.Content!.Value.ToArray()) is { } read ? (read.Width, read.Height) : default;

    private async Task<Acceptance> StreamAsync(RequestPlan plan, CancellationToken? stop = null)
    {
        PreparedSubmission submission = await Client.PrepareAsync(plan, progress: null, Cancellation);
        return await Client.SubmitAsync(submission with { OnPreview = Show }, stop ?? Cancellation);
    }

    private void Show(IReadOnlyList<OutputPicture> pictures)
    {
        previews.Enqueue(pictures);
        shown.Release();
    }
}
