using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Imaging;
using Inpaint.Providers.Fal;
using Inpaint.Tests.Http;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

/// <summary>Status and result: repeated freely, read tolerantly, and refused with a name when they make no sense.</summary>
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
    public async Task A_transient_failure_is_waited_out(string name, Fault fault)
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
        { "not a complete JSON object", Fault.MalformedBody() },
        { "empty body", Fault.EmptyBody() },
        { "not a complete JSON object", Fault.Respond(200, "[1]") },
        { "not a complete JSON object", Fault.Respond(200, "\"x\"") },
        { "not a complete JSON object", Fault.Respond(200, new string('[', 100_000)) },
        { "redirect", Fault.Redirect(new Uri("https://elsewhere.example/login")) },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task A_response_that_makes_no_sense_is_named(string said, Fault fault)
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
    public async Task An_unknown_status_is_named()
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
    public async Task The_content_type_does_not_spoil_good_data(string contentType)
    {
        using IDisposable status = State.Faults.Always(WireOperation.Status, Fault.WrongContentType(contentType));
        using IDisposable submit = State.Faults.Always(WireOperation.Submit, Fault.WrongContentType(contentType));
        InpaintJob job = await StartAsync();
        Assert.Equal(InpaintJobState.InQueue, (await Client.GetStatusAsync(job, includeLog: false, Cancellation)).State);
    }

    [Fact]
    public async Task An_endless_response_is_cut_off()
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
    public async Task A_silent_peer_is_given_up(string name, Fault fault)
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
    public async Task A_call_that_cannot_outwait_a_rate_limit_says_so()
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
    public async Task The_total_deadline_wins_over_the_pauses()
    {
        InpaintJob job = await StartAsync();
        using IDisposable rule = State.Faults.Always(WireOperation.Status, Fault.TooManyRequests(TimeSpan.FromSeconds(100)));
        FalClient impatient = MakeClient(resilience: Quick with { Limits = _ => new(3, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(40)) }, time: new WireTimeProvider());
        await FailsAsync(InpaintErrorId.RateLimited, () => impatient.GetStatusAsync(job, includeLog: false, Cancellation));
        Assert.Equal(1, State.Requests.Count(WireOperation.Status));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_rate_limit_holds_back_every_call()
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
}
