using System.Security.Cryptography;
using Inpaint.Emulator;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Tests.Providers.Fal;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Http;

public sealed class PictureDownloaderTests : IAsyncLifetime
{
    private readonly byte[] picture = RandomNumberGenerator.GetBytes(300_000);
    private readonly HttpClientSource http = new();
    private EmulatorServer server = null!;
    private PictureDownloader downloader = null!;
    private string url = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private EmulatorState State => server.State;

    public async ValueTask InitializeAsync()
    {
        server = await EmulatorServer.StartAsync();
        string id = State.Files.Add("dog.png", "image/png", picture);
        url = $"{server.CdnUri}/files/{id}/dog.png";
        downloader = new PictureDownloader(http, TimeProvider.System, resilience: FalClientTest.Quick);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await server.DisposeAsync();
    }

    public static TheoryData<string, Fault[]> Troubles => new()
    {
        { "none", [] },
        { "reset", [Fault.ResetBeforeRead()] },
        { "truncated", [Fault.Truncate(100_000)] },
        { "truncated thrice", [Fault.Truncate(50_000), Fault.Truncate(50_000), Fault.Truncate(1)] },
        { "empty", [Fault.Truncate(0)] },
        { "500, 502, 503", [Fault.Respond(500), Fault.Html(502), Fault.Respond(503)] },
        { "429", [Fault.TooManyRequests(TimeSpan.Zero)] },
        { "late", [Fault.Respond(404), Fault.Respond(404)] },
        { "range refused", [Fault.Truncate(100_000), Fault.Respond(416)] },
        { "another range", [Fault.Truncate(100_000), Fault.Respond(206, "xyz", "image/png", null, ("Content-Range", "bytes 5-7/300000"))] },
        { "another file", [Fault.Truncate(100_000), Fault.Respond(206, "xyz", "image/png", null, ("Content-Range", "bytes 100000-100002/100003"))] },
    };

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task The_picture_arrives_whole(string name, Fault[] faults)
    {
        State.Faults.Enqueue(WireOperation.Download, faults);
        using MemoryStream file = new();
        file.Write("head"u8);
        DownloadedPicture downloaded = await downloader.DownloadAsync(url, AllowedNetworks.Anywhere, file, SaveOptions.DefaultMaximumBytes, Cancellation);
        Assert.True(picture.AsSpan().SequenceEqual(file.ToArray().AsSpan(4)), name);
        Assert.Equal(("image/png", (long)picture.Length), (downloaded.ContentType, downloaded.Length));
        Assert.Equal(faults.Length + 1, State.Requests.Count(WireOperation.Download));
        Assert.Empty(State.KeyLeaks);
    }

    [Fact]
    public async Task A_broken_download_goes_on_where_it_stopped()
    {
        State.Faults.Enqueue(WireOperation.Download, Fault.Truncate(200_000));
        using MemoryStream file = new();
        await downloader.DownloadAsync(url, AllowedNetworks.Anywhere, file, SaveOptions.DefaultMaximumBytes, Cancellation);
        string range = State.Requests.Of(WireOperation.Download)[^1].Headers["Range"];
        Assert.Matches("^bytes=[1-9][0-9]*-$", range);
    }

    [Theory]
    [InlineData(404, InpaintErrorId.ResultExpired, 3)]
    [InlineData(410, InpaintErrorId.ResultExpired, 1)]
    [InlineData(401, InpaintErrorId.ResultAccessDenied, 1)]
    [InlineData(403, InpaintErrorId.ResultAccessDenied, 1)]
    [InlineData(400, InpaintErrorId.ResponseInvalid, 1)]
    [InlineData(429, InpaintErrorId.RateLimited, 4)]
    [InlineData(500, InpaintErrorId.ProviderUnavailable, 4)]
    public async Task A_refusal_is_named(int status, InpaintErrorId expected, int requests)
    {
        using IDisposable rule = State.Faults.Always(WireOperation.Download, Fault.Respond(status));
        InpaintException e = await FailsAsync(expected);
        Assert.Equal(status, e.HttpStatus);
        Assert.Equal(requests, State.Requests.Count(WireOperation.Download));
    }

    [Fact]
    public async Task A_silent_server_is_given_up()
    {
        using IDisposable rule = State.Faults.Always(WireOperation.Download, Fault.HoldBody(1000));
        WireTimeProvider time = new();

        // An hour for all but the silence, so that nothing else can be what rings.
        downloader = new PictureDownloader(http, time, resilience: new ResilienceOptions { Limits = _ => new(2, TimeSpan.FromHours(1), TimeSpan.FromHours(1)) });
        Task<InpaintException> failing = FailsAsync(InpaintErrorId.ProviderUnavailable);
        await time.FollowAsync(failing, State.Faults, heldBefore: 0, Cancellation);
        Assert.Contains("No data arrived for 60 s", (await failing).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_too_large_picture_is_refused_by_its_length_and_by_its_bytes()
    {
        await FailsAsync(InpaintErrorId.ResponseInvalid, maxBytes: 1000);
        State.Faults.Enqueue(WireOperation.Download, Fault.HugeBody(1 << 20));
        using MemoryStream file = new();
        await FailsAsync(InpaintErrorId.ResponseInvalid, file, maxBytes: 1000);
        Assert.True(file.Length <= 1000);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_followed(int status)
    {
        State.Faults.Enqueue(WireOperation.Download, Fault.Redirect(new Uri(url), status));
        using MemoryStream file = new();
        Assert.Equal(picture.Length, (await downloader.DownloadAsync(url, AllowedNetworks.Anywhere, file, SaveOptions.DefaultMaximumBytes, Cancellation)).Length);
    }

    [Fact]
    public async Task Redirects_end_at_some_time()
    {
        using IDisposable rule = State.Faults.Always(WireOperation.Download, Fault.Redirect(new Uri(url)));
        await FailsAsync(InpaintErrorId.ResponseInvalid);
        Assert.Equal(6, State.Requests.Count(WireOperation.Download));
    }

    [Theory]
    [InlineData("http://example.org/x.png", InpaintErrorId.InsecureTransport)]
    [InlineData("https://user:pass@example.org/x.png", InpaintErrorId.InsecureTransport)]
    [InlineData("file:///etc/passwd", InpaintErrorId.ResponseInvalid)]
    [InlineData("ftp://example.org/x.png", InpaintErrorId.ResponseInvalid)]
    [InlineData("x.png", InpaintErrorId.ResponseInvalid)]
    public async Task A_URL_that_is_not_protected_is_refused(string address, InpaintErrorId expected)
    {
        url = address;
        await FailsAsync(expected);
    }

    [Fact]
    public async Task A_redirect_to_plain_HTTP_is_refused()
    {
        State.Faults.Enqueue(WireOperation.Download, Fault.Redirect(new Uri("http://example.org/x.png")));
        await FailsAsync(InpaintErrorId.InsecureTransport);
    }

    [Fact]
    public async Task Trouble_with_the_file_is_not_the_networks()
    {
        using FullDisk file = new();
        IOException e = await Assert.ThrowsAsync<IOException>(() => downloader.DownloadAsync(url, AllowedNetworks.Anywhere, file, SaveOptions.DefaultMaximumBytes, Cancellation));
        Assert.Equal("disk full", e.Message);
        Assert.Equal(1, State.Requests.Count(WireOperation.Download));
    }

    [Fact]
    public async Task A_cancel_ends_it()
    {
        using CancellationTokenSource stop = new();
        State.Faults.Enqueue(WireOperation.Download, Fault.HoldBody(1000));
        using MemoryStream file = new();
        Task<DownloadedPicture> download = downloader.DownloadAsync(url, AllowedNetworks.Anywhere, file, SaveOptions.DefaultMaximumBytes, stop.Token);
        await State.Requests.WaitForAsync(WireOperation.Download, 1, Cancellation);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => download);
    }

    private async Task<InpaintException> FailsAsync(InpaintErrorId expected, MemoryStream? file = null, long maxBytes = SaveOptions.DefaultMaximumBytes)
    {
        using MemoryStream own = new();
        return await FalClientTest.FailsAsync(expected, () => downloader.DownloadAsync(url, AllowedNetworks.Anywhere, file ?? own, maxBytes, Cancellation));
    }

    private sealed class FullDisk : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("disk full");
    }
}
