using System.Text.Json.Nodes;
using Inpaint.Emulator.Pictures;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Pages;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Pages;

public sealed class GalleryWriterTests : IDisposable
{
    private const string Hostile = "</script><script>window.ran=1</script><img src=x onerror=\"window.ran=2\">\u2028'\"&${window.ran=3}";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Links_pictures_by_their_place_beside_the_page()
    {
        string page = Write(embed: false, new GalleryItem { Name = "a", Picture = Picture("out/a #1%.png") });

        Assert.Equal("out/a%20%231%25.png", (string?)ItemsOf(page)[0]!["picture"]);
        Assert.StartsWith("data:image/jpeg;base64,", (string?)ItemsOf(page)[0]!["thumbnail"], StringComparison.Ordinal);
    }

    [Fact]
    public void Embeds_the_pictures_themselves()
    {
        PictureSource picture = Picture("a.png");

        string page = Write(embed: true, new GalleryItem { Name = "a", Picture = picture });

        string expected = Convert.ToBase64String(File.ReadAllBytes(picture.FilePath!));
        Assert.Equal($"data:image/png;base64,{expected}", (string?)ItemsOf(page)[0]!["picture"]);
    }

    [Fact]
    public void Shows_what_cannot_be_read_without_a_picture()
    {
        GalleryWriter gallery = new(new GalleryOptions(folder.At("gallery.html")));

        string? warning = gallery.Add(new GalleryItem { Name = "gone", Picture = PictureSource.FromFile(folder.At("gone.png")) }, TestContext.Current.CancellationToken);

        Assert.Contains("gone.png", warning, StringComparison.Ordinal);
        Assert.Equal(1, gallery.Count);
    }

    [Fact]
    public void Refuses_a_file_that_may_not_be_replaced()
    {
        folder.Write("gallery.html", [1]);

        InpaintException failure = Assert.Throws<InpaintException>(() => new GalleryWriter(new GalleryOptions(folder.At("gallery.html"))));

        Assert.Equal(InpaintErrorId.OutputExists, failure.ErrorId);
    }

    [RequiresFact(Requirement.Browser)]
    public async Task Runs_no_script_of_a_hostile_name_or_prompt()
    {
        string page = Write(
            embed: false,
            new GalleryItem
            {
                Name = Hostile,
                Prompt = Hostile,
                Model = Hostile,
                Line = Hostile,
                Seed = 5,
                Cost = new InpaintCost(0.01m),
                Picture = Picture("a.png"),
                Before = Picture("b.png"),
                Mask = Picture("m.png"),
            },
            new GalleryItem { Name = Hostile, Error = Hostile, ErrorId = Hostile, Advice = Hostile, State = InpaintJobState.Failed });

        JsonObject seen = await RealBrowser.RunAsync("gallery", new Uri(page));

        Assert.Equal(2, (int)seen["cards"]!);
        Assert.Null(seen["ran"]);
        Assert.Empty(seen["dialogs"]!.AsArray());
        Assert.Empty(seen["requests"]!.AsArray());
        Assert.Empty(seen["complaints"]!.AsArray());
        Assert.Contains(Hostile, (string?)seen["facts"], StringComparison.Ordinal);
        Assert.Contains(Hostile, (string?)seen["second"], StringComparison.Ordinal);
        Assert.Equal(Hostile, (string?)seen["name"]);
        Assert.True((bool)seen["loaded"]! && (bool)seen["mask"]!);
        Assert.Equal(1, (int)seen["failed"]!);
        Assert.Equal("1 of 2 pictures · 1 failed", (string?)seen["totals"]);
    }

    private PictureSource Picture(string name)
    {
        using MemoryStream png = new();
        Pictures.Encode(TestPictures.Waves(60, 40, 3), PictureFormat.Png, png);
        return PictureSource.FromFile(folder.Write(name, png.ToArray()));
    }

    private string Write(bool embed, params GalleryItem[] items)
    {
        string path = folder.At("gallery.html");
        GalleryWriter gallery = new(new GalleryOptions(path) { Title = Hostile, Embed = embed });
        foreach (GalleryItem item in items)
        {
            Assert.Null(gallery.Add(item, TestContext.Current.CancellationToken));
        }

        gallery.Save(TestContext.Current.CancellationToken);
        return path;
    }

    private static JsonArray ItemsOf(string page)
    {
        const string Start = "id=\"data\">";
        string html = File.ReadAllText(page);
        int from = html.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        return JsonNode.Parse(html[from..html.IndexOf("</script>", from, StringComparison.Ordinal)])!["items"]!.AsArray();
    }
}
