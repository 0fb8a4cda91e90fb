using System.Diagnostics;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Imaging.Metadata;
using Inpaint.Imaging.Vips;
using Inpaint.Planning;
using Inpaint.Tests.Imaging;
using Inpaint.Tests.Imaging.Masks;
using Inpaint.Tests.Imaging.Metadata;
using Xunit;

namespace Inpaint.Tests.Planning;

public sealed class PicturePreflightTests : RequestPlanTest
{
    private static readonly Func<int, int, byte> LeftQuarter = (x, _) => x < 8 ? (byte)255 : (byte)0;

    [Fact]
    public void A_picture_is_not_its_own_mask_by_whatever_name_but_where_it_is_transparent()
    {
        string photo = Files.Write("photo.png", TestPictures.Png(32, 24));
        string copy = Files.Write("copy.png", TestPictures.Png(32, 24));
        foreach ((PictureSource image, PictureSource mask) in new[]
        {
            (PictureSource.FromFile(photo), PictureSource.FromFile(photo)),
            (PictureSource.FromFile(photo), PictureSource.FromFile(copy)),
            (PictureSource.FromBytes(TestPictures.Png(32, 24)), PictureSource.FromFile(photo)),
            (PictureSource.Parse("https://pictures.example/a.png"), PictureSource.Parse("https://pictures.example/a.png")),
        })
        {
            InpaintException e = Refuses(InpaintErrorId.InvalidParameter, Request(image, mask));
            Assert.Contains("Nothing was sent", e.Message, StringComparison.Ordinal);
            Assert.Equal("Mask", e.Parameter);
        }

        PictureSource hole = PictureSource.FromBytes(WithHole());
        Assert.NotNull(Plan(Request(hole, hole) with { MaskMode = MaskMode.Alpha }).Mask);
        Refuses(InpaintErrorId.InvalidParameter, Request(hole, hole) with { MaskMode = MaskMode.Black });
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        string path = Files.At("nowhere", "dog.png");

        Assert.Contains(path, Refuses(InpaintErrorId.ImageNotFound, Request(PictureSource.FromFile(path))).Message, StringComparison.Ordinal);
        Assert.Contains(path, Refuses(InpaintErrorId.ImageNotFound, Request(mask: PictureSource.FromFile(path))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_not_a_picture() =>
        Assert.Equal(Path.GetFullPath(Files.Path), Refuses(InpaintErrorId.ImageNotFound, Request(PictureSource.FromFile(Files.Path))).Subject);

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("<!DOCTYPE html><html>", "HTML")]
    [InlineData("just words", "text")]
    [InlineData("{\"detail\":1}", "JSON")]
    [InlineData("%PDF-1.7", "PDF")]
    public void What_is_no_picture_is_said_to_be_what_it_is(string content, string said)
    {
        string path = Files.Write("dog.png", System.Text.Encoding.UTF8.GetBytes(content));

        Assert.Contains(said, Refuses(InpaintErrorId.ImageUnsupported, Request(PictureSource.FromFile(path))).Message, StringComparison.Ordinal);
        Assert.Contains(said, Refuses(InpaintErrorId.ImageUnsupported, Request(mask: PictureSource.FromFile(path))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_mask_is_refused()
    {
        byte[] whole = TestPictures.GrayMask(200, 200, (x, y) => (byte)(((x * 31) + (y * 17)) % 2 * 255));

        Refuses(InpaintErrorId.ImageUnsupported, Request(PictureSource.FromBytes(TestPictures.Png(200, 200)), PictureSource.FromBytes(whole.AsMemory(0, whole.Length / 2))));
    }

    [Theory]
    [InlineData("Fal", false, false)]
    [InlineData("ModelsLab", false, false)]
    [InlineData("Local", false, false)]
    [InlineData("Fal", true, false)]
    [InlineData("Fal", false, true)]
    public void Half_a_picture_is_refused_before_it_is_paid_for(string provider, bool isKept, bool isCropped)
    {
        foreach (byte[] whole in new[] { TestPictures.Png(200, 200), TestPictures.Jpeg(200, 200) })
        {
            InpaintRequest request = Request(PictureSource.FromBytes(whole.AsMemory(0, whole.Length * 2 / 3), "half"), MaskOf((x, _) => x < 40 ? (byte)255 : (byte)0, 200, 200)) with
            { Provider = provider, Prompt = provider == "Local" ? null : "a bench", KeepUnmasked = isKept, CropToMask = isCropped };
            InpaintException e = Refuses(InpaintErrorId.ImageUnsupported, request);

            Assert.Matches(@"cannot be read: .+ \(at byte [0-9]+\)\. Nothing was sent\.$", e.Message);
            Assert.Equal(e.Message, RequestPlanner.InspectMask(request, Providers.Choose(request.Provider), TestContext.Current.CancellationToken).Error);
        }
    }

    [Fact]
    public void A_picture_beside_a_remote_mask_is_looked_into_as_well() =>
        Refuses(InpaintErrorId.ImageUnsupported, Request(PictureSource.FromBytes(TestPictures.Png(200, 200).AsMemory(0, 200), "half"), PictureSource.Parse("https://pictures.example/mask.png")));

    [Fact]
    public void Picture_and_mask_must_be_small_enough_together_where_they_travel_together()
    {
        // Noise, which no codec makes smaller: each is less than a gateway takes, and both are more.
        Raster picture = new(1800, 1800, 3, 8);
        Raster mask = new(1800, 1800, 1, 8);
        new Random(5).NextBytes(picture.Data);
        new Random(6).NextBytes(mask.Data);
        byte[] sent = TestPictures.Encode(picture, PictureFormat.Png);
        Assert.InRange(sent.Length, 9_700_000, 10_000_000);
        InpaintRequest request = Request(PictureSource.FromBytes(sent), PictureSource.FromBytes(TestPictures.Encode(mask, PictureFormat.Png))) with { Provider = "ChainHub" };

        Assert.Contains("with its mask", Refuses(InpaintErrorId.ImageTooLarge, request).Message, StringComparison.Ordinal);
        Plan(request with { Provider = "Fal" });
    }

    [RequiresFact(Requirement.Unix)]
    public void A_pipe_or_device_is_refused_and_not_read_to_its_end()
    {
        Refuses(InpaintErrorId.ImageUnsupported, Request(PictureSource.FromFile("/dev/zero")));
    }

    [RequiresFact(Requirement.Unix)]
    public async Task A_pipe_that_nobody_writes_to_is_refused_and_not_waited_for()
    {
        string path = Files.At("pipe.png");
        using Process mkfifo = Process.Start("mkfifo", [path]);
        await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);

        await Task.Run(() => Refuses(InpaintErrorId.ImageUnsupported, Request(PictureSource.FromFile(path))), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    [RequiresFact(Requirement.Unix)]
    public void A_picture_is_read_through_a_link()
    {
        string link = Files.At("link.png");
        File.CreateSymbolicLink(link, Files.Write("dog.png", TestPictures.Png(32, 24)));

        Assert.Equal(32, Plan(Request(PictureSource.FromFile(link))).ImageHeader!.Width);
    }

    [Fact]
    public void A_mask_of_another_size_is_refused_with_both_sizes_and_the_remedy()
    {
        InpaintException e = Refuses(InpaintErrorId.MaskSizeMismatch, Request(mask: MaskOf(LeftQuarter, 64, 24)));

        Assert.Contains("64x24", e.Message, StringComparison.Ordinal);
        Assert.Contains("32x24", e.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was sent", e.Message, StringComparison.Ordinal);
        Assert.Contains("ResizeMask", e.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_is_resized_on_request_and_stays_black_and_white()
    {
        RequestPlan plan = Plan(Request(mask: MaskOf((x, _) => x < 16 ? (byte)255 : (byte)0, 64, 48)) with { ResizeMask = true });

        Assert.Equal("########________________________", Sent(plan)[..32]);
        Assert.Equal(32 * 24, Sent(plan).Length);
    }

    [Fact]
    public void A_mask_that_vanishes_when_resized_is_empty() =>
        Refuses(InpaintErrorId.MaskEmpty, Request(mask: MaskOf((x, y) => x == 1 && y == 1 ? (byte)255 : (byte)0, 3200, 2400)) with { ResizeMask = true });

    [Theory]
    [InlineData(MaskMode.White, 0, InpaintErrorId.MaskEmpty)]
    [InlineData(MaskMode.White, 255, InpaintErrorId.MaskFull)]
    [InlineData(MaskMode.Black, 0, InpaintErrorId.MaskFull)]
    [InlineData(MaskMode.Black, 255, InpaintErrorId.MaskEmpty)]
    [InlineData(MaskMode.White, 127, InpaintErrorId.MaskEmpty)]
    [InlineData(MaskMode.White, 128, InpaintErrorId.MaskFull)]
    public void A_mask_of_one_colour_is_refused(MaskMode mode, byte value, InpaintErrorId expected) =>
        Assert.Contains($"MaskMode {mode}", Refuses(expected, Request(mask: MaskOf((_, _) => value)) with { MaskMode = mode }).Message, StringComparison.Ordinal);

    [Fact]
    public void More_than_half_is_worth_a_warning_that_names_the_other_mode()
    {
        RequestPlan plan = Plan(Request(mask: MaskOf((x, _) => x >= 8 ? (byte)255 : (byte)0)));
        string warning = Assert.Single(plan.Warnings);

        Assert.Contains("75 %", warning, StringComparison.Ordinal);
        Assert.Contains("MaskMode Black", warning, StringComparison.Ordinal);
        Assert.Empty(Plan(Request(mask: MaskOf(LeftQuarter))).Warnings);
    }

    [Fact]
    public void A_plain_mask_goes_as_it_is()
    {
        PictureSource mask = MaskOf(LeftQuarter);

        Assert.Equal(mask.GetDigest(), Plan(Request(mask: mask)).Mask!.GetDigest());
    }

    [Fact]
    public void Grays_are_made_black_and_white()
    {
        RequestPlan plan = Plan(Request(mask: MaskOf((x, _) => x < 8 ? (byte)200 : (byte)10)));

        Assert.Equal("########________________________", Sent(plan)[..32]);
        Assert.True(Decode(plan).WasBinary);
        Assert.EndsWith(".png", plan.Mask!.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void A_jpeg_mask_is_made_a_clean_png()
    {
        Raster gray = new(32, 24, 1);
        for (int i = 0; i < gray.Data.Length; i++)
        {
            gray.Data[i] = LeftQuarter(i % 32, i / 32);
        }

        RequestPlan plan = Plan(Request(mask: PictureSource.FromBytes(TestPictures.Encode(gray, PictureFormat.Jpeg), "mask.jpg")));

        Assert.Equal("mask.png", plan.Mask!.Name);
        Assert.Equal("########________________________", Sent(plan)[..32]);
    }

    [Fact]
    public void Black_may_mark_what_is_repainted()
    {
        RequestPlan plan = Plan(Request(mask: MaskOf((x, _) => x < 8 ? (byte)0 : (byte)255)) with { MaskMode = MaskMode.Black });

        Assert.Equal("########________________________", Sent(plan)[..32]);
    }

    [Fact]
    public void Transparency_may_mark_what_is_repainted()
    {
        byte[] mask = TestPictures.AlphaMask(32, 24, (x, _) => (255, x < 8 ? (byte)0 : (byte)255));
        RequestPlan plan = Plan(Request(mask: PictureSource.FromBytes(mask)) with { MaskMode = MaskMode.Alpha });

        Assert.Equal("########________________________", Sent(plan)[..32]);
        Refuses(InpaintErrorId.InvalidParameter, Request(mask: MaskOf(LeftQuarter)) with { MaskMode = MaskMode.Alpha });
    }

    [Fact]
    public void White_below_full_transparency_does_not_reach_a_service_that_drops_alpha()
    {
        byte[] mask = TestPictures.AlphaMask(32, 24, (x, _) => (255, x < 8 ? (byte)255 : (byte)0));
        RequestPlan plan = Plan(Request(mask: PictureSource.FromBytes(mask)));
        Raster sent = Raster(plan);

        Assert.False(sent.HasAlpha);
        Assert.Equal("########________________________", Sent(plan)[..32]);
    }

    [Fact]
    public void Remote_pictures_are_taken_unseen()
    {
        RequestPlan plan = Plan(Request(PictureSource.Parse("https://pictures.example/dog.png")));

        Assert.Null(plan.ImageHeader);
        Assert.NotNull(plan.Mask);
    }

    [Fact]
    public void What_cannot_be_done_to_a_remote_mask_is_said()
    {
        PictureSource remote = PictureSource.Parse("https://pictures.example/mask.png");

        Refuses(InpaintErrorId.InvalidParameter, Request(mask: remote) with { MaskMode = MaskMode.Black });
        Assert.Contains("ResizeMask has no effect", Assert.Single(Plan(Request(mask: remote) with { ResizeMask = true }).Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(8)]
    public void A_photograph_that_lies_on_its_side_goes_out_upright(byte orientation)
    {
        Raster stored = Tests.TestPictures.Waves(32, 24, 3);
        PictureSource photo = Photo(stored, orientation);
        Raster seen = VipsTransforms.TurnUpright(stored, orientation, CancellationToken.None);

        RequestPlan plan = Plan(Request(photo, MaskOf(LeftQuarter, seen.Width, seen.Height)));
        using Stream stream = plan.Image!.OpenRead();
        Raster sent = Pictures.Decode(stream, "sent", cancellationToken: TestContext.Current.CancellationToken);
        stream.Position = 0;

        // Read without turning, as a service that knows nothing of EXIF does.
        Assert.Equal(new PictureHeader(PictureFormat.Jpeg, seen.Width, seen.Height), Pictures.ReadHeader(stream, "sent"));
        Assert.Equal(("photo.jpg", seen.Width, seen.Height), (plan.Image.Name, plan.ImageHeader!.Width, plan.ImageHeader.Height));
        Assert.InRange(RasterComparison.Compare(seen, sent, mask: null).MeanDifference, 0, 4);
        Assert.Equal(photo.ToString(), plan.Request.Image!.ToString());
    }

    [Fact]
    public void A_photograph_that_stands_upright_or_goes_where_it_is_turned_is_not_written_anew()
    {
        PictureSource upright = Photo(Tests.TestPictures.Waves(32, 24, 3), 1);
        PictureSource turned = Photo(Tests.TestPictures.Waves(24, 32, 3), 6);

        Assert.Equal(upright.GetDigest(), Plan(Request(upright)).Image!.GetDigest());
        Assert.Equal(turned.GetDigest(), Plan(Request(turned) with { Provider = "Local", Prompt = null }).Image!.GetDigest());
    }

    [Fact]
    public void A_mask_of_the_stored_rows_does_not_fit_a_photograph_that_lies_on_its_side() =>
        Refuses(InpaintErrorId.MaskSizeMismatch, Request(Photo(Tests.TestPictures.Waves(32, 24, 3), 6), MaskOf(LeftQuarter)));

    [Theory]
    [InlineData(PictureFormat.WebP)]
    [InlineData(PictureFormat.Avif)]
    [InlineData(PictureFormat.Tiff)]
    public void A_format_that_the_provider_does_not_read_is_sent_as_PNG_and_that_is_said(PictureFormat format)
    {
        Raster stored = Tests.TestPictures.Waves(32, 24, 3);
        PictureSource picture = PictureSource.FromBytes(TestPictures.Encode(stored, format), "dog.x");
        RequestPlan plan = Plan(Request(picture) with { Provider = "ModelsLab" });

        Assert.Equal(("dog.png", PictureFormat.Png), (plan.Image!.Name, plan.ImageHeader!.Format));
        Assert.Equal(Decode(picture).Data, Decode(plan.Image).Data);
        Assert.Contains($"does not read {format}", Assert.Single(plan.Notes), StringComparison.Ordinal);
        Assert.Equal(picture.GetDigest(), Plan(Request(picture) with { Provider = "Local", Prompt = null }).Image!.GetDigest());
        Assert.Empty(Plan(Request(PictureSource.FromBytes(TestPictures.Png(32, 24)))).Notes);
    }

    [Fact]
    public void Services_get_8_bits_and_the_embedded_provider_all_of_them()
    {
        Raster deep = Tests.TestPictures.Waves(32, 24, 1, 16);
        PictureSource picture = PictureSource.FromBytes(TestPictures.Encode(deep, PictureFormat.Png), "deep.png");
        RequestPlan plan = Plan(Request(picture));
        RequestPlan cropped = Plan(Request(picture) with { CropToMask = true });

        Assert.Equal(8, Decode(plan.Image!).BitDepth);
        Assert.Contains("8 bits", Assert.Single(plan.Notes), StringComparison.Ordinal);
        Assert.Equal(picture.GetDigest(), cropped.Placement!.Original.GetDigest());
        Assert.Equal(picture.GetDigest(), Plan(Request(picture) with { Provider = "Local", Prompt = null }).Image!.GetDigest());
    }

    [Fact]
    public void Colors_that_a_service_would_take_for_others_go_out_in_sRGB()
    {
        Raster wide = Tests.Imaging.ColorProfileTests.Wide(32, 24);
        foreach (PictureFormat format in new[] { PictureFormat.Png, PictureFormat.Jpeg })
        {
            PictureSource picture = PictureSource.FromBytes(TestPictures.Encode(wide, format), "photo.x");
            RequestPlan plan = Plan(Request(picture));

            Assert.Equal(format, plan.ImageHeader!.Format);
            Assert.False(Pictures.HasOtherColors(Decode(plan.Image!)));
            Assert.Contains("sRGB", Assert.Single(plan.Notes), StringComparison.Ordinal);
            Assert.InRange(RasterComparison.Compare(Pictures.ToSrgb(wide, TestContext.Current.CancellationToken), Decode(plan.Image!), mask: null).MeanDifference, 0, format == PictureFormat.Png ? 0 : 3);
            Assert.Equal(picture.GetDigest(), Plan(Request(picture) with { Provider = "Local", Prompt = null }).Image!.GetDigest());
        }
    }

    [Fact]
    public void Of_an_animation_one_frame_is_sent_and_that_is_said_first()
    {
        PictureSource animation = PictureSource.FromBytes(
            Convert.FromBase64String("R0lGODlhDAAKAPAAAP8AAAAAACH5BAAFAAAAIf8LTkVUU0NBUEUyLjADAQAAACwAAAAADAAKAAACCYSPqcvtD6OcBQAh+QQABQAAACwAAAAADAAKAIAAAP8AAAACCYSPqcvtD6OcBQA7"),
            "dance.gif");
        PictureSource mask = MaskOf((x, _) => x < 4 ? (byte)255 : (byte)0, 12, 10);
        foreach (string provider in new[] { "Fal", "Local" })
        {
            RequestPlan plan = Plan(Request(animation, mask) with { Provider = provider, Prompt = provider == "Local" ? null : "a bench" });

            Assert.Contains("dance.gif has 2 frames", Assert.Single(plan.Warnings), StringComparison.Ordinal);
            Assert.Equal(provider == "Local" ? PictureFormat.Gif : PictureFormat.Png, plan.ImageHeader!.Format);
        }
    }

    private static PictureSource Photo(Raster stored, byte orientation)
    {
        Raster photo = new(stored.Width, stored.Height, stored.Channels, stored.BitDepth, stored.Data)
        {
            Metadata = new PictureMetadata { Exif = Tests.Imaging.Metadata.ExifOrientationTests.Exif(orientation, bigEndian: false) },
        };
        return PictureSource.FromBytes(TestPictures.Encode(photo, PictureFormat.Jpeg), "photo.jpg");
    }

    private static Raster Decode(PictureSource source)
    {
        using Stream stream = source.OpenRead();
        return Pictures.Decode(stream, source.Name);
    }

    private static Raster Raster(RequestPlan plan)
    {
        using Stream stream = plan.Mask!.OpenRead();
        return Pictures.Decode(stream, "mask");
    }

    private static Mask Decode(RequestPlan plan) => MaskReader.FromRaster(Raster(plan), "mask", MaskMode.White);

    private static string Sent(RequestPlan plan) => Tests.Imaging.Masks.MaskReaderTests.Show(Decode(plan));

    private static byte[] WithHole()
    {
        Raster picture = new(32, 24, 4);
        picture.Data.AsSpan(0, picture.Data.Length / 2).Fill(200);
        using MemoryStream png = new();
        Pictures.Encode(picture, PictureFormat.Png, png);
        return png.ToArray();
    }
}
