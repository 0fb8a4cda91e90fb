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

    private static Stream Rewound(Stream stream)
    {
        stream.Position = 0;
        return stream;
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
}
