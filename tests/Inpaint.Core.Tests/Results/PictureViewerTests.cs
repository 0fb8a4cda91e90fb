using Inpaint.Emulator;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;
using Inpaint.Imaging.Masks;
using Inpaint.Tests.Imaging.Terminal;
using Xunit;

namespace Inpaint.Tests.Results;

public sealed class PictureViewerTests : SaveTest
{
    private static readonly TerminalCanvas Blocks = new(TerminalProtocol.Blocks, TerminalColors.TrueColor, 80, 24);

    [Fact]
    public async Task A_result_is_shown_beside_its_source()
    {
        InpaintResult result = new() { Images = [Image(source: Picture("dog.png", 20, 10)), Image(index: 1, source: Picture("dog.png", 20, 10)) with { IsFlagged = true }] };

        PictureView[] views = [.. PictureView.Of(result)];
        Assert.Equal(2, views.Length);
        Assert.Equal("before 20x10          after 8x6", CaptionOf(await ShowAsync(views[0])));
        Assert.EndsWith("after 8x6, flagged", await ShowAsync(views[1]), StringComparison.Ordinal);
        Assert.Equal(30, AnsiScreen.Read(DrawingOf(await ShowAsync(views[0])))[0].Length);
    }

    [Theory]
    [InlineData("/nowhere/dog.png", true, "dog.png 8x6")]
    [InlineData("picture", false, "picture 8x6")]
    [InlineData(null, false, "an-empty-bench 8x6")]
    public async Task A_result_whose_source_is_gone_is_shown_alone(string? source, bool isNoted, string caption)
    {
        List<string> notes = [];
        PictureView view = Assert.Single(PictureView.Of(new InpaintResult { Images = [Image(source: source!)] }));
        string text = await Engine.ShowAsync(view, Blocks, notes.Add, Cancellation);

        Assert.Equal(caption, CaptionOf(text));
        Assert.Equal(isNoted ? 1 : 0, notes.Count);
    }

    [Fact]
    public async Task A_picture_before_that_was_asked_for_must_be_there()
    {
        PictureView view = new(PictureSource.FromFile(Picture("dog.png", 8, 6))) { Before = PictureSource.FromFile(Kept.At("none.png")) };

        Assert.Equal(InpaintErrorId.ImageNotFound, (await Assert.ThrowsAsync<InpaintException>(() => ShowAsync(view))).ErrorId);
    }

    [Fact]
    public async Task A_mask_must_have_the_size_of_the_picture_that_it_marks()
    {
        PictureView view = new(PictureSource.FromFile(Picture("after.png", 8, 6)))
        {
            Before = PictureSource.FromFile(Picture("dog.png", 16, 12)),
            Mask = PictureSource.FromBytes(TestPictures.RightHalfMask(16, 12), "mask.png"),
        };
        string marked = await ShowAsync(view);
        Assert.NotEqual(await ShowAsync(view with { Mask = null }), marked);
        Assert.NotEqual(await ShowAsync(view with { MaskMode = MaskMode.Black }), marked);

        InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => ShowAsync(view with { Before = null }));
        Assert.Equal(InpaintErrorId.MaskSizeMismatch, e.ErrorId);
        Assert.Contains("mask.png is 16x12, after.png is 8x6", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_can_be_drawn_a_sentence_says_which_picture_it_is()
    {
        string text = await Engine.ShowAsync(new PictureView(PictureSource.FromFile(Picture("dog.png", 8, 6))), canvas: null, cancellationToken: Cancellation);
        Assert.StartsWith("dog.png, 8x6: not drawn", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', text);

        // Nobody is there; it is not even tried.
        string remote = await Engine.ShowAsync(new PictureView(PictureSource.Parse("https://pictures.invalid/dog.png")), canvas: null, cancellationToken: Cancellation);
        Assert.StartsWith("dog.png: not drawn", remote, StringComparison.Ordinal);

        PictureView broken = new(PictureSource.FromBytes("just words"u8.ToArray()));
        Assert.Equal(InpaintErrorId.ImageUnsupported, (await Assert.ThrowsAsync<InpaintException>(() => Engine.ShowAsync(broken, canvas: null, cancellationToken: Cancellation))).ErrorId);
    }

    [Fact]
    public async Task A_name_cannot_steer_the_terminal()
    {
        string text = await ShowAsync(new PictureView(PictureSource.FromBytes(TestPictures.Png(60, 6), "a\e]0;title\ab\nc.png")));

        Assert.Equal("ab c.png 60x6", CaptionOf(text));
    }

    [Fact]
    public async Task A_picture_at_a_URL_is_fetched_without_a_key()
    {
        await using EmulatorServer server = await EmulatorServer.StartAsync();
        string id = server.State.Files.Add("dog.png", "image/png", TestPictures.Png(8, 6));
        string url = $"{server.CdnUri}/files/{id}/dog.png";

        Assert.Equal("dog.png 8x6", CaptionOf(await ShowAsync(new PictureView(PictureSource.Parse(url)))));
        Assert.Equal(1, server.State.Requests.Count(WireOperation.Download));
        Assert.DoesNotContain("Authorization", server.State.Requests.Of(WireOperation.Download)[0].Headers.Keys);
        Assert.Equal(InpaintErrorId.InsecureTransport, (await Assert.ThrowsAsync<InpaintException>(() => ShowAsync(new PictureView(PictureSource.Parse("http://pictures.example/dog.png"))))).ErrorId);
    }

    private static string CaptionOf(string text) => text[(text.LastIndexOf('\n') + 1)..];

    private static string DrawingOf(string text) => text[..text.LastIndexOf('\n')];

    private Task<string> ShowAsync(PictureView view) => Engine.ShowAsync(view, Blocks, cancellationToken: Cancellation);

    private string Picture(string name, int width, int height) => Kept.Write(name, TestPictures.Png(width, height));
}
