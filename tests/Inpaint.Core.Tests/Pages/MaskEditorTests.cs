using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Pages;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Pages;

/// <summary>The server behind the page, spoken to as the page does.</summary>
public sealed class MaskEditorTests : IDisposable
{
    private const int Width = 40;
    private const int Height = 30;
    private readonly TemporaryFolder folder = new();
    private readonly ManualTimeProvider time = new();
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    private string MaskPath => folder.At("photo_mask.png");

    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
        http.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Writes_what_the_page_sends()
    {
        Editing editing = await StartAsync();
        byte[] coverage = [.. Enumerable.Range(0, Width * Height).Select(i => (byte)(i % 3 * 127))];

        using HttpResponseMessage answer = await editing.PostAsync("save", coverage);

        Assert.Equal("photo_mask.png", await answer.Content.ReadAsStringAsync(stop.Token));
        Assert.Equal(new MaskEdit(MaskEditOutcome.Saved, new MaskFile(MaskPath, Warning: null)), await editing.Task);
        Assert.Equal(coverage, LocalPictures.Decode(PictureSource.FromFile(MaskPath), stop.Token).Data);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(editing.Address, stop.Token));
    }

    [Fact]
    public async Task Gives_the_page_the_picture_and_the_mask_to_begin_with()
    {
        string mask = folder.Write("start.png", Png(new Raster(Width, Height, 1, 8, [.. Enumerable.Repeat((byte)200, Width * Height)])));

        Editing editing = await StartAsync(r => r with { Mask = PictureSource.FromFile(mask) });

        Assert.Equal(("photo.png", Width, Height, true), ((string?)editing.About["name"], (int)editing.About["width"]!, (int)editing.About["height"]!, (bool)editing.About["mask"]!));
        Assert.Equal(await File.ReadAllBytesAsync(folder.At("photo.png"), stop.Token), await editing.GetAsync("picture"));
        Assert.Equal(Enumerable.Repeat((byte)255, Width * Height), await editing.GetAsync("mask"));
    }

    [Theory]
    [InlineData("wrong secret", HttpStatusCode.Forbidden)]
    [InlineData("no origin", HttpStatusCode.Forbidden)]
    [InlineData("foreign origin", HttpStatusCode.Forbidden)]
    [InlineData("foreign host", HttpStatusCode.NotFound)]
    [InlineData("no key", HttpStatusCode.Forbidden)]
    [InlineData("second client", HttpStatusCode.Conflict)]
    [InlineData("wrong size", HttpStatusCode.BadRequest)]
    public async Task Refuses(string what, HttpStatusCode status)
    {
        Editing editing = await StartAsync();
        string path = what == "second client" ? "open" : "save";
        Uri address = what == "wrong secret" ? new Uri(editing.Address, $"/{new string('0', 32)}/") : editing.Address;
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(address, path)) { Content = new ByteArrayContent(new byte[what == "wrong size" ? 7 : Width * Height]) };
        if (what is not ("no key" or "second client"))
        {
            request.Headers.Add("Inpaint-Key", editing.Key);
        }

        if (what != "no origin")
        {
            request.Headers.Add("Origin", what == "foreign origin" ? "https://elsewhere.example" : editing.Origin);
        }

        request.Headers.Host = what == "foreign host" ? $"elsewhere.example:{address.Port}" : null;

        using HttpResponseMessage answer = await http.SendAsync(request, stop.Token);

        Assert.Equal(status, answer.StatusCode);
        Assert.False(editing.Task.IsCompleted);
        Assert.Equal(["photo.png"], folder.Files());
    }

    [Fact]
    public async Task Serves_a_page_that_runs_nothing_but_its_own()
    {
        Editing editing = await StartAsync();

        using HttpResponseMessage page = await http.GetAsync(editing.Address, stop.Token);

        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.InRange((await page.Content.ReadAsByteArrayAsync(stop.Token)).Length, 1, 60 * 1024);
        Assert.DoesNotContain("innerHTML", await page.Content.ReadAsStringAsync(stop.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ends_when_its_time_is_up()
    {
        Editing editing = await StartAsync(r => r with { Timeout = TimeSpan.FromHours(8) });
        await using Stream alive = await editing.StayAsync();

        time.Advance(TimeSpan.FromHours(8));

        Assert.Equal(MaskEditOutcome.TimedOut, (await editing.Task).Outcome);
        using StreamReader reader = new(alive);
        Assert.EndsWith("timeout", await reader.ReadToEndAsync(stop.Token), StringComparison.Ordinal);
        Assert.Equal(["photo.png"], folder.Files());
    }

    [Fact]
    public async Task Ends_when_the_page_has_left()
    {
        Editing editing = await StartAsync();
        await using (await editing.StayAsync())
        {
            (await editing.PostAsync("leave", [])).Dispose();
        }

        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(new MaskEdit(MaskEditOutcome.Closed, File: null), await editing.Task);
    }

    [Fact]
    public async Task Goes_on_when_the_page_comes_back()
    {
        Editing editing = await StartAsync();
        (await editing.PostAsync("leave", [])).Dispose();
        await using Stream alive = await editing.StayAsync();

        time.Advance(TimeSpan.FromSeconds(10));

        Assert.False(editing.Task.IsCompleted);
    }

    [Fact]
    public async Task Ends_when_a_tab_opens_and_never_connects()
    {
        Editing editing = await StartAsync();

        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(MaskEditOutcome.Closed, (await editing.Task).Outcome);
    }

    [Fact]
    public async Task Ends_at_once_when_it_is_stopped()
    {
        Editing editing = await StartAsync();
        await using Stream alive = await editing.StayAsync();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => editing.Task);
        Assert.Equal(["photo.png"], folder.Files());
    }

    [Fact]
    public async Task Keeps_what_was_painted_when_it_cannot_be_written()
    {
        Editing editing = await StartAsync();
        Directory.CreateDirectory(MaskPath);

        using HttpResponseMessage failed = await editing.PostAsync("save", new byte[Width * Height]);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Contains("is a folder", await failed.Content.ReadAsStringAsync(stop.Token), StringComparison.Ordinal);
        Directory.Delete(MaskPath);
        using HttpResponseMessage saved = await editing.PostAsync("save", new byte[Width * Height]);

        Assert.Equal(MaskEditOutcome.Saved, (await editing.Task).Outcome);
        Assert.Equal($"'{MaskPath}' marks nothing to repaint.", (await editing.Task).File!.Warning);
    }

    [Fact]
    public async Task Fails_when_it_is_left_without_having_been_written()
    {
        Editing editing = await StartAsync();
        Directory.CreateDirectory(MaskPath);
        (await editing.PostAsync("save", new byte[Width * Height])).Dispose();

        (await editing.PostAsync("cancel", [])).Dispose();

        Assert.Equal(InpaintErrorId.OutputWriteFailed, (await Assert.ThrowsAsync<InpaintException>(() => editing.Task)).ErrorId);
    }

    [Fact]
    public async Task Fails_when_the_browser_cannot_show_the_picture()
    {
        Editing editing = await StartAsync();

        (await editing.PostAsync("failed", [])).Dispose();

        Assert.Equal(InpaintErrorId.ImageUnsupported, (await Assert.ThrowsAsync<InpaintException>(() => editing.Task)).ErrorId);
    }

    [Fact]
    public async Task Says_which_port_is_taken()
    {
        using LoopbackHolder taken = new();
        MaskEditRequest request = new(PictureSource.FromFile(folder.Write("photo.png", Png(TestPictures.Waves(Width, Height, 3)))), MaskPath) { Port = taken.Port };

        InpaintException failure = await Assert.ThrowsAsync<InpaintException>(() => MaskEditor.EditAsync(request, _ => { }, time, stop.Token));

        Assert.Equal(InpaintErrorId.InvalidParameter, failure.ErrorId);
        Assert.Contains($"{taken.Port}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Opens_nothing_for_a_picture_that_is_cut_short()
    {
        byte[] whole = Png(TestPictures.Waves(200, 200, 3));
        MaskEditRequest request = new(PictureSource.FromFile(folder.Write("photo.png", whole[..(whole.Length / 2)])), MaskPath);

        InpaintException failure = await Assert.ThrowsAsync<InpaintException>(() => MaskEditor.EditAsync(request, _ => Assert.Fail("It was opened."), time, stop.Token));

        Assert.Equal(InpaintErrorId.ImageUnsupported, failure.ErrorId);
    }

    private static byte[] Png(Raster raster)
    {
        using MemoryStream png = new();
        Pictures.Encode(raster, PictureFormat.Png, png);
        return png.ToArray();
    }

    private async Task<Editing> StartAsync(Func<MaskEditRequest, MaskEditRequest>? change = null)
    {
        MaskEditRequest request = new(PictureSource.FromFile(folder.Write("photo.png", Png(TestPictures.Waves(Width, Height, 3)))), MaskPath);
        TaskCompletionSource<Uri> opened = new();
        Task<MaskEdit> task = MaskEditor.EditAsync(change?.Invoke(request) ?? request, opened.SetResult, time, stop.Token);
        await await Task.WhenAny(opened.Task, task);
        Editing editing = new(http, await opened.Task, task, stop.Token);
        await editing.OpenAsync();
        return editing;
    }

    /// <summary>What the page does.</summary>
    private sealed class Editing(HttpClient http, Uri address, Task<MaskEdit> task, CancellationToken cancellationToken)
    {
        public Uri Address => address;

        public Task<MaskEdit> Task => task;

        public string Origin => address.GetLeftPart(UriPartial.Authority);

        public JsonObject About { get; private set; } = [];

        public string Key => (string?)About["key"] ?? "";

        public async Task OpenAsync()
        {
            using HttpResponseMessage answer = await PostAsync("open", []);
            About = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>(cancellationToken))!;
        }

        public Task<HttpResponseMessage> PostAsync(string path, byte[] body)
        {
            HttpRequestMessage request = new(HttpMethod.Post, new Uri(address, path)) { Content = new ByteArrayContent(body) };
            request.Headers.Add("Origin", Origin);
            request.Headers.Add("Inpaint-Key", Key);
            return http.SendAsync(request, cancellationToken);
        }

        public async Task<byte[]> GetAsync(string path)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(address, path));
            request.Headers.Add("Inpaint-Key", Key);
            using HttpResponseMessage answer = await http.SendAsync(request, cancellationToken);
            return await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancellationToken);
        }

        /// <summary>Opens the answer that stays open, and reads its first byte.</summary>
        public async Task<Stream> StayAsync()
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(address, "alive"));
            request.Headers.Add("Inpaint-Key", Key);
            HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            Stream stream = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken);
            await stream.ReadExactlyAsync(new byte[1], cancellationToken);
            return stream;
        }
    }

    private sealed class LoopbackHolder : IDisposable
    {
        private readonly System.Net.Sockets.TcpListener listener = new(IPAddress.Loopback, 0);

        public LoopbackHolder() => listener.Start();

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public void Dispose() => listener.Dispose();
    }
}
