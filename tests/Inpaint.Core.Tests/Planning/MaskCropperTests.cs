using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Imaging.Metadata;
using Inpaint.Planning;
using Xunit;
using Waves = Inpaint.Tests.TestPictures;

namespace Inpaint.Tests.Planning;

public sealed class MaskCropperTests : RequestPlanTest
{
    private static readonly PixelRect Marked = new(700, 300, 100, 80);

    [Fact]
    public async Task Only_the_surroundings_of_the_mask_are_sent_pixel_for_pixel()
    {
        Raster picture = Waves.Waves(1200, 900, 3);
        RequestPlan plan = await CutAsync(Crop(picture));

        PixelRect part = plan.Placement!.Part;
        Assert.Equal((512, 512), (part.Width, part.Height));
        Assert.Equal((512, 512), (plan.ImageHeader!.Width, plan.ImageHeader.Height));
        Assert.Equal((1200, 900), (plan.CroppedFrom!.Width, plan.CroppedFrom.Height));
        Assert.Equal(RasterCrop.Crop(picture, part).Data, Decode(plan.Image!).Data);
        Mask mask = MaskReader.FromRaster(Decode(plan.Mask!), "mask", MaskMode.White);
        Assert.Equal(new PixelRect(Marked.X - part.X, Marked.Y - part.Y, Marked.Width, Marked.Height), mask.BoundingBox);
        Assert.Equal("photo.png", plan.Image!.Name);
        Assert.Empty(plan.Warnings);
    }

    [Fact]
    public async Task A_turned_photograph_is_cut_as_it_is_seen()
    {
        Raster lying = Waves.Waves(900, 1200, 3);
        byte[] exif = [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];
        lying = new Raster(900, 1200, 3, 8, lying.Data) { Metadata = new PictureMetadata { Exif = exif } };
        byte[] jpeg = TestPictures.Encode(lying, PictureFormat.Jpeg);
        RequestPlan plan = await CutAsync(Crop(jpeg, 1200, 900));

        Raster upright = Pictures.Decode(new MemoryStream(jpeg), "photo", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(RasterCrop.Crop(upright, plan.Placement!.Part).Data, Decode(plan.Image!).Data);
    }

    [Fact]
    public void What_it_saves_is_known_before_paying()
    {
        RequestPlan plan = Plan(Crop(Waves.Waves(1200, 900, 1)) with { Count = 2 });

        Assert.Equal(512 * 512 / 1e6, plan.Megapixels);
        Assert.Equal(0.035m * 2 * 512 * 512 / 1_000_000, plan.EstimatedCost!.Amount);
        Assert.Equal(0.035m * 2 * 1200 * 900 / 1_000_000, plan.EstimatedCost.Amount + plan.EstimatedCost.Saved);
        Assert.Null(Plan(Crop(Waves.Waves(1200, 900, 1)) with { Size = ImageSize.Parse("768x768") }).EstimatedCost!.Saved);
        Assert.Null(Plan(Crop(Waves.Waves(1200, 900, 1)) with { Provider = "ModelsLab" }).EstimatedCost);
    }

    [Fact]
    public void A_size_asked_for_is_what_is_sent_and_paid_for()
    {
        RequestPlan plan = Plan(Crop(Waves.Waves(1200, 900, 1)) with { Size = ImageSize.Parse("1024x768"), Padding = 20 });

        Assert.Equal((1024, 768), (plan.ImageHeader!.Width, plan.ImageHeader.Height));
        Assert.Equal((160, 120), (plan.Placement!.Part.Width, plan.Placement.Part.Height));
        Assert.Equal(1024 * 768 / 1e6, plan.Megapixels);
    }

    [Fact]
    public async Task Of_the_metadata_only_what_explains_the_colours_goes_out()
    {
        Raster picture = Waves.Waves(1200, 900, 3);
        byte[] profile = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];
        picture = new Raster(1200, 900, 3, 8, picture.Data)
        {
            Metadata = new PictureMetadata { IccProfile = profile, Exif = [.. "II*\0"u8, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0], Texts = [new PictureText("Author", "me")] },
        };
        PictureMetadata sent = Decode((await CutAsync(Crop(picture))).Image!).Metadata;

        Assert.Equal(profile, sent.IccProfile);
        Assert.Null(sent.Exif);
        Assert.Empty(sent.Texts);
    }

    [Fact]
    public void A_mask_that_covers_nearly_everything_leaves_nothing_to_cut()
    {
        InpaintRequest request = Request(
            PictureSource.FromBytes(TestPictures.Png(640, 600), "photo.png"),
            MaskOf((x, _) => x > 2 ? (byte)255 : (byte)0, 640, 600)) with
        { CropToMask = true };
        RequestPlan plan = Plan(request);

        Assert.Contains(plan.Warnings, w => w.Contains("saves nothing", StringComparison.Ordinal));
        Assert.Equal(request.Image!.GetDigest(), plan.Image!.GetDigest());
        Assert.Null(plan.CroppedFrom);
        Assert.Null(plan.EstimatedCost!.Saved);
        Assert.Equal(new PixelRect(0, 0, 640, 600), plan.Placement!.Part);
    }

    [Fact]
    public async Task The_limits_are_those_of_what_is_sent()
    {
        // Noise, which no codec makes smaller: more than what a gateway takes inside a request.
        Raster noise = new(1700, 1600, 4, 8);
        new Random(5).NextBytes(noise.Data);
        byte[] file = TestPictures.Encode(noise, PictureFormat.Png);
        Assert.True(file.Length > 10_000_000);
        InpaintRequest request = Crop(file, 1700, 1600) with { Provider = "ChainHub" };

        Assert.Equal(PictureFormat.Png, (await CutAsync(request)).ImageHeader!.Format);
        Refuses(InpaintErrorId.ImageTooLarge, request with { CropToMask = false });

        // Of 16 bits: made 8 it is still more than ModelsLab takes as PNG, and goes as JPEG.
        Raster deep = new(1400, 1300, 3, 16);
        new Random(5).NextBytes(deep.Data);
        RequestPlan jpeg = Plan(Crop(TestPictures.Encode(deep, PictureFormat.Png), 1400, 1300) with { Provider = "ModelsLab", CropToMask = false });
        Assert.Equal(PictureFormat.Jpeg, jpeg.ImageHeader!.Format);
        Assert.InRange(jpeg.Image!.GetLength()!.Value, 1, 5_000_000);
    }

    [Fact]
    public void What_shrinks_too_much_and_what_lies_apart_is_said()
    {
        byte[] picture = TestPictures.Encode(new Raster(2400, 2000, 1), PictureFormat.Png);
        InpaintRequest Marking(Func<int, int, bool> mark) => Crop(picture, 2400, 2000) with { Padding = 32, Mask = MaskOf((x, y) => mark(x, y) ? (byte)255 : (byte)0, 2400, 2000) };

        Assert.Contains(Plan(Marking((x, y) => x is > 40 and < 2300 && y is > 40 and < 1900)).Warnings, w => w.Contains("less sharp", StringComparison.Ordinal));
        string advice = Assert.Single(Plan(Marking((x, y) => y < 40 && (x < 40 || x is > 1500 and < 1540))).Warnings);
        Assert.Contains("0.52 megapixels", advice, StringComparison.Ordinal);
        Assert.Empty(Plan(Marking((x, y) => y < 40 && (x < 40 || x is > 300 and < 340))).Warnings);
    }

    [Fact]
    public void Spots_at_the_ends_of_a_photograph_cost_no_more_than_what_the_model_works_in()
    {
        byte[] picture = TestPictures.Encode(new Raster(3000, 2000, 1), PictureFormat.Png);
        RequestPlan At(int x, int y) => Plan(Crop(picture, 3000, 2000) with { Mask = MaskOf((column, row) => (column < 30 && row < 30) || (column >= x && column < x + 30 && row >= y && row < y + 30) ? (byte)255 : (byte)0, 3000, 2000) });

        foreach (RequestPlan plan in new[] { At(2500, 1500), At(2970, 1970) })
        {
            Assert.InRange(plan.Megapixels!.Value, 0.9, 1);
            Assert.True(plan.EstimatedCost!.Saved > 0);
            Assert.Contains(plan.Warnings, w => w.Contains("less sharp", StringComparison.Ordinal));
            Assert.Contains(plan.Warnings, w => w.Contains("instead of", StringComparison.Ordinal));
        }

        // Each spot is shown with what it needs by itself.
        Assert.Equal((512, 512), (At(400, 0).Placement!.Part.Width, At(400, 0).Placement!.Part.Height));
    }

    [Fact]
    public void A_thin_line_survives_the_shrinking()
    {
        InpaintRequest request = Crop(TestPictures.Encode(new Raster(2400, 2000, 1), PictureFormat.Png), 2400, 2000) with
        { Padding = 32, Mask = MaskOf((x, y) => x == y && x < 1900 ? (byte)255 : (byte)0, 2400, 2000) };
        RequestPlan plan = Plan(request);
        Mask mask = MaskReader.FromRaster(Decode(plan.Mask!), "mask", MaskMode.White);

        Assert.True(plan.ImageHeader!.Height < plan.Placement!.Part.Height);
        Assert.Single(MaskRegions.Find(mask));
    }

    [Fact]
    public async Task Local_gets_the_part_as_it_is_and_a_hard_edge()
    {
        RequestPlan plan = await CutAsync(Crop(Waves.Waves(1200, 900, 4, 16)) with { Provider = "Local" });

        Assert.Equal((228, 208), (plan.ImageHeader!.Width, plan.ImageHeader.Height));
        Assert.Equal((4, 16), (Decode(plan.Image!).Channels, Decode(plan.Image!).BitDepth));
        Assert.Equal(0, plan.Placement!.Feather);
        RequestPlan tight = Plan(Crop(Waves.Waves(1200, 900, 1)) with { Provider = "Local", Padding = 0 });
        Assert.Equal(new PixelRect(Marked.X - 1, Marked.Y - 1, 102, 82), tight.Placement!.Part);
        Assert.Equal(tight.Placement.Part, tight.Placement.MaskPart);
    }

    [Fact]
    public void What_makes_no_sense_is_said_or_refused()
    {
        Assert.Contains("CropToMask", Refuses(InpaintErrorId.InvalidParameter, Request() with { Padding = 3 }).Message, StringComparison.Ordinal);
        Refuses(InpaintErrorId.InvalidParameter, Request() with { CropToMask = true, Padding = -1 });
        Refuses(InpaintErrorId.InvalidParameter, Request() with { CropToMask = true, Padding = 10001 });
        Assert.Contains("CropToMask", Refuses(InpaintErrorId.InvalidParameter, Request(PictureSource.Parse("https://pictures.example/dog.png")) with { CropToMask = true }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picture_that_has_changed_since_it_was_looked_at_is_not_sent()
    {
        string path = Files.Write("photo.png", TestPictures.Png(1200, 900));
        InpaintRequest request = Crop(TestPictures.Png(1200, 900), 1200, 900) with { Image = PictureSource.FromFile(path) };
        RequestPlan plan = Plan(request);
        Files.Write("photo.png", TestPictures.Png(1200, 900, salt: 1));
        using PictureCropper cutter = new();

        InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => cutter.CropAsync(plan, TestContext.Current.CancellationToken));
        Assert.Equal(InpaintErrorId.ImageUnsupported, e.ErrorId);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cutter.CropAsync(Plan(request), new CancellationToken(canceled: true)));
    }

    private static InpaintRequest Crop(Raster picture) => Crop(TestPictures.Encode(picture, PictureFormat.Png), picture.Width, picture.Height);

    private static InpaintRequest Crop(byte[] picture, int width, int height) => Request(
        PictureSource.FromBytes(picture, "photo.png"),
        MaskOf((x, y) => Marked.Contains(x, y) ? (byte)255 : (byte)0, width, height)) with
    { CropToMask = true };

    private async Task<RequestPlan> CutAsync(InpaintRequest request)
    {
        using PictureCropper cutter = new();
        return await cutter.CropAsync(Plan(request), TestContext.Current.CancellationToken);
    }

    private static Raster Decode(PictureSource source)
    {
        using Stream stream = source.OpenRead();
        return Pictures.Decode(stream, source.Name);
    }
}
