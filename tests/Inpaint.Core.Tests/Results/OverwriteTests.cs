using Xunit;

namespace Inpaint.Tests.Results;

public sealed class OverwriteTests : SaveTest
{
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

    [Fact]
    public async Task A_folder_of_the_files_name_is_not_replaced()
    {
        Directory.CreateDirectory(Folder.At("lion.png"));
        await FailsAsync(InpaintErrorId.OutputWriteFailed, Image(), To("lion.png") with { Force = true });

        Assert.Empty(Folder.Files());
        Assert.True(Directory.Exists(Folder.At("lion.png")));
    }
}
