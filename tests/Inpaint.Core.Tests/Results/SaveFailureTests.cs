using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Inpaint.Tests.Results;

public sealed class SaveFailureTests : SaveTest
{
    [Theory]
    [InlineData("<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "HTML")]
    [InlineData("", "is empty")]
    [InlineData("{\"detail\":\"gone\"}", "JSON")]
    public async Task What_is_no_picture_never_becomes_one(string content, string said)
    {
        InpaintException e = await FailsAsync(InpaintErrorId.ResponseInvalid, Image(Encoding.UTF8.GetBytes(content)), To());

        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.Empty(Folder.Files());
    }

    [Theory]
    [InlineData(PictureFormat.Png)]
    [InlineData(PictureFormat.Jpeg)]
    public async Task Half_a_picture_never_becomes_one(PictureFormat format)
    {
        byte[] whole = format == PictureFormat.Png ? TestPictures.Png(300, 300) : TestPictures.Jpeg(300, 300);
        foreach (int length in new[] { whole.Length / 2, whole.Length - 3 })
        {
            Assert.Contains("truncated", (await FailsAsync(InpaintErrorId.ResponseInvalid, Image(whole[..length]), To())).Message, StringComparison.Ordinal);
        }

        Assert.Empty(Folder.Files());
        Assert.NotNull(await SaveAsync(Image([.. whole, .. "a note that a program appended"u8]), To()));
    }

    [Fact]
    public async Task A_page_in_place_of_a_download_never_becomes_a_picture()
    {
        using TcpListener server = new(IPAddress.Loopback, 0);
        server.Start();
        Task serving = ServeAsync(server, "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>");
        InpaintImage image = Image() with { Url = $"http://127.0.0.1:{((IPEndPoint)server.LocalEndpoint).Port}/0.png" };
        await FailsAsync(InpaintErrorId.ResponseInvalid, image, To());
        await serving;

        Assert.Empty(Folder.Files());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stop_leaves_nothing_in_the_folder(bool metadata)
    {
        using TcpListener server = new(IPAddress.Loopback, 0);
        server.Start();
        using CancellationTokenSource stop = new();
        InpaintImage image = Image() with { Url = $"http://127.0.0.1:{((IPEndPoint)server.LocalEndpoint).Port}/0.png" };
        Task<SavedImage> save = Engine.SaveAsync(image, To() with { Metadata = metadata ? MetadataMode.Embedded : MetadataMode.None }, stop.Token);
        using TcpClient connection = await server.AcceptTcpClientAsync(Cancellation);
        await connection.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf"u8.ToArray(), Cancellation);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => save);
        Assert.Empty(Folder.Files());
    }

    [Fact]
    public async Task A_picture_beyond_the_limit_is_not_taken()
    {
        await FailsAsync(InpaintErrorId.ResponseInvalid, Image(), To() with { MaximumBytes = 20 });

        Assert.Empty(Folder.Files());
    }

    [Fact]
    public async Task A_kept_picture_that_is_gone_is_expired()
    {
        InpaintImage image = Image();
        File.Delete(new Uri(image.Url).LocalPath);

        await FailsAsync(InpaintErrorId.ResultExpired, image, To());
    }

    [Theory]
    [InlineData("")]
    [InlineData("not an address")]
    [InlineData("ftp://cdn.example/0.png")]
    public async Task A_picture_without_a_URL_cannot_be_saved(string url) => await FailsAsync(InpaintErrorId.ResponseInvalid, Image() with { Url = url }, To());

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        Folder.Write("in-the-way", [1]);
        InpaintException e = await FailsAsync(InpaintErrorId.OutputWriteFailed, Image(), new SaveOptions { Folder = Folder.At("in-the-way", "out") });

        Assert.Contains("in-the-way", e.Message, StringComparison.Ordinal);
        await FailsAsync(InpaintErrorId.OutputWriteFailed, Image(), new SaveOptions { Folder = "a\0b" });
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_to_is_named_and_left_as_it_was()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Where nobody may write, the administrator included, is known of Linux only.");
            return;
        }

        string readOnly = Folder.At("read-only");
        Directory.CreateDirectory(readOnly);
        File.SetUnixFileMode(readOnly, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        // Rights do not bind an administrator; what the system itself shows of a process takes no file of anybody's.
        string target = Environment.IsPrivilegedProcess ? "/proc/self" : readOnly;
        foreach (MetadataMode metadata in Enum.GetValues<MetadataMode>())
        {
            InpaintException e = await FailsAsync(InpaintErrorId.OutputWriteFailed, Image(), new SaveOptions { Folder = target, Metadata = metadata });
            Assert.Contains(target, e.Message, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.EnumerateFiles(target, ".inpaint*"));
    }

    [Fact]
    public async Task A_bad_template_is_refused_before_anything_is_fetched()
    {
        InpaintImage unreachable = Image() with { Url = "https://cdn.invalid/0.png" };

        await FailsAsync(InpaintErrorId.InvalidParameter, unreachable, To() with { NameTemplate = "{Nonsense}" });
    }

    private static async Task ServeAsync(TcpListener server, string answer)
    {
        using TcpClient connection = await server.AcceptTcpClientAsync(Cancellation);
        NetworkStream stream = connection.GetStream();
        Assert.NotEqual(0, await stream.ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false, Cancellation));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), Cancellation);
    }
}
