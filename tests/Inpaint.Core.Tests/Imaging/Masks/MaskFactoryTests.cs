using Inpaint.Emulator.Pictures;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Imaging.Masks;

public sealed class MaskFactoryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Shapes_are_drawn_in_the_size_of_the_picture()
    {
        MaskRecipe recipe = new() { Image = Picture(8, 3, 3), Shapes = [.. MaskShape.ParseRectangles(["1,0,2,2", "6,2,9,9"])] };

        Assert.Equal("_##______##___________##", Show(recipe with { Size = null }));
    }

    [Theory]
    [InlineData("1,2,3,4")]
    [InlineData(" 1, 2, 3, 4 ")]
    [InlineData("1", "2", "3", "4")]
    public void A_rectangle_is_one_text_or_four_numbers(params string[] texts)
    {
        MaskShape shape = Assert.Single(MaskShape.ParseRectangles(texts));

        Assert.Equal(new PixelRect(1, 2, 3, 4), MaskOf(9, 9, shape).BoundingBox);
    }

    [Theory]
    [InlineData("1,2,3")]
    [InlineData("1,2,3,4,5")]
    [InlineData("1,2,0,4")]
    [InlineData("1,2,3,-4")]
    [InlineData("1,2,3,x")]
    [InlineData("1.5,2,3,4")]
    [InlineData("2000000,2,3,4")]
    [InlineData("1,2,3,2147483647")]
    [InlineData("1", "2", "3")]
    public void What_is_no_rectangle_is_said(params string[] texts)
    {
        Assert.Equal(InpaintErrorId.InvalidParameter, Assert.Throws<InpaintException>(() => MaskShape.ParseRectangles(texts)).ErrorId);
        Assert.Equal(InpaintErrorId.InvalidParameter, Assert.Throws<InpaintException>(() => MaskShape.ParseEllipses(texts)).ErrorId);
    }

    [Theory]
    [InlineData("1,1 2,2")]
    [InlineData("1,1 2,2 3")]
    [InlineData("1,1 2,2 NaN,3")]
    [InlineData("1,1 2,2 3,1e300")]
    [InlineData("1")]
    [InlineData("1", "1", "2", "2")]
    [InlineData("1", "1", "2", "2", "3")]
    [InlineData("1,1 2,2 3,3", "4")]
    public void What_is_no_polygon_is_said(params string[] texts)
    {
        Assert.Equal(InpaintErrorId.InvalidParameter, Assert.Throws<InpaintException>(() => MaskShape.ParsePolygons(texts)).ErrorId);
    }

    [Fact]
    public void An_empty_text_is_a_cell_that_was_left_empty()
    {
        Assert.Empty(MaskShape.ParseRectangles(["", " "]));
        Assert.Empty(MaskShape.ParsePolygons([""]));
        Assert.Equal(2, MaskShape.ParseEllipses(["1", "2", "3", "4", "", "5", "6", "7", "8"]).Count);
    }

    [Fact]
    public void Blanks_beside_commas_separate_no_corners() =>
        Assert.Equal(
            MaskOf(60, 60, Assert.Single(MaskShape.ParsePolygons(["10,10 50,10 30,40"]))).Coverage,
            MaskOf(60, 60, Assert.Single(MaskShape.ParsePolygons(["10, 10 50 ,10  30 , 40"]))).Coverage);

    [Fact]
    public void Numbers_that_do_not_come_out_even_are_named()
    {
        Assert.StartsWith("'1,2,3' is not a valid rectangle", Assert.Throws<InpaintException>(() => MaskShape.ParseRectangles(["1", "2", "3"])).Message, StringComparison.Ordinal);
        Assert.StartsWith("'1,1 2,2 3' is not a polygon: '3' is not a corner", Assert.Throws<InpaintException>(() => MaskShape.ParsePolygons(["1", "1", "2", "2", "3"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_shape_draws_itself()
    {
        Assert.Equal(new PixelRect(2, 1, 4, 4), MaskOf(9, 9, MaskShape.ParseEllipses(["2,1,4,4"])[0]).BoundingBox);
        Assert.Equal(0, MaskOf(9, 9, MaskShape.ParseEllipses(["2,1,4,4"])[0]).Row(1)[2]);
        Assert.Equal(new PixelRect(0, 0, 4, 4), MaskOf(9, 9, MaskShape.ParsePolygons(["0,0 4,0 4,4 0,4"])[0]).BoundingBox);
        Assert.Equal(new PixelRect(0, 0, 4, 4), MaskOf(9, 9, Assert.Single(MaskShape.ParsePolygons(["0", "0", "4", "0", "4.0", "4", "0", "4"]))).BoundingBox);
        Assert.Equal(2, MaskShape.ParsePolygons(["0,0 4,0 4,4", "5,5 9,5 9,9"]).Count);
    }

    [Fact]
    public void A_colour_and_transparency_are_looked_up_in_the_picture()
    {
        byte[] rgba = [10, 20, 30, 255, 14, 20, 30, 255, 0, 0, 0, 0, 255, 255, 255, 255];
        PictureSource image = Write("a.png", new Raster(4, 1, 4, 8, rgba));

        Assert.Equal("#___", Show(new MaskRecipe { Image = image, Color = PixelColor.Parse("#0a141e") }));
        Assert.Equal("##__", Show(new MaskRecipe { Image = image, Color = PixelColor.Parse("0A141E"), Tolerance = 4 }));
        Assert.Equal("__#_", Show(new MaskRecipe { Image = image, FromAlpha = true }));
        Assert.Equal("#_##", Show(new MaskRecipe { Image = image, FromAlpha = true, Color = new PixelColor(10, 20, 30), Shapes = MaskShape.ParseRectangles(["3,0,1,1"]) }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("#12345")]
    [InlineData("#1234567")]
    [InlineData("#12345g")]
    [InlineData("reddish")]
    [InlineData("# 1234 ")]
    public void What_is_no_colour_is_said(string text) =>
        Assert.Equal(InpaintErrorId.InvalidParameter, Assert.Throws<InpaintException>(() => PixelColor.Parse(text)).ErrorId);

    [Fact]
    public void Steps_come_in_their_order()
    {
        MaskRecipe recipe = new() { Size = ImageSize.Parse("9x1"), Shapes = MaskShape.ParseRectangles(["4,0,1,1"]) };

        Assert.Equal("__#####__", Show(recipe with { Grow = 2 }));
        Assert.Equal("___###___", Show(recipe with { Grow = 2, Shrink = 1 }));
        Assert.Equal("####_####", Show(recipe with { Invert = true }));
        Assert.Equal("#########", Show(recipe with { Invert = true, Grow = 1 }));
        Assert.Equal("###___###", Show(recipe with { Invert = true, Shrink = 1 }));
        Assert.Contains(MaskFactory.Make(recipe with { Grow = 2, Feather = 3 }, Cancellation).Coverage, c => c is > 0 and < 255);
    }

    [Fact]
    public void A_mask_is_added_to_and_its_polarity_understood()
    {
        PictureSource start = Write("m.png", new Raster(4, 1, 1, 8, [255, 0, 0, 0]));
        MaskRecipe recipe = new() { Mask = start, Shapes = MaskShape.ParseRectangles(["3,0,1,1"]) };

        Assert.Equal("#__#", Show(recipe));
        Assert.Equal("_###", Show(recipe with { MaskMode = MaskMode.Black }));
    }

    [Fact]
    public void What_cannot_be_made_is_said()
    {
        PictureSource image = Picture(8, 3, 3);
        IReadOnlyList<MaskShape> shapes = MaskShape.ParseRectangles(["0,0,1,1"]);
        Assert.Equal(InpaintErrorId.InvalidParameter, Failure(new MaskRecipe { Shapes = shapes }));
        Assert.Equal(InpaintErrorId.InvalidParameter, Failure(new MaskRecipe { Image = image }));
        Assert.Equal(InpaintErrorId.InvalidParameter, Failure(new MaskRecipe { Image = image, Invert = true }));
        Assert.Equal(InpaintErrorId.InvalidParameter, Failure(new MaskRecipe { Image = image, Size = ImageSize.Parse("8x3"), Shapes = shapes }));
        Assert.Equal(InpaintErrorId.InvalidParameter, Failure(new MaskRecipe { Mask = image, FromAlpha = true }));
        Assert.Equal(InpaintErrorId.InvalidParameter, Failure(new MaskRecipe { Image = image, FromAlpha = true }));
        Assert.Equal(InpaintErrorId.InvalidParameter, Failure(new MaskRecipe { Image = image, Shapes = shapes, Tolerance = 3 }));
        Assert.Equal(InpaintErrorId.InvalidParameter, Failure(new MaskRecipe { Image = image, Shapes = shapes, Grow = 10001 }));
        Assert.Equal(InpaintErrorId.MaskSizeMismatch, Failure(new MaskRecipe { Image = image, Mask = Picture(7, 3, 1) }));
        Assert.Equal(InpaintErrorId.ImageNotFound, Failure(new MaskRecipe { Image = PictureSource.FromFile(folder.At("none.png")), Shapes = shapes }));
        Assert.Equal(InpaintErrorId.ImageUnsupported, Failure(new MaskRecipe { Image = PictureSource.Parse("https://example.com/a.png"), Shapes = shapes }));
    }

    [Fact]
    public void A_mask_lies_beside_its_picture_and_a_changed_one_where_it_was()
    {
        PictureSource dog = PictureSource.FromFile(folder.At("dog.photo.jpg"));
        PictureSource mask = PictureSource.FromFile(folder.At("dog_mask.png"));

        Assert.Equal(folder.At("dog.photo_mask.png"), MaskFactory.PathFor(new MaskRecipe { Image = dog }, folder: null, "/elsewhere"));
        Assert.Equal(folder.At("sub", "dog.photo_mask.png"), MaskFactory.PathFor(new MaskRecipe { Image = dog, Mask = mask }, folder.At("sub"), "/elsewhere"));
        Assert.Equal(folder.At("dog_mask.png"), MaskFactory.PathFor(new MaskRecipe { Mask = mask }, folder: null, "/elsewhere"));
        Assert.Equal(folder.At("dog.photo_mask.png"), MaskFactory.PathFor(new MaskRecipe { Image = dog, Mask = dog, MaskMode = MaskMode.Alpha }, folder: null, "/elsewhere"));
        Assert.Equal(folder.At("dog.photo_mask.png"), MaskFactory.PathFor(new MaskRecipe { Mask = dog, MaskMode = MaskMode.Alpha }, folder: null, "/elsewhere"));
        Assert.Equal(folder.At("mask.png"), MaskFactory.PathFor(new MaskRecipe { Size = ImageSize.Parse("8x8") }, folder: null, folder.Path));
    }

    [Fact]
    public void A_file_is_whole_or_not_there_and_replaced_only_when_allowed()
    {
        MaskRecipe recipe = new() { Size = ImageSize.Parse("9x9"), Shapes = MaskShape.ParseRectangles(["4,0,1,1"]) };
        string path = folder.At("new", "m.png");

        Assert.Equal(new MaskFile(path, Warning: null), MaskFactory.Save(recipe, path, cancellationToken: Cancellation));
        byte[] first = File.ReadAllBytes(path);
        Assert.Equal(InpaintErrorId.OutputExists, Assert.Throws<InpaintException>(() => MaskFactory.Save(recipe with { Grow = 1 }, path)).ErrorId);
        Assert.Equal(first, File.ReadAllBytes(path));
        Assert.Throws<OperationCanceledException>(() => MaskFactory.Save(recipe with { Grow = 1 }, path, overwrite: true, cancellationToken: new CancellationToken(canceled: true)));
        Assert.Equal(first, File.ReadAllBytes(path));
        MaskFactory.Save(recipe with { Grow = 1 }, path, overwrite: true, cancellationToken: Cancellation);
        Assert.NotEqual(first, File.ReadAllBytes(path));
        File.SetAttributes(path, FileAttributes.ReadOnly);
        Assert.Equal(InpaintErrorId.OutputWriteFailed, Assert.Throws<InpaintException>(() => MaskFactory.Save(recipe, path, overwrite: true)).ErrorId);
        MaskFactory.Save(recipe, path, force: true, cancellationToken: Cancellation);
        Assert.Equal(first, File.ReadAllBytes(path));
        Assert.Equal(InpaintErrorId.OutputWriteFailed, Assert.Throws<InpaintException>(() => MaskFactory.Save(recipe, folder.At("new"), force: true)).ErrorId);
        Assert.Equal(["new/m.png"], folder.Files().Select(f => f.Replace('\\', '/')));
    }

    [Fact]
    public void A_mask_never_replaces_its_picture()
    {
        PictureSource image = Picture(8, 3, 3);
        byte[] before = File.ReadAllBytes(image.FilePath!);
        MaskRecipe recipe = new() { Image = image, Shapes = MaskShape.ParseRectangles(["0,0,1,1"]) };

        Assert.Equal(InpaintErrorId.InvalidParameter, Assert.Throws<InpaintException>(() => MaskFactory.Save(recipe, image.FilePath!, force: true)).ErrorId);
        Assert.Equal(InpaintErrorId.InvalidParameter, Assert.Throws<InpaintException>(() => MaskFactory.Save(recipe, folder.At("P8x3x3.PNG"), force: true)).ErrorId);
        Assert.Equal(before, File.ReadAllBytes(image.FilePath!));
        Assert.Equal(InpaintErrorId.InvalidParameter, Assert.Throws<InpaintException>(() => MaskFactory.Save(recipe with { Mask = image }, image.FilePath!, force: true)).ErrorId);

        // Nor another picture in colour, unless that is meant.
        MaskRecipe other = new() { Size = ImageSize.Parse("9x9"), Shapes = recipe.Shapes };
        Assert.Equal(InpaintErrorId.OutputExists, Assert.Throws<InpaintException>(() => MaskFactory.Save(other, image.FilePath!, overwrite: true)).ErrorId);
        Assert.Equal(before, File.ReadAllBytes(image.FilePath!));
        MaskFactory.Save(other, image.FilePath!, force: true, cancellationToken: Cancellation);
        Assert.NotEqual(before, File.ReadAllBytes(image.FilePath!));
        MaskFactory.Save(other with { Invert = true }, image.FilePath!, overwrite: true, cancellationToken: Cancellation);
    }

    [RequiresFact(Requirement.Unix)]
    public void Nor_by_way_of_a_linked_folder()
    {
        PictureSource image = Picture(8, 3, 3);
        string link = folder.At("link");
        Directory.CreateSymbolicLink(link, folder.Path);
        MaskRecipe recipe = new() { Image = image, Shapes = MaskShape.ParseRectangles(["0,0,1,1"]) };

        Assert.Equal(InpaintErrorId.InvalidParameter, Assert.Throws<InpaintException>(() => MaskFactory.Save(recipe, Path.Combine(link, image.Name), force: true)).ErrorId);
    }

    [Fact]
    public void What_would_fail_is_found_before_it_is_made()
    {
        MaskRecipe recipe = new() { Size = ImageSize.Parse("9x9"), Shapes = MaskShape.ParseRectangles(["4,0,1,1"]) };
        string taken = folder.Write("taken.png", [1]);
        InpaintErrorId Found(MaskRecipe asked, string path) => Assert.Throws<InpaintException>(() => MaskFactory.Check(asked, path)).ErrorId;

        MaskFactory.Check(recipe, folder.At("free.png"));
        Assert.Equal(InpaintErrorId.OutputExists, Found(recipe, taken));
        Assert.Equal(InpaintErrorId.InvalidParameter, Found(recipe with { Shapes = [] }, folder.At("free.png")));
        Assert.Equal(InpaintErrorId.InvalidParameter, Found(recipe with { MaskMode = MaskMode.Black }, folder.At("free.png")));
        Assert.Equal(InpaintErrorId.InvalidParameter, Found(recipe, folder.At("free.bmp")));
        Assert.Equal(InpaintErrorId.ImageNotFound, Found(recipe with { Size = null, Image = PictureSource.FromFile(folder.At("none.png")) }, folder.At("free.png")));
        Assert.Equal(["taken.png"], folder.Files());
    }

    [Fact]
    public void The_mask_of_what_a_job_has_made_is_not_put_among_the_jobs()
    {
        InpaintImage made = new() { Url = new Uri(folder.At("state", "0.png")).AbsoluteUri, Origin = new ImageOrigin { Source = folder.At("photos", "dog.jpg") } };

        Assert.Equal(folder.At("here", "dog_mask.png"), MaskFactory.PathFor(new MaskRecipe { Image = PictureSource.FromImage(made) }, folder: null, folder.At("here")));
    }

    [Fact]
    public void A_mask_that_is_feathered_away_is_warned_of()
    {
        MaskRecipe recipe = new() { Size = ImageSize.Parse("99x99"), Shapes = MaskShape.ParseRectangles(["40,40,2,2"]), Feather = 20 };

        Assert.Contains("nothing", MaskFactory.Save(recipe, folder.At("a.png"), cancellationToken: Cancellation).Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_of_nothing_and_one_of_everything_are_warned_of()
    {
        MaskRecipe recipe = new() { Size = ImageSize.Parse("9x9"), Shapes = MaskShape.ParseRectangles(["20,0,1,1"]) };

        Assert.Contains("nothing", MaskFactory.Save(recipe, folder.At("a.png"), cancellationToken: Cancellation).Warning, StringComparison.Ordinal);
        Assert.Contains("whole", MaskFactory.Save(recipe with { Invert = true }, folder.At("b.png"), cancellationToken: Cancellation).Warning, StringComparison.Ordinal);
    }

    private static Mask MaskOf(int width, int height, MaskShape shape) =>
        MaskFactory.Make(new MaskRecipe { Size = ImageSize.FromPixels(width, height), Shapes = [shape] }, Cancellation);

    private static string Show(MaskRecipe recipe) => MaskReaderTests.Show(MaskFactory.Make(recipe, Cancellation));

    private static InpaintErrorId Failure(MaskRecipe recipe) => Assert.Throws<InpaintException>(() => MaskFactory.Make(recipe, Cancellation)).ErrorId;

    private PictureSource Picture(int width, int height, int channels) => Write($"p{width}x{height}x{channels}.png", TestPictures.Waves(width, height, channels));

    private PictureSource Write(string name, Raster raster)
    {
        using MemoryStream file = new();
        Pictures.Encode(raster, PictureFormat.Png, file, cancellationToken: Cancellation);
        return PictureSource.FromFile(folder.Write(name, file.ToArray()));
    }
}
