using System.Text;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Providers;
using Inpaint.Providers.Fal;
using Inpaint.Tests.Http;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

/// <summary>Status, result, cancel and stream: repeated freely, read tolerantly, and refused with a name when they make no sense.</summary>
public sealed class FalReadTests : FalClientTest
{
    public static TheoryData<string, Fault> Passing => new()
    {
        { "reset", Fault.ResetBeforeRead() },
        { "reset after", Fault.ResetAfterAccept() },
        { "429", Fault.TooManyRequests() },
        { "429 seconds", Fault.TooManyRequests(TimeSpan.Zero) },
        { "429 date", Fault.TooManyRequests(DateTimeOffset.UnixEpoch) },
        { "500", Fault.Respond(500) },
        { "502", Fault.Html(502) },
        { "503", Fault.Html(503) },
        { "504", Fault.Html(504) },
        { "truncated", Fault.Truncate() },
    };

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task TroubleThatPassesIsSatOut(string name, Fault fault)
    {
        State.Jobs.DefaultScript = JobScript.Immediate;
        InpaintJob job = await StartAsync();
        State.Faults.Enqueue(WireOperation.Status, fault, fault);
        Assert.Equal(InpaintJobState.Completed, (await Client.GetStatusAsync(job, includeLog: false, Cancellation)).State);
        State.Faults.Enqueue(WireOperation.Result, fault, fault);
        Assert.Single((await Client.GetResultAsync(job, Cancellation)).Pictures);
        Assert.Equal(0, State.Faults.Pending);
        Assert.True(State.PaidJobs == 1, name);
    }

    public static TheoryData<string, Fault> Nonsense => new()
    {
        { "page instead of data", Fault.Html(200) },
        { "not complete JSON", Fault.MalformedBody() },
        { "empty body", Fault.EmptyBody() },
        { "not complete JSON", Fault.Respond(200, "[1]") },
        { "not complete JSON", Fault.Respond(200, "\"x\"") },
        { "not complete JSON", Fault.Respond(200, new string('[', 100_000)) },
        { "redirect", Fault.Redirect(new Uri("https://elsewhere.example/login")) },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task AnAnswerThatMakesNoSenseIsNamed(string said, Fault fault)
    {
        State.Jobs.DefaultScript = JobScript.Immediate;
        InpaintJob job = await StartAsync();
        State.Faults.Enqueue(WireOperation.Status, fault);
        Assert.Contains(said, (await FailsAsync(InpaintErrorId.ResponseInvalid, () => Client.GetStatusAsync(job, includeLog: false, Cancellation))).Message, StringComparison.Ordinal);
        State.Faults.Enqueue(WireOperation.Result, fault);
        Assert.Contains(said, (await FailsAsync(InpaintErrorId.ResponseInvalid, () => Client.GetResultAsync(job, Cancellation))).Message, StringComparison.Ordinal);
        Assert.Equal(1, State.Requests.Count(WireOperation.Status));
        Assert.Equal(1, State.Requests.Count(WireOperation.Result));
    }

    [Fact]
    public async Task AnUnknownStatusIsNamed()
    {
        InpaintJob job = await StartAsync();
        State.Faults.Enqueue(WireOperation.Status, Fault.UnknownStatus("PONDERING"));
        InpaintException e = await FailsAsync(InpaintErrorId.ResponseInvalid, () => Client.GetStatusAsync(job, includeLog: false, Cancellation));
        Assert.Contains("'PONDERING'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("application/octet-stream")]
    [InlineData("nonsense")]
    public async Task TheContentTypeDoesNotSpoilGoodData(string contentType)
    {
        using IDisposable status = State.Faults.Always(WireOperation.Status, Fault.WrongContentType(contentType));
        using IDisposable submit = State.Faults.Always(WireOperation.Submit, Fault.WrongContentType(contentType));
        InpaintJob job = await StartAsync();
        Assert.Equal(InpaintJobState.InQueue, (await Client.GetStatusAsync(job, includeLog: false, Cancellation)).State);
    }

    [Fact]
    public async Task AnEndlessAnswerIsCutOff()
    {
        InpaintJob job = await StartAsync();
        State.Faults.Enqueue(WireOperation.Status, Fault.HugeBody(80 << 20));
        InpaintException e = await FailsAsync(InpaintErrorId.ResponseInvalid, () => Client.GetStatusAsync(job, includeLog: false, Cancellation));
        Assert.Contains("larger than 64 MiB", e.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, Fault> Silences => new()
    {
        { "a silent peer", Fault.HoldHeaders() },
        { "a half sent answer", Fault.HoldBody(5) },
    };

    [Theory]
    [MemberData(nameof(Silences))]
    public async Task ASilentPeerIsGivenUp(string name, Fault fault)
    {
        InpaintJob job = await StartAsync();
        using IDisposable rule = State.Faults.Always(WireOperation.Status, fault);
        WireTimeProvider time = new();
        Task call = MakeClient(resilience: new(), time: time).GetStatusAsync(job, includeLog: false, Cancellation);
        await time.FollowAsync(call, State.Faults, heldBefore: 0, Cancellation);
        await FailsAsync(InpaintErrorId.ProviderUnavailable, () => call);
        Assert.True(State.Requests.Count(WireOperation.Status) == CallLimits.For(CallKind.Status).Attempts, name);
    }

    [Fact]
    public async Task ACallThatCannotOutwaitARateLimitSaysSo()
    {
        InpaintJob job = await StartAsync();
        State.Faults.Enqueue(WireOperation.Status, Fault.TooManyRequests(TimeSpan.FromSeconds(100)));
        FalClient impatient = MakeClient(resilience: Quick with { Limits = _ => new(1, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(40)) }, time: new WireTimeProvider());
        await FailsAsync(InpaintErrorId.RateLimited, () => impatient.GetStatusAsync(job, includeLog: false, Cancellation));
        InpaintException e = await FailsAsync(InpaintErrorId.RateLimited, () => impatient.GetResultAsync(job, Cancellation));
        Assert.Equal(TimeSpan.FromSeconds(60), e.RetryAfter);
        Assert.Equal(0, State.Requests.Count(WireOperation.Result));
    }

    [Fact]
    public async Task TheTotalDeadlineWinsOverThePauses()
    {
        InpaintJob job = await StartAsync();
        using IDisposable rule = State.Faults.Always(WireOperation.Status, Fault.TooManyRequests(TimeSpan.FromSeconds(100)));
        FalClient impatient = MakeClient(resilience: Quick with { Limits = _ => new(3, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(40)) }, time: new WireTimeProvider());
        await FailsAsync(InpaintErrorId.RateLimited, () => impatient.GetStatusAsync(job, includeLog: false, Cancellation));
        Assert.Equal(1, State.Requests.Count(WireOperation.Status));
    }

    [Fact(Timeout = 60_000)]
    public async Task ARateLimitHoldsBackEveryCall()
    {
        TimeSpan pause = TimeSpan.FromSeconds(31);
        TimerNotingTime time = new(pause);
        FalClient client = MakeClient(time: time);
        InpaintJob job = await StartAsync();
        State.Faults.Enqueue(WireOperation.Status, Fault.TooManyRequests(pause));
        using CancellationTokenSource stop = new();
        Task first = client.GetStatusAsync(job, includeLog: false, stop.Token);
        await time.Noted.WaitAsync(Cancellation);

        Task second = client.CancelAsync(job, stop.Token);
        Task third = client.GetResultAsync(job, stop.Token);
        await stop.CancelAsync();
        foreach (Task call in new[] { first, second, third })
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        Assert.Equal(0, State.Requests.Count(WireOperation.Cancel));
        Assert.Equal(0, State.Requests.Count(WireOperation.Result));
    }

    [Theory]
    [InlineData(202, """{"status":"CANCELLATION_REQUESTED"}""", StopOutcome.CancellationRequested)]
    [InlineData(200, """{"status":"CANCELLATION_REQUESTED"}""", StopOutcome.CancellationRequested)]
    [InlineData(200, """{"status":"OK"}""", StopOutcome.Cancelled)]
    [InlineData(200, """{"success":true}""", StopOutcome.Cancelled)]
    [InlineData(200, """{"success":false}""", StopOutcome.AlreadyCompleted)]
    [InlineData(202, "", StopOutcome.CancellationRequested)]
    [InlineData(204, "", StopOutcome.CancellationRequested)]
    [InlineData(400, """{"status":"ALREADY_COMPLETED"}""", StopOutcome.AlreadyCompleted)]
    [InlineData(404, """{"status":"NOT_FOUND"}""", StopOutcome.NotFound)]
    [InlineData(404, """{"detail":"Request not found"}""", StopOutcome.NotFound)]
    [InlineData(405, """{"detail":"Method Not Allowed"}""", StopOutcome.NotSupported)]
    public async Task ACancelSaysWhatItDid(int status, string body, StopOutcome expected)
    {
        InpaintJob job = await StartAsync();
        State.Faults.Enqueue(WireOperation.Cancel, Fault.Respond(status, body));
        Assert.Equal(expected, await Client.CancelAsync(job, Cancellation));
    }

    [Theory]
    [InlineData(401, """{"detail":"invalid key credentials"}""", InpaintErrorId.AuthenticationFailed)]
    [InlineData(404, "<html>", InpaintErrorId.JobNotFound)]
    [InlineData(400, "?", InpaintErrorId.ResponseInvalid)]
    public async Task ACancelThatFailsIsNamed(int status, string body, InpaintErrorId expected)
    {
        InpaintJob job = await StartAsync();
        State.Faults.Enqueue(WireOperation.Cancel, Fault.Respond(status, body));
        await FailsAsync(expected, () => Client.CancelAsync(job, Cancellation));
    }

    [Fact]
    public async Task AWaitingJobIsCancelled()
    {
        State.Jobs.DefaultScript = JobScript.HeldInQueue();
        InpaintJob job = await StartAsync();
        Assert.Equal(StopOutcome.CancellationRequested, await Client.CancelAsync(job, Cancellation));
        Assert.Equal("PUT", Assert.Single(State.Requests.Of(WireOperation.Cancel)).Method);
        Assert.True(State.Jobs.Last.IsCancelled);
        JobUpdate update = await Client.GetStatusAsync(job, includeLog: false, Cancellation);
        Assert.Equal((InpaintJobState.Cancelled, InpaintErrorId.JobCancelled), (update.State, update.ErrorId));
        Assert.Equal(StopOutcome.AlreadyCompleted, await Client.CancelAsync(job, Cancellation));
    }

    public static TheoryData<string, Fault, int> StreamTroubles => new()
    {
        { "refused", Fault.Respond(404), 0 },
        { "429", Fault.TooManyRequests(), 0 },
        { "a page", Fault.Html(200), 0 },
        { "reset", Fault.ResetBeforeRead(), 0 },
        { "cut", Fault.Truncate(afterEvents: 1), 1 },
        { "ended", Fault.EndStream(2), 2 },
        { "silent", Fault.HoldBody(afterEvents: 1), 1 },
    };

    [Theory]
    [MemberData(nameof(StreamTroubles))]
    public async Task AStreamThatFailsJustEnds(string name, Fault fault, int events)
    {
        State.Jobs.DefaultScript = JobScript.Reads(queued: 2, running: 2);
        InpaintJob job = await StartAsync();
        State.Faults.Enqueue(WireOperation.StatusStream, fault);
        WireTimeProvider time = new();
        List<JobUpdate> updates = [];
        Task listening = ListenAsync(MakeClient(time: time).StreamStatusAsync(job, Cancellation), updates);
        await time.FollowAsync(listening, State.Faults, heldBefore: 0, Cancellation);
        await listening;

        Assert.True(updates.Count <= events, name);
        Assert.DoesNotContain(updates, update => update.State == InpaintJobState.Completed);
        while ((await Client.GetStatusAsync(job, includeLog: false, Cancellation)).State != InpaintJobState.Completed)
        {
        }
    }

    private static async Task ListenAsync(IAsyncEnumerable<JobUpdate> stream, List<JobUpdate> updates)
    {
        await foreach (JobUpdate update in stream)
        {
            updates.Add(update);
        }
    }

    [Fact]
    public async Task AStreamEndsWithItsListener()
    {
        State.Jobs.DefaultScript = JobScript.HeldInProgress("denoising 1/2");
        InpaintJob job = await StartAsync();
        using CancellationTokenSource stop = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (JobUpdate update in Client.StreamStatusAsync(job, stop.Token))
            {
                Assert.Equal(InpaintJobState.InProgress, update.State);
                await stop.CancelAsync();
            }
        });
    }

    [Fact]
    public async Task AFlaggedPictureIsMarked()
    {
        State.Jobs.DefaultScript = JobScript.Immediate;
        InpaintJob job = await StartAsync(new InpaintRequest { Prompt = "nsfw", Count = 2 });
        Assert.All((await Client.GetResultAsync(job with { State = InpaintJobState.Completed }, Cancellation)).Pictures, picture => Assert.True(picture.IsFlagged));
    }

    [Fact]
    public async Task InlinePicturesComeAsBytes()
    {
        State.Jobs.DefaultScript = JobScript.Immediate;
        InpaintJob job = await StartAsync(new InpaintRequest { Prompt = "x", InlineResult = true, Count = 2, OutputFormat = "png" });
        await Client.GetStatusAsync(job, includeLog: false, Cancellation);
        ProviderOutput output = await Client.GetResultAsync(job, Cancellation);
        Assert.Equal(2, output.Pictures.Count);
        Assert.All(output.Pictures, picture =>
        {
            Assert.Null(picture.Url);
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], picture.Content!.Value.Span[..4].ToArray());
            Assert.Equal("image/png", picture.ContentType);
        });
    }

    [Theory]
    [InlineData("""{"images":[]}""", "no picture")]
    [InlineData("""{"images":null}""", "no picture")]
    [InlineData("""{"images":[{"url":""},{},7]}""", "no picture")]
    [InlineData("""{"status":"IN_PROGRESS"}""", "IN_PROGRESS instead of pictures")]
    [InlineData("""{"images":[{"url":"data:image/png,abc"}]}""", "not base64")]
    [InlineData("""{"images":[{"url":"data:image/png;base64,a"}]}""", "base64 is broken")]
    [InlineData("""{"images":[{"url":"data:"}]}""", "not base64")]
    public async Task AnOutputWithoutPicturesIsNamed(string body, string said)
    {
        InpaintJob job = await StartAsync();
        State.Faults.Enqueue(WireOperation.Result, Fault.Respond(200, body));
        InpaintException e = await FailsAsync(InpaintErrorId.ResponseInvalid, () => Client.GetResultAsync(job, Cancellation));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnOutputIsReadTolerantly()
    {
        InpaintJob job = await StartAsync();
        const string body = """
            {"images":[{"url":"https://v3.fal.media/a.png","width":"x","height":1e99,"file_size":12,"new":{}}],"timings":{"inference":1.5,"text":"2","odd":[]},
             "seed":18446744073709551615,"has_nsfw_concepts":[],"prompt":null,"new_field":[1]}
            """;
        State.Faults.Enqueue(WireOperation.Result, Fault.Respond(200, body).WithHeader("x-fal-billable-units", "abc"));
        ProviderOutput output = await Client.GetResultAsync(job, Cancellation);
        OutputPicture picture = Assert.Single(output.Pictures);
        Assert.Equal(("https://v3.fal.media/a.png", null, null, 12L, false), (picture.Url, picture.Width, picture.Height, picture.FileSize, picture.IsFlagged));
        Assert.Equal(new Dictionary<string, double> { ["inference"] = 1.5, ["text"] = 2 }, output.Timings);
        Assert.Equal((null, null, null), (output.Seed, output.Prompt, output.Cost));
    }

    [Fact]
    public async Task TheFreeProbeTellsAGoodKeyFromABadOne()
    {
        await Client.CheckAccessAsync(Cancellation);
        Assert.Equal(0, State.PaidJobs);
        await FailsAsync(InpaintErrorId.AuthenticationFailed, () => MakeClient(key: "wrong:key").CheckAccessAsync(Cancellation));
        await FailsAsync(InpaintErrorId.ApiKeyMissing, () => MakeClient(key: null).CheckAccessAsync(Cancellation));
        await FailsAsync(InpaintErrorId.ApiKeyMissing, () => MakeClient(key: " \n").CheckAccessAsync(Cancellation));
        State.Faults.Enqueue(WireOperation.Status, Fault.Html(404));
        await FailsAsync(InpaintErrorId.ResponseInvalid, () => Client.CheckAccessAsync(Cancellation));
    }

    [Theory]
    [InlineData("test-id:test-secret\n")]
    [InlineData("  test-id:test-secret \r\n")]
    public async Task AKeyIsTakenWithoutTheWhiteSpaceOfItsFile(string key) => await MakeClient(key: key).CheckAccessAsync(Cancellation);

    [Fact]
    public async Task AKeyThatCannotBeOneIsNotSent()
    {
        InpaintException e = await FailsAsync(InpaintErrorId.AuthenticationFailed, () => MakeClient(key: "a\nb: c").CheckAccessAsync(Cancellation));
        Assert.DoesNotContain("b: c", e.ToString(), StringComparison.Ordinal);
        Assert.Empty(State.Requests.All);
    }

    [Fact]
    public async Task PlainHttpIsRefusedBeforeAnythingIsSent()
    {
        InpaintProvider plain = Provider with { BaseUri = new Uri("http://queue.example") };
        InpaintException e = await FailsAsync(InpaintErrorId.InsecureTransport, () => SubmitAsync(client: MakeClient(plain, uploads: new FalUploadOptions { InlineLimit = 0 })));
        Assert.Contains("https", e.Message, StringComparison.Ordinal);
        Assert.Empty(State.Requests.All);
    }

    [Fact]
    public async Task AnEchoedKeyIsTakenOutOfWhatIsSaid()
    {
        string echo = $$"""{"detail":"You sent {{Key}} and Key {{Key}} and {{Convert.ToBase64String(Encoding.UTF8.GetBytes(Key))}} \u001b[31m"}""";
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(400, echo));
        InpaintException e = await FailsAsync(InpaintErrorId.InvalidParameter, () => SubmitAsync());
        foreach (string text in new[] { e.ToString(), e.ResponseBody! })
        {
            Assert.DoesNotContain("test-secret", text, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Key)), text, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', text);
        }
    }

    [Fact]
    public async Task AKeyAtTheCutIsTakenOutWhole()
    {
        for (int padding = 4060; padding < 4110; padding++)
        {
            State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(400, new string('x', padding) + Key, "text/plain"));
            InpaintException e = await FailsAsync(InpaintErrorId.InvalidParameter, () => SubmitAsync());
            Assert.DoesNotContain("xtest", e.ResponseBody, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ArbitraryDocumentsDoNoHarm()
    {
        string[] seeds =
        [
            """{"status":"IN_QUEUE","request_id":"x","queue_position":1,"logs":null,"metrics":{}}""",
            """{"status":"COMPLETED","logs":[{"message":"m","timestamp":"t","labels":{"level":"l"}}],"metrics":{"inference_time":3.42},"error":"e","error_type":"request_timeout"}""",
            """{"status":"COMPLETED","error":"\ud83e\udd81 \u0041","error_type":"\u0041","metrics":{"\ud83e\udd81":1},"timings":{"\ud83e\udd81":1}}""",
            """{"images":[{"url":"data:image/png;base64,iVBORw0=","width":1,"height":1}],"timings":{"a":1},"seed":1,"has_nsfw_concepts":[true],"prompt":"p"}""",
        ];
        byte[] alphabet = [.. "{}[]\",:0-9.ent\\u "u8, 0, 0xFF, 0xED, 0xC3];
        Random random = new(5);
        for (int round = 0; round < 5_000; round++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]);
            for (int change = random.Next(1, 6); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = alphabet[random.Next(alphabet.Length)];
            }

            try
            {
                using System.Text.Json.JsonDocument document = System.Text.Json.JsonDocument.Parse(bytes);
                FalStatusReader.TryRead(document.RootElement, out _);
                FalOutputReader.Read(document.RootElement, "fal-ai/flux-lora", "1");
            }
            catch (Exception e) when (e is System.Text.Json.JsonException or FormatException)
            {
                // Both have their name in the vocabulary; anything else would be a crash.
            }
        }
    }
}
