using System.Net;
using System.Net.Sockets;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Providers;
using Inpaint.Providers.Fal;
using Inpaint.Tests.Http;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

/// <summary>A submit is sent again only when it is certain that nothing was made.</summary>
public sealed class FalSubmitOnceTests : FalClientTest
{
    public static TheoryData<string, Fault> Unclear => new()
    {
        { "reset before the answer", Fault.ResetAfterAccept() },
        { "502 of a proxy", Fault.Html(502).AfterAccept() },
        { "504 of a proxy", Fault.Html(504).AfterAccept() },
        { "500", Fault.Respond(500, """{"detail":"Internal Server Error"}""").AfterAccept() },
        { "a page", Fault.Html(200).AfterAccept() },
        { "truncated body", Fault.Truncate() },
        { "malformed JSON", Fault.MalformedBody() },
        { "empty body", Fault.EmptyBody() },
        { "no id", Fault.Respond(200, """{"status":"IN_QUEUE"}""").AfterAccept() },
        { "redirect", Fault.Redirect(new Uri("https://elsewhere.example/")).AfterAccept() },
        { "broken Unicode", Fault.Respond(200, """{"request_id":"\ud83e"}""").AfterAccept() },
        { "408", Fault.Respond(408).AfterAccept() },
    };

    public static TheoryData<string, Fault> Refusals => new()
    {
        { "429", Fault.TooManyRequests() },
        { "429 with seconds", Fault.TooManyRequests(TimeSpan.Zero) },
        { "429 with a date", Fault.TooManyRequests(DateTimeOffset.UnixEpoch) },
        { "503", Fault.Respond(503, "busy", "text/plain") },
        { "503 of a proxy", Fault.Html(503) },
    };

    [Theory]
    [MemberData(nameof(Unclear))]
    public async Task An_unclear_outcome_is_reported_and_not_repeated(string name, Fault fault)
    {
        State.Faults.Enqueue(WireOperation.Submit, fault);
        InpaintException e = await FailsAsync(InpaintErrorId.SubmissionUncertain, () => SubmitAsync());
        Assert.Contains("It was not sent again", e.Message, StringComparison.Ordinal);
        Assert.Contains("fal.ai/dashboard/requests", e.RecommendedAction, StringComparison.Ordinal);
        Assert.True(State.Requests.Count(WireOperation.Submit) == 1, name);
        Assert.Equal(1, State.PaidJobs);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task An_explicit_refusal_is_repeated(string name, Fault fault)
    {
        State.Faults.Enqueue(WireOperation.Submit, fault, fault);
        Acceptance acceptance = await SubmitAsync();
        Assert.Equal(State.Jobs.Last.Id, acceptance.Id);
        Assert.True(State.Requests.Count(WireOperation.Submit) == 3, name);
        Assert.Equal(1, State.PaidJobs);
    }

    [Fact]
    public async Task Refusals_end_at_some_time()
    {
        using IDisposable rule = State.Faults.Always(WireOperation.Submit, Fault.TooManyRequests(TimeSpan.Zero));
        InpaintException e = await FailsAsync(InpaintErrorId.RateLimited, () => SubmitAsync());
        Assert.Equal(TimeSpan.Zero, e.RetryAfter);
        Assert.Equal(4, State.Requests.Count(WireOperation.Submit));
    }

    [Fact]
    public async Task A_pause_beyond_all_patience_is_told_at_once()
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.TooManyRequests(TimeSpan.FromHours(3)));
        InpaintException e = await FailsAsync(InpaintErrorId.RateLimited, () => SubmitAsync());
        Assert.Equal(TimeSpan.FromHours(3), e.RetryAfter);
        Assert.Equal(1, State.Requests.Count(WireOperation.Submit));
    }

    [Fact]
    public async Task A_refused_connection_has_sent_nothing()
    {
        await Server.GoOfflineAsync();
        InpaintException e = await FailsAsync(InpaintErrorId.ProviderUnavailable, () => SubmitAsync());
        Assert.Contains("Nothing was sent", e.Message, StringComparison.Ordinal);
        Assert.Contains("refused", e.Message, StringComparison.Ordinal);
        Assert.True(e.IsTransient);
    }

    [Fact]
    public async Task A_refused_connection_is_tried_again()
    {
        await Server.GoOfflineAsync();
        WireTimeProvider time = new() { BeforePause = Server.GoOnlineAsync };
        Acceptance acceptance = await SubmitAsync(client: MakeClient(resilience: new(), time: time));
        Assert.Equal(acceptance.Id, Assert.Single(State.Jobs.All).Id);
    }

    [Fact]
    public async Task An_unknown_name_has_sent_nothing()
    {
        InpaintProvider nowhere = Provider with { BaseUri = new Uri("https://queue.invalid"), Endpoints = new Dictionary<string, Uri>() };
        InpaintException e = await FailsAsync(InpaintErrorId.ProviderUnavailable, () => SubmitAsync(client: MakeClient(nowhere)));
        Assert.Contains("Nothing was sent", e.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, Fault, int, int> Silences => new()
    {
        { "a silent peer", Fault.HoldHeaders(), 100, 300 },
        { "a half sent answer", Fault.HoldBody(5), 100, 300 },
        { "attempts that may take longer than all together", Fault.HoldHeaders(), 300, 40 },
    };

    [Theory]
    [MemberData(nameof(Silences))]
    public async Task A_silent_peer_is_uncertain_after_the_timeout(string name, Fault fault, int attempt, int total)
    {
        State.Faults.Enqueue(WireOperation.Submit, fault);
        WireTimeProvider time = new();
        DateTimeOffset begin = time.GetUtcNow();
        ResilienceOptions limited = new() { Limits = _ => new(4, TimeSpan.FromSeconds(attempt), TimeSpan.FromSeconds(total)) };
        Task submit = SubmitAsync(client: MakeClient(resilience: limited, time: time));
        await time.FollowAsync(submit, State.Faults, heldBefore: 0, Cancellation);
        await FailsAsync(InpaintErrorId.SubmissionUncertain, () => submit);
        Assert.Equal(Math.Min(attempt, total), (time.GetUtcNow() - begin).TotalSeconds);
        Assert.Equal(1, State.PaidJobs);
        Assert.True(State.Requests.Count(WireOperation.Submit) == 1, name);
    }

    [Fact]
    public async Task A_peer_without_TLS_has_received_nothing()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task answering = Task.Run(async () =>
        {
            using TcpClient peer = await listener.AcceptTcpClientAsync(Cancellation);
            await peer.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Cancellation);
        }, Cancellation);
        InpaintProvider tls = Provider with { BaseUri = new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}") };
        InpaintException e = await FailsAsync(InpaintErrorId.ProviderUnavailable, () => SubmitAsync(client: MakeClient(tls)));
        Assert.Contains("no secure connection", e.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was sent", e.Message, StringComparison.Ordinal);
        await answering;
    }

    [Fact]
    public async Task Each_submit_has_a_connection_of_its_own()
    {
        await SubmitAsync();
        await SubmitAsync();
        Assert.Equal(2, State.Requests.Of(WireOperation.Submit).Select(request => request.ConnectionId).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_cancel_after_the_send_is_uncertain()
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.HoldHeaders());
        PreparedSubmission submission = await Client.PrepareAsync(Plan(), progress: null, Cancellation);
        using CancellationTokenSource stop = new();
        Task<Acceptance> submit = Client.SubmitAsync(submission, stop.Token);
        await State.Requests.WaitForAsync(WireOperation.Submit, 1, Cancellation);
        await stop.CancelAsync();
        InpaintException e = await FailsAsync(InpaintErrorId.SubmissionUncertain, () => submit);
        Assert.IsAssignableFrom<OperationCanceledException>(e.InnerException);
        Assert.StartsWith("The call was cancelled after the request was sent", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancel_before_the_send_is_just_that()
    {
        PreparedSubmission submission = await Client.PrepareAsync(Plan(), progress: null, Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Client.SubmitAsync(submission, new CancellationToken(canceled: true)));
        Assert.Equal(0, State.Requests.Count(WireOperation.Submit));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_cancel_during_a_pause_is_just_that()
    {
        TimeSpan pause = TimeSpan.FromSeconds(31);
        State.Faults.Enqueue(WireOperation.Submit, Fault.TooManyRequests(pause));
        TimerNotingTime time = new(pause);
        FalClient client = MakeClient(time: time);
        PreparedSubmission submission = await client.PrepareAsync(Plan(), progress: null, Cancellation);
        using CancellationTokenSource stop = new();
        Task<Acceptance> submit = client.SubmitAsync(submission, stop.Token);
        await time.Noted.WaitAsync(Cancellation);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => submit);
        Assert.Equal(0, State.PaidJobs);
    }

    [Fact]
    public async Task A_temporary_redirect_has_made_nothing()
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.Redirect(new Uri("https://elsewhere.example/x"), (int)HttpStatusCode.TemporaryRedirect));
        InpaintException e = await FailsAsync(InpaintErrorId.ResponseInvalid, () => SubmitAsync());
        Assert.Contains("https://elsewhere.example", e.Message, StringComparison.Ordinal);
    }
}
