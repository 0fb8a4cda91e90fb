using System.Text;
using System.Text.Json;
using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;
using Inpaint.Tests.Results;
using Xunit;

namespace Inpaint.Tests.Imaging.Metadata;

/// <summary>What photographers and agencies write into a JPEG as IPTC comes through, also when the result is a PNG.</summary>
public sealed class ImageResourcesTests
{
    [RequiresTheory(Requirement.ExifTool)]
    [InlineData(PictureFormat.Jpeg, 20)]
    [InlineData(PictureFormat.Png, 20)]
    [InlineData(PictureFormat.Jpeg, 150_000)]
    public void Captions_survive(PictureFormat format, int length)
    {
        string caption = new('c', length);
        Raster original = new(16, 8, 3) { Metadata = new PictureMetadata { ImageResources = Resources(caption) } };
        Raster read = Read(Write(original, PictureFormat.Jpeg));
        Assert.Equal(original.Metadata.ImageResources, read.Metadata.ImageResources);

        byte[] written = Write(read, format);
        using JsonDocument tags = ExifTool.Read(written);
        Assert.Equal(caption, tags.RootElement[0].GetProperty("IPTC:Caption-Abstract").GetString());

        // As it is read and written once more, and as the other format.
        foreach (PictureFormat next in new[] { PictureFormat.Png, PictureFormat.Jpeg })
        {
            using JsonDocument again = ExifTool.Read(Write(Read(written), next));
            Assert.Equal(caption, again.RootElement[0].GetProperty("IPTC:Caption-Abstract").GetString());
            Assert.False(again.RootElement[0].TryGetProperty("File:Comment", out _));
        }
    }

    [RequiresFact(Requirement.Exiv2)]
    public void Exiv2_reads_the_captions_of_a_png() => Assert.Contains("a lion", Exiv2.Read(Captioned("a lion"), "a.png"), StringComparison.Ordinal);

    [RequiresFact(Requirement.ImageMagick)]
    public void ImageMagick_reads_the_captions_of_a_png() =>
        Assert.Equal("a lion", Encoding.ASCII.GetString(ImageMagick.Run(Captioned("a lion"), "-", "-format", "%[IPTC:2:120]", "info:")));

    [Fact]
    public void Thumbnails_and_previews_go_and_all_else_stays()
    {
        byte[] caption = Resources("a lion");
        byte[] thumbnail = Resource(1036, [1, 0, 0, 0, .. ExifPreviewsTests.Jpeg(30)]);
        byte[] old = Resource(1033, [1, 0, 0, 0, 7, 7, 7]);
        byte[] plugIn = Resource(4000, ExifPreviewsTests.Jpeg(30));
        byte[] digest = Resource(1061, new byte[16]);
        byte[] unknown = [.. "what?"u8];

        Assert.Same(caption, ImageResources.WithoutPreviews(caption));
        Assert.Null(ImageResources.WithoutPreviews(thumbnail));
        Assert.Null(ImageResources.WithoutPreviews(null));
        Assert.Equal([.. caption, .. digest, .. unknown], ImageResources.WithoutPreviews([.. thumbnail, .. caption, .. old, .. plugIn, .. digest, .. unknown])!);
        Assert.Equal(caption, ImageResources.WithoutPreviews([.. caption, .. ExifPreviewsTests.Jpeg(30)])!);

        // IPTC has a place for a preview as well; its digest is not that of what is left.
        byte[] set = [0x1C, 2, 120, 0, 1, (byte)'c'];
        byte[] preview = [0x1C, 2, 200, 0, 2, 0, 11, 0x1C, 2, 202, 0x80, 4, 0, 0, 0, 3, 1, 2, 3];
        Assert.Equal(Resource(1028, [.. set, .. set]), ImageResources.WithoutPreviews([.. Resource(1028, [.. set, .. preview, .. set]), .. digest])!);
    }

    [Fact]
    public void Resources_that_are_cut_off_or_written_over_are_passed_over()
    {
        byte[] whole = [.. Resources("a lion"), .. Resource(1036, ExifPreviewsTests.Jpeg(30)), .. Resource(1061, new byte[16])];
        var random = new Random(20261128);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] broken = whole[..random.Next(whole.Length + 1)];
            for (int i = 0; i < 2 && broken.Length > 0; i++)
            {
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            }

            Assert.True((ImageResources.WithoutPreviews(broken)?.Length ?? 0) <= broken.Length);
        }
    }

    [Fact]
    public void They_stand_in_a_png_in_lower_case_digits_for_which_exiv2_does_not_refuse_it()
    {
        string text = PngRawProfile.Write(PngRawProfile.ImageResources, [0xAB, 0xCD, 0xEF]);
        Assert.EndsWith("\nabcdef\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_other_programs_put_into_texts_of_a_png_is_understood()
    {
        byte[] xmp = Encoding.UTF8.GetBytes("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>");
        PictureText[] texts =
        [
            new("Raw profile type xmp", PngRawProfile.Write("xmp", xmp)),
            new("Raw profile type exif", PngRawProfile.Write("exif", [.. "Exif\0\0"u8, .. "II*\0"u8])),
            new("Raw profile type 8bim", PngRawProfile.Write("8bim", Resources("a lion"))),
            new("Raw profile type icc", PngRawProfile.Write("icc", [1, 2, 3])),
            new("Raw profile type iptc", "\niptc\n 3\nzz"),
            new("Comment", "mine"),
        ];
        PictureMetadata read = Read(Write(new Raster(4, 4, 1) { Metadata = new PictureMetadata { Texts = texts } }, PictureFormat.Png)).Metadata;

        Assert.Equal(xmp, read.Xmp);
        Assert.Equal("II*\0"u8.ToArray(), read.Exif);
        Assert.Equal(Resources("a lion"), read.ImageResources);
        Assert.Equal([1, 2, 3], read.IccProfile);
        Assert.Equal(texts[4..], read.Texts);
    }

    private static byte[] Write(Raster raster, PictureFormat format)
    {
        MemoryStream file = new();
        Pictures.Encode(raster, format, file);
        return file.ToArray();
    }

    private static Raster Read(byte[] file) => Pictures.Decode(new MemoryStream(file), "picture");

    private static byte[] Captioned(string caption) => Write(new Raster(16, 8, 3) { Metadata = new PictureMetadata { ImageResources = Resources(caption) } }, PictureFormat.Png);

    private static byte[] Resource(int number, byte[] content) =>
        [.. "8BIM"u8, (byte)(number >> 8), (byte)number, 0, 0, 0, 0, (byte)(content.Length >> 8), (byte)content.Length, .. content, .. content.Length % 2 == 1 ? new byte[1] : []];

    // One resource, 0x0404: an IPTC record 2, data set 120 (the caption), with a long length where it needs one.
    private static byte[] Resources(string caption)
    {
        byte[] text = Encoding.ASCII.GetBytes(caption);
        byte[] length = text.Length < 32768
            ? [(byte)(text.Length >> 8), (byte)text.Length]
            : [0x80, 4, (byte)(text.Length >> 24), (byte)(text.Length >> 16), (byte)(text.Length >> 8), (byte)text.Length];
        byte[] iptc = [0x1C, 2, 120, .. length, .. text];
        byte[] padding = iptc.Length % 2 == 1 ? [0] : [];
        return [.. "8BIM"u8, 4, 4, 0, 0, (byte)(iptc.Length >> 24), (byte)(iptc.Length >> 16), (byte)(iptc.Length >> 8), (byte)iptc.Length, .. iptc, .. padding];
    }
}
