using Inpaint.Imaging;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Imaging;

public sealed class PictureComparerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Figures_are_of_the_kept_pixels_only()
    {
        PictureSource before = Write("before.png", 10, 20, 30, 40);
        PictureSource after = Write("after.png", 10, 26, 33, 240);

        PictureComparison all = Compare(before, after);
        Assert.Equal((4, 3, 200, 8), (all.KeptPixels, all.ChangedPixels, all.MaxDifference, all.BitDepth));
        Assert.Equal((0.75, 209 / 4.0), (all.ChangedShare, all.MeanDifference));
        Assert.Equal((4, 1, before.FilePath, after.FilePath), (all.Width, all.Height, all.Reference, all.Difference));

        PictureComparison outside = Compare(before, after, Write("mask.png", 0, 0, 0, 255));
        Assert.Equal((3, 2, 6), (outside.KeptPixels, outside.ChangedPixels, outside.MaxDifference));
        Assert.Equal((2 / 3.0, 3.0), (outside.ChangedShare, outside.MeanDifference));
        Assert.False(outside.IsUnchanged);

        Assert.True(Compare(before, after, Write("mask.png", 0, 255, 255, 255)).IsUnchanged);
        Assert.True(Compare(before, before).IsUnchanged);
        PictureComparison inside = PictureComparer.Compare(before, after, Write("mask.png", 0, 255, 255, 255), MaskMode.Black, cancellationToken: Cancellation);
        Assert.Equal((3, 3), (inside.KeptPixels, inside.ChangedPixels));
    }

    [Fact]
    public void A_mask_that_keeps_nothing_finds_nothing_changed()
    {
        PictureComparison none = Compare(Write("a.png", 1, 2), Write("b.png", 3, 4), Write("mask.png", 255, 255));

        Assert.Equal((0, 0, 0.0, 0.0), (none.KeptPixels, none.MaxDifference, none.ChangedShare, none.MeanDifference));
    }

    [Fact]
    public void The_differences_are_drawn_as_bright_as_asked()
    {
        string path = folder.At("new", "seen.png");
        DifferencePicture picture = new(path, Gain: 10);

        PictureComparison found = PictureComparer.Compare(Write("a.png", 5, 5, 5), Write("b.png", 5, 9, 95), mask: null, MaskMode.White, picture, Cancellation);

        Assert.Equal(path, found.DifferencePath);
        using FileStream file = File.OpenRead(path);
        Assert.Equal([0, 40, 255], Pictures.Decode(file, path, cancellationToken: Cancellation).Data);
        Assert.Equal(InpaintErrorId.OutputExists, Failure(() => PictureComparer.Compare(Write("a.png", 5), Write("b.png", 5), picture: picture)));
    }

    [Fact]
    public void What_cannot_be_compared_is_said()
    {
        PictureSource two = Write("two.png", 1, 2);
        PictureSource three = Write("three.png", 1, 2, 3);
        PictureSource other = Write("other.png", 1, 2);
        Assert.Equal(InpaintErrorId.InvalidParameter, Failure(() => Compare(two, three)));
        Assert.Equal(InpaintErrorId.MaskSizeMismatch, Failure(() => Compare(two, two, three)));
        Assert.Equal(InpaintErrorId.ImageNotFound, Failure(() => Compare(two, PictureSource.FromFile(folder.At("none.png")))));
        Assert.Equal(InpaintErrorId.ImageUnsupported, Failure(() => Compare(two, PictureSource.Parse("https://example.com/a.png"))));
        foreach (PictureSource input in new[] { two, three, other })
        {
            DifferencePicture over = new(input.FilePath!, Overwrite: true, Force: true);
            Assert.Equal(InpaintErrorId.InvalidParameter, Failure(() => PictureComparer.Compare(two, other, three, picture: over)));
        }
    }

    private static PictureComparison Compare(PictureSource before, PictureSource after, PictureSource? mask = null) =>
        PictureComparer.Compare(before, after, mask, cancellationToken: Cancellation);

    private static InpaintErrorId Failure(Action action) => Assert.Throws<InpaintException>(action).ErrorId;

    private PictureSource Write(string name, params byte[] row)
    {
        using MemoryStream file = new();
        Pictures.Encode(new Raster(row.Length, 1, 1, 8, row), PictureFormat.Png, file, cancellationToken: Cancellation);
        return PictureSource.FromFile(folder.Write(name, file.ToArray()));
    }
}
