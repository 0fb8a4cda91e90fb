using System.Net;
using System.Net.Sockets;
using System.Text;
using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;
using Xunit;

namespace Inpaint.Tests.Results;

public sealed class ImageSaverTests : SaveTest
{
    [Fact]
    public async Task A_picture_is_saved_whole_under_a_name_that_tells_its_source_and_kind()
    {
        byte[] png = TestPictures.Png(8, 6);
        SavedImage saved = await SaveAsync(Image(png), To());

        Assert.Equal(Folder.At("dog-inpaint.png"), saved.Path);
        Assert.Equal(PictureFormat.Png, saved.Format);
        Assert.Null(saved.Warning);
        Assert.Equal(png, await File.ReadAllBytesAsync(saved.Path, Cancellation));
        Assert.Equal(["dog-inpaint.png"], Folder.Files());
    }

    [Fact]
    public async Task The_extension_follows_the_content_and_not_the_claim()
    {
        InpaintImage image = Image(TestPictures.Jpeg(8, 6)) with { ContentType = "image/png" };

        Assert.Equal(Folder.At("dog-inpaint.jpg"), (await SaveAsync(image, To())).Path);
    }

    [Theory]
    [InlineData("lion.png", PictureFormat.Png)]
    [InlineData("lion.jpg", PictureFormat.Jpeg)]
    [InlineData("lion.JPEG", PictureFormat.Jpeg)]
    [InlineData("lion.jfif", PictureFormat.Jpeg)]
    [InlineData("lion.webp", PictureFormat.WebP)]
    [InlineData("lion.tif", PictureFormat.Tiff)]
    public async Task A_given_name_says_the_format(string name, PictureFormat expected)
    {
        foreach (byte[] came in new[] { TestPictures.Jpeg(8, 6), TestPictures.Png(8, 6) })
        {
            SavedImage saved = await SaveAsync(Image(came), To("out/" + name));
            Assert.Equal((Folder.At("out", name), expected, null), (saved.Path, saved.Format, saved.Warning));
            using FileStream file = File.OpenRead(saved.Path);
            Assert.Equal((expected, 8, 6), (Pictures.ReadHeader(file, name).Format, Pictures.ReadHeader(Rewound(file), name).Width, Pictures.ReadHeader(Rewound(file), name).Height));
        }

        Assert.Equal([Path.Combine("out", name)], Folder.Files());
    }

    [Fact]
    public async Task What_has_the_format_that_its_name_says_is_left_as_it_came_unless_a_quality_is_asked_for()
    {
        byte[] jpeg = TestPictures.Jpeg(64, 48);
        Assert.Equal(jpeg, await File.ReadAllBytesAsync((await SaveAsync(Image(jpeg), To("lion.jpg"))).Path, Cancellation));
        Assert.NotEqual(jpeg, await File.ReadAllBytesAsync((await SaveAsync(Image(jpeg), To("small.jpg") with { Quality = 20 })).Path, Cancellation));
        Assert.Equal(jpeg, await File.ReadAllBytesAsync((await SaveAsync(Image(jpeg), To("lion.v2"))).Path, Cancellation));
    }

    [Fact]
    public async Task Metadata_and_profile_stay_in_the_other_format_and_lost_transparency_is_told()
    {
        Raster picture = new(8, 6, 4) { Metadata = new PictureMetadata { Exif = [.. "II*\0\b\0\0\0\0\0\0\0\0\0"u8], Texts = [new PictureText("Comment", "by hand")] } };
        using MemoryStream png = new();
        Pictures.Encode(picture, PictureFormat.Png, png, cancellationToken: Cancellation);
        SavedImage saved = await SaveAsync(Image(png.ToArray()), To("lion.jpg") with { Metadata = MetadataMode.Embedded });

        Assert.Contains("Jpeg has no transparency", saved.Warning, StringComparison.Ordinal);
        using FileStream file = File.OpenRead(saved.Path);
        PictureMetadata kept = Pictures.Decode(file, "lion.jpg", cancellationToken: Cancellation).Metadata;
        Assert.NotNull(kept.Exif);
        Assert.Contains(kept.Texts, text => text.Text == "by hand");
        Assert.Contains(kept.Texts, text => text.Text.Contains("an empty bench", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("lion.bmp")]
    [InlineData("lion.heic")]
    [InlineData("lion.gif")]
    public async Task Other_formats_are_refused_with_those_that_are_written(string name)
    {
        InpaintException e = await FailsAsync(InpaintErrorId.InvalidParameter, Image(), To(name));
        Assert.Contains("PNG, JPEG, WebP, AVIF or TIFF", e.Message, StringComparison.Ordinal);
        await FailsAsync(InpaintErrorId.InvalidParameter, Image(), To() with { NameTemplate = name });
        Assert.Empty(Folder.Files());
    }

    [Fact]
    public async Task A_template_may_say_the_format_too()
    {
        Assert.Equal(Folder.At("dog.jpg"), (await SaveAsync(Image(), To() with { NameTemplate = "{Source}.jpg" })).Path);
        Assert.Equal(Folder.At("dog-2.jpg"), (await SaveAsync(Image(), To() with { NameTemplate = "{Source}.jpg" })).Path);
        Assert.Equal(Folder.At("dog-1.JPEG"), (await SaveAsync(Image(index: 1, count: 2), To() with { NameTemplate = "{Source}.JPEG" })).Path);
    }

    [Fact]
    public async Task An_original_is_not_replaced_by_what_was_made_of_it_nor_by_another_unless_forced()
    {
        string original = Folder.Write("photo.png", TestPictures.Png(8, 6, salt: 9));
        string other = Folder.Write("other.png", TestPictures.Png(8, 6, salt: 8));
        byte[] before = await File.ReadAllBytesAsync(original, Cancellation);

        Assert.Contains("the original of this picture", (await FailsAsync(InpaintErrorId.OutputExists, Image(source: original), To("photo.png"))).Message, StringComparison.Ordinal);
        await FailsAsync(InpaintErrorId.OutputExists, Image(source: other), To("photo.png") with { Originals = [original] });
        if (!OperatingSystem.IsWindows())
        {
            string link = Folder.At("link.png");
            File.CreateSymbolicLink(link, original);
            await FailsAsync(InpaintErrorId.OutputExists, Image(source: link), To("photo.png"));
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(original, Cancellation));
        Assert.Equal(original, (await SaveAsync(Image(source: other), To("photo.png"))).Path);
        Assert.Equal(original, (await SaveAsync(Image(source: original), To("photo.png") with { Force = true })).Path);
    }

    private static Stream Rewound(Stream stream)
    {
        stream.Position = 0;
        return stream;
    }

    [Fact]
    public async Task A_name_made_here_never_replaces_a_picture()
    {
        const int count = 60;
        InpaintImage[] images = [.. Enumerable.Range(0, count).Select(n => Image(TestPictures.Png(8, 6, salt: n)))];
        string[] paths = await Task.WhenAll(images.Select(image => Task.Run(async () => (await SaveAsync(image, To())).Path, Cancellation)));

        Assert.Equal(count, paths.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(count, Folder.Files().Select(f => Convert.ToHexString(File.ReadAllBytes(Folder.At(f)))).Distinct(StringComparer.Ordinal).Count());
        Assert.Contains($"dog-inpaint-{count}.png", Folder.Files());
    }

    [Fact]
    public async Task Names_that_differ_only_in_case_cost_no_picture()
    {
        string[] sources = ["dog.png", "Dog.png", "DOG.png", "dOG.PNG"];
        InpaintImage[] images = [.. Enumerable.Range(0, 40).Select(n => Image(TestPictures.Png(8, 6, salt: n), sources[n % sources.Length]))];
        string[] paths = await Task.WhenAll(images.Select(image => Task.Run(async () => (await SaveAsync(image, To() with { Metadata = MetadataMode.Sidecar })).Path, Cancellation)));

        string[] pictures = [.. Folder.Files().Where(f => f.EndsWith(".png", StringComparison.Ordinal))];
        Assert.Equal(images.Length, paths.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(images.Length, pictures.Select(f => Convert.ToHexString(File.ReadAllBytes(Folder.At(f)))).Distinct(StringComparer.Ordinal).Count());
        Assert.All(pictures, picture => Assert.Contains(picture + ".json", Folder.Files()));
    }

    [Fact]
    public async Task Of_many_that_want_one_name_and_no_clobber_exactly_one_gets_it()
    {
        InpaintImage[] images = [.. Enumerable.Range(0, 30).Select(n => Image(TestPictures.Png(8, 6, salt: n)))];
        bool[] saved = await Task.WhenAll(images.Select(image => Task.Run(
            async () =>
            {
                try
                {
                    await SaveAsync(image, To("lion.png") with { NoClobber = true });
                    return true;
                }
                catch (InpaintException e) when (e.ErrorId == InpaintErrorId.OutputExists)
                {
                    return false;
                }
            },
            Cancellation)));

        Assert.Single(saved, won => won);
        Assert.Equal(["lion.png"], Folder.Files());
    }

    [Fact]
    public async Task Several_pictures_of_one_result_share_neither_a_made_nor_a_given_name()
    {
        foreach (InpaintImage image in new[] { Image(index: 0, count: 2), Image(index: 1, count: 2) })
        {
            await SaveAsync(image, To() with { Force = true });
            await SaveAsync(image, To("lion.png"));
        }

        Assert.Equal(["dog-inpaint-0.png", "dog-inpaint-1.png", "lion-0.png", "lion-1.png"], Folder.Files());
    }

    [Fact]
    public async Task Force_replaces_what_is_there()
    {
        Folder.Write("dog-inpaint.png", [1]);
        SavedImage saved = await SaveAsync(Image(), To() with { Force = true });

        Assert.Equal("dog-inpaint.png", Assert.Single(Folder.Files()));
        Assert.True(new FileInfo(saved.Path).Length > 1);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("dog-inpaint.png")]
    public async Task Noclobber_leaves_what_is_there_and_everything_else_as_it_was(string? given)
    {
        Folder.Write("dog-inpaint.png", [1]);
        InpaintException e = await FailsAsync(InpaintErrorId.OutputExists, Image(), To(given) with { NoClobber = true });

        Assert.Contains("dog-inpaint.png", e.Message, StringComparison.Ordinal);
        Assert.Equal([1], await File.ReadAllBytesAsync(Folder.At(Assert.Single(Folder.Files())), Cancellation));
    }

    [Fact]
    public async Task A_read_only_file_is_replaced_only_by_force()
    {
        string path = Folder.Write("lion.png", [1]);
        File.SetAttributes(path, FileAttributes.ReadOnly);
        await FailsAsync(InpaintErrorId.OutputWriteFailed, Image(), To("lion.png"));
        Assert.Equal([1], await File.ReadAllBytesAsync(path, Cancellation));

        await SaveAsync(Image(), To("lion.png") with { Force = true });
        Assert.True(new FileInfo(path).Length > 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_link_in_place_of_the_file_is_replaced_and_not_followed(bool dangling)
    {
        string outside = Kept.At("outside.png");
        if (!dangling)
        {
            await File.WriteAllBytesAsync(outside, [1], Cancellation);
            File.SetAttributes(outside, FileAttributes.ReadOnly);
        }

        File.CreateSymbolicLink(Folder.At("lion.png"), outside);
        await SaveAsync(Image(), To("lion.png") with { Force = true });

        Assert.Null(new FileInfo(Folder.At("lion.png")).LinkTarget);
        Assert.Equal(!dangling, File.Exists(outside));
        if (!dangling)
        {
            Assert.Equal([1], await File.ReadAllBytesAsync(outside, Cancellation));
            Assert.True(new FileInfo(outside).IsReadOnly);
            File.SetAttributes(outside, FileAttributes.Normal);
        }
    }

    [Fact]
    public async Task A_link_in_place_of_the_sidecar_is_replaced_and_not_followed()
    {
        string outside = Kept.Write("outside.json", [1]);
        File.CreateSymbolicLink(Folder.At("lion.png.json"), outside);
        SavedImage saved = await SaveAsync(Image(), To("lion.png") with { Metadata = MetadataMode.Sidecar });

        Assert.Null(new FileInfo(saved.SidecarPath!).LinkTarget);
        Assert.Equal([1], await File.ReadAllBytesAsync(outside, Cancellation));
    }

    [Fact]
    public async Task A_link_that_leads_nowhere_takes_its_name()
    {
        File.CreateSymbolicLink(Folder.At("dog-inpaint.png"), Kept.At("nowhere.png"));

        Assert.Equal(Folder.At("dog-inpaint-2.png"), (await SaveAsync(Image(), To())).Path);
        await FailsAsync(InpaintErrorId.OutputExists, Image(), To() with { NoClobber = true });
        await FailsAsync(InpaintErrorId.OutputExists, Image(), To("dog-inpaint.png") with { NoClobber = true });
        Assert.False(File.Exists(Kept.At("nowhere.png")));
    }

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
    public async Task A_picture_without_an_address_cannot_be_saved(string url) => await FailsAsync(InpaintErrorId.ResponseInvalid, Image() with { Url = url }, To());

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
    public async Task A_folder_of_the_files_name_is_not_replaced()
    {
        Directory.CreateDirectory(Folder.At("lion.png"));
        await FailsAsync(InpaintErrorId.OutputWriteFailed, Image(), To("lion.png") with { Force = true });

        Assert.Empty(Folder.Files());
        Assert.True(Directory.Exists(Folder.At("lion.png")));
    }

    [Fact]
    public async Task A_bad_template_is_refused_before_anything_is_fetched()
    {
        InpaintImage unreachable = Image() with { Url = "https://cdn.invalid/0.png" };

        await FailsAsync(InpaintErrorId.InvalidParameter, unreachable, To() with { NameTemplate = "{Nonsense}" });
    }

    [Fact]
    public async Task Whatever_a_source_is_called_its_picture_stays_in_the_folder()
    {
        string[] sources = ["../../evil.png", "/etc/passwd", "..", "C:\\Windows\\evil", "a/../../b", new string('狮', 400) + ".png", "nul", "a\nb", "\uD83D", "~/.bashrc", "-rf"];
        foreach (string source in sources)
        {
            SavedImage saved = await SaveAsync(Image(source: source), To() with { NameTemplate = "{Source}" });
            Assert.Equal(Folder.Path, Path.GetDirectoryName(saved.Path));
            FileNameTemplateTests.AssertLegal(Path.GetFileNameWithoutExtension(saved.Path));
        }

        Assert.Equal(sources.Length, Folder.Files().Count);
    }

    private static async Task ServeAsync(TcpListener server, string answer)
    {
        using TcpClient connection = await server.AcceptTcpClientAsync(Cancellation);
        NetworkStream stream = connection.GetStream();
        Assert.NotEqual(0, await stream.ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false, Cancellation));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), Cancellation);
    }
}
