using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Emulator;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Xunit;

namespace Inpaint.Tests.Emulator;

public sealed class FaultTests : EmulatorTest
{
    [Fact]
    public async Task A_reset_before_read_makes_no_job()
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.ResetBeforeRead());

        await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(InpaintingPath, Input()));

        Assert.Equal(0, State.PaidJobs);
        Assert.Equal(1, State.Requests.Count(WireOperation.Submit));
    }

    [Fact]
    public async Task A_reset_after_accept_makes_the_job_that_the_client_never_hears_of()
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.ResetAfterAccept());

        HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(InpaintingPath, Input()));

        Assert.IsNotType<HttpIOException>(error);
        Assert.Equal(1, State.PaidJobs);
        Assert.Null(State.Requests.All[^1].Status);
    }

    public static TheoryData<string> EndsWithoutAnAnswer => ["reset", "close"];

    [Theory]
    [MemberData(nameof(EndsWithoutAnAnswer))]
    public async Task A_post_over_a_warm_connection_is_not_repeated_by_the_platform(string end)
    {
        // The platform's own handler may repeat a request when a pooled connection dies without a response; for a paid POST it must not.
        await GetAsync($"fal-ai/flux-lora/requests/{Guid.NewGuid()}/status");
        State.Faults.Enqueue(WireOperation.Submit, end == "reset" ? Fault.ResetAfterAccept() : Fault.CloseAfterAccept());

        await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(InpaintingPath, Input()));

        Assert.Equal(State.Requests.All[0].ConnectionId, State.Requests.Of(WireOperation.Submit)[0].ConnectionId);
        Assert.Equal(1, State.Requests.Count(WireOperation.Submit));
        Assert.Equal(1, State.PaidJobs);
    }

    [Fact]
    public async Task Queued_faults_apply_in_order_and_pass_lets_one_through()
    {
        string job = await SubmitAsync();
        State.Faults.Enqueue(WireOperation.Status, Fault.TooManyRequests(TimeSpan.FromSeconds(3)), Fault.Pass, Fault.Html(502));

        HttpResponseMessage[] responses = [await Http.GetAsync($"{job}/status", Cancellation), await Http.GetAsync($"{job}/status", Cancellation), await Http.GetAsync($"{job}/status", Cancellation)];

        Assert.Equal([429, 202, 502], responses.Select(response => (int)response.StatusCode));
        Assert.Equal(TimeSpan.FromSeconds(3), responses[0].Headers.RetryAfter!.Delta);
        Assert.Equal("text/html", responses[2].Content.Headers.ContentType!.MediaType);
        Assert.Equal(0, State.Faults.Pending);
    }

    [Fact]
    public async Task A_fault_before_handling_does_not_move_the_job_on_and_one_after_accept_does()
    {
        string job = await SubmitAsync();
        State.Faults.Enqueue(WireOperation.Status, Fault.Respond(503), Fault.Respond(503).AfterAccept());

        using HttpResponseMessage before = await Http.GetAsync($"{job}/status", Cancellation);
        Assert.Equal(JobPhase.InQueue, State.Jobs.Last.Phase);
        using HttpResponseMessage after = await Http.GetAsync($"{job}/status", Cancellation);

        Assert.Equal(JobPhase.InProgress, State.Jobs.Last.Phase);
        Assert.Equal((503, 503), ((int)before.StatusCode, (int)after.StatusCode));
    }

    [Fact]
    public async Task Rules_see_the_head_of_the_request_and_end_when_disposed()
    {
        string first = await SubmitAsync();
        string id = State.Jobs.Last.Id;
        string second = await SubmitAsync();
        IDisposable rule = State.Faults.When(request => request.Operation == WireOperation.Status && request.JobId == id, Fault.Expired());

        Assert.Equal(404, (int)(await GetAsync($"{first}/status")).Response.StatusCode);
        Assert.Equal(202, (int)(await GetAsync($"{second}/status")).Response.StatusCode);
        rule.Dispose();
        Assert.Equal(202, (int)(await GetAsync($"{first}/status")).Response.StatusCode);
    }

    [Fact]
    public async Task Rules_may_be_limited_and_choose_by_ordinal()
    {
        string job = await SubmitAsync();
        State.Faults.When(request => request.Operation == WireOperation.Status, request => request.Ordinal % 2 == 0 ? Fault.Expired() : Fault.Pass, times: 4);

        List<int> codes = [];
        for (int read = 0; read < 6; read++)
        {
            codes.Add((int)(await GetAsync($"{job}/status")).Response.StatusCode);
        }

        Assert.Equal([202, 404, 202, 404, 200, 200], codes);
    }

    [Fact]
    public async Task A_truncated_body_has_a_full_length_and_too_few_bytes()
    {
        string url = await MakePictureAsync();
        State.Faults.Enqueue(WireOperation.Download, Fault.Truncate(afterBytes: 10));

        using HttpResponseMessage response = await Http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        byte[] head = new byte[10];
        await body.ReadExactlyAsync(head, Cancellation);

        Assert.True(response.Content.Headers.ContentLength > 10, "The whole length is announced.");
        await Assert.ThrowsAnyAsync<IOException>(async () => await body.ReadExactlyAsync(new byte[1], Cancellation));
    }

    [Fact]
    public async Task A_download_can_be_resumed_where_it_broke()
    {
        string url = await MakePictureAsync();
        byte[] whole = await Http.GetByteArrayAsync(url, Cancellation);
        using HttpRequestMessage request = new(HttpMethod.Get, url);
        request.Headers.Range = new(10, null);

        using HttpResponseMessage response = await Http.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal($"bytes 10-{whole.Length - 1}/{whole.Length}", response.Content.Headers.ContentRange!.ToString());
        Assert.Equal(whole[10..], await response.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task Malformed_empty_mistyped_and_strange_responses_keep_the_services_status()
    {
        string job = await SubmitAsync();
        State.Faults.Enqueue(WireOperation.Status, Fault.MalformedBody(), Fault.EmptyBody(), Fault.WrongContentType("text/html"), Fault.UnknownStatus("PONDERING"));
        State.Jobs.Last.Complete();

        await Assert.ThrowsAnyAsync<JsonException>(() => GetAsync($"{job}/status"));
        using HttpResponseMessage empty = await Http.GetAsync($"{job}/status", Cancellation);
        (HttpResponseMessage mistyped, JsonObject json) = await GetAsync($"{job}/status");
        JsonObject strange = (await GetAsync($"{job}/status")).Json;

        Assert.Equal((200, 0L), ((int)empty.StatusCode, empty.Content.Headers.ContentLength));
        Assert.Equal(("text/html", "COMPLETED"), (mistyped.Content.Headers.ContentType!.MediaType, json["status"]!.GetValue<string>()));
        Assert.Equal("PONDERING", strange["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_huge_body_is_streamed_without_length()
    {
        string job = await SubmitAsync();
        State.Faults.Enqueue(WireOperation.Status, Fault.HugeBody(5_000_000));

        using HttpResponseMessage response = await Http.GetAsync($"{job}/status", HttpCompletionOption.ResponseHeadersRead, Cancellation);

        Assert.Null(response.Content.Headers.ContentLength);
        string body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(body.Length > 5_000_000);
        Assert.Equal("IN_QUEUE", JsonNode.Parse(body)!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Held_headers_come_when_released()
    {
        string job = await SubmitAsync();
        State.Faults.Enqueue(WireOperation.Status, Fault.HoldHeaders());

        Task<HttpResponseMessage> pending = Http.GetAsync($"{job}/status", Cancellation);
        await State.Requests.WaitForAsync(WireOperation.Status, cancellationToken: Cancellation);
        Assert.False(pending.IsCompleted);
        Assert.Equal(1, State.Connections.RequestsInFlight);
        await State.Faults.WaitForHeldAsync(cancellationToken: Cancellation);
        State.Faults.Release();

        using HttpResponseMessage response = await pending;
        Assert.Equal(202, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_client_that_gives_up_is_recorded()
    {
        string job = await SubmitAsync();
        State.Faults.Enqueue(WireOperation.Status, Fault.HoldBody(afterBytes: 3));
        using CancellationTokenSource impatience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        Task<HttpResponseMessage> pending = Http.GetAsync($"{job}/status", impatience.Token);
        await State.Faults.WaitForHeldAsync(cancellationToken: Cancellation);
        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        RecordedRequest request = await State.Requests.WaitForAsync(seen => seen.AbortedByClient, cancellationToken: Cancellation);
        Assert.Equal(WireOperation.Status, request.Operation);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_may_break_or_end_before_the_job_is_done(bool breaks)
    {
        string job = await SubmitAsync();
        State.Faults.Enqueue(WireOperation.StatusStream, breaks ? Fault.Truncate(afterEvents: 2) : Fault.EndStream(afterEvents: 2));

        using HttpResponseMessage response = await Http.GetAsync($"{job}/status/stream", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync(Cancellation));
        List<string> events = [];
        Exception? error = await Record.ExceptionAsync(async () =>
        {
            while (await reader.ReadLineAsync(Cancellation) is { } line)
            {
                events.AddRange(line.Length > 0 ? [line] : []);
            }
        });

        Assert.Equal(2, events.Count);
        Assert.Equal(breaks, error is IOException);
    }

    [Fact]
    public async Task A_redirect_names_another_host()
    {
        using HttpClient plain = new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = Server.BaseUri };
        State.Faults.Enqueue(WireOperation.Submit, Fault.Redirect(new("http://elsewhere.example/x"), 307));

        using HttpResponseMessage response = await plain.PostAsync(InpaintingPath, Body(Input()), Cancellation);

        Assert.Equal((307, "http://elsewhere.example/x"), ((int)response.StatusCode, response.Headers.Location!.AbsoluteUri));
    }

    [Fact]
    public async Task Offline_means_refused_connections_and_online_is_the_same_port()
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.ThenOffline());
        string job = await SubmitAsync();
        await State.Faults.WaitForOfflineAsync(Cancellation);

        HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync($"{job}/status"));
        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
        Assert.Equal(0, State.Requests.Count(WireOperation.Status));

        await Server.GoOnlineAsync();
        Assert.Equal(202, (int)(await GetAsync($"{job}/status")).Response.StatusCode);
    }

    [Fact]
    public async Task Offline_may_end_by_itself()
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.ThenOffline(TimeSpan.FromMilliseconds(1)));
        string job = await SubmitAsync();

        // Refused while the port is closed, answered once it is open: both are right, only never coming back would be wrong.
        HttpResponseMessage? response = null;
        while (response is null && !Cancellation.IsCancellationRequested)
        {
            try
            {
                response = await Http.GetAsync($"{job}/status", Cancellation);
            }
            catch (HttpRequestException)
            {
                await Task.Yield();
            }
        }

        Assert.Equal(202, (int)response!.StatusCode);
    }

    [Fact]
    public async Task A_close_before_handling_makes_no_job()
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.CloseBeforeHandling());

        HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(InpaintingPath, Input()));

        Assert.Equal(HttpRequestError.ResponseEnded, error.HttpRequestError);
        Assert.Equal(0, State.PaidJobs);
    }

    [Fact]
    public async Task Files_and_uploads_can_be_sent_to_another_host()
    {
        State.CdnBase = "http://files.example/cdn";
        State.UploadBase = "http://uploads.example";

        JsonObject target = (await PostAsync("rest/storage/upload/initiate", new JsonObject { ["content_type"] = "image/png", ["file_name"] = "a.png" })).Json;

        Assert.StartsWith("http://files.example/cdn/files/", target["file_url"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.StartsWith("http://uploads.example/upload/", target["upload_url"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.StartsWith("http://files.example/cdn/files/", await MakePictureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_URL_refuses()
    {
        using HttpClient client = new() { BaseAddress = EmulatorServer.FindClosedAddress() };

        HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/", Cancellation));

        Assert.Equal(HttpRequestError.ConnectionError, error.HttpRequestError);
    }

    [Fact]
    public async Task Any_status_reason_and_header_can_be_sent()
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(299, "odd", "text/weird", "Odd Indeed", ("X-Odd", "yes")));

        using HttpResponseMessage response = await Http.PostAsync(InpaintingPath, Body(Input()), Cancellation);

        Assert.Equal((299, "Odd Indeed", "yes"), ((int)response.StatusCode, response.ReasonPhrase, response.Headers.GetValues("X-Odd").Single()));
        Assert.Equal("odd", await response.Content.ReadAsStringAsync(Cancellation));
    }

    private async Task<string> MakePictureAsync() => (await RunAsync()).Json["images"]![0]!["url"]!.GetValue<string>();
}
