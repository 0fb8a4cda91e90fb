using System.Text;
using Inpaint.Imaging;
using Inpaint.Imaging.Png;
using Inpaint.Results;
using Xunit;

namespace Inpaint.Tests.Imaging;

/// <summary>Nothing in a changed picture shows how it looked before, wherever cameras and editors have put a small picture of it.</summary>
public sealed class EmbeddedPreviewsTests
{
    // The smallest thing that is followed as a JPEG: a segment with another picture's end in it, a scan, and an end.
    private static readonly byte[] Jpeg = [0xFF, 0xD8, 0xFF, 0xE1, 0, 6, 1, 2, 0xFF, 0xD9, 0xFF, 0xDA, 0, 2, 7, 7, 7, 0xFF, 0xD9];

    [Fact]
    public void A_preview_in_maker_notes_becomes_zeros_and_all_around_it_stays()
    {
        byte[] head = ExifOrientationTests.Exif(6, bigEndian: true);
        byte[] exif = [.. head, 1, 2, 3, .. Jpeg, 4, 5, .. Jpeg, 6];
        byte[] without = EmbeddedPreviews.WithoutExifPreviews(exif)!;
        Assert.Equal([.. head, 1, 2, 3, .. new byte[Jpeg.Length], 4, 5, .. new byte[Jpeg.Length], 6], without);
        Assert.Same(head, EmbeddedPreviews.WithoutExifPreviews(head));
        Assert.Null(EmbeddedPreviews.WithoutExifPreviews(null));
    }

    [Fact]
    public void A_preview_whose_first_byte_a_camera_has_changed_goes_too()
    {
        byte[] exif = [.. ExifOrientationTests.Exif(1, bigEndian: false), 0x2A, .. Jpeg[1..]];
        Assert.False(EmbeddedPreviews.HoldsJpeg(EmbeddedPreviews.WithoutExifPreviews(exif)!));
    }

    [Fact]
    public void Photoshops_thumbnails_go_and_captions_stay()
    {
        byte[] caption = Resource(0x0404, "a lion"u8);
        byte[] resources = [.. Resource(1036, Jpeg), .. caption, .. Resource(1033, [1, 2, 3]), .. Resource(0x0425, [9])];
        Assert.Equal([.. caption, .. Resource(0x0425, [9])], EmbeddedPreviews.WithoutThumbnailResources(resources)!);
        Assert.Null(EmbeddedPreviews.WithoutThumbnailResources(Resource(1036, Jpeg)));
        Assert.Null(EmbeddedPreviews.WithoutThumbnailResources(null));
    }

    [Fact]
    public void Blocks_that_cannot_be_followed_are_left_out_without_reading_beyond_them()
    {
        byte[] whole = [.. Resource(0x0404, "a lion"u8), .. Resource(1036, Jpeg), .. Resource(0x0425, [9])];
        byte[] exif = [.. ExifOrientationTests.Exif(6, bigEndian: true), .. Jpeg, .. Jpeg];
        var random = new Random(20261128);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] broken = Broken(whole, random);
            Assert.True((EmbeddedPreviews.WithoutThumbnailResources(broken)?.Length ?? 0) <= broken.Length + 1);
            byte[] brokenExif = Broken(exif, random);
            Assert.False(EmbeddedPreviews.HoldsJpeg(EmbeddedPreviews.WithoutExifPreviews(brokenExif)!));
        }
    }

    [Theory]
    [InlineData("<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>Ball</dc:title></rdf:Description>{0}", true)]
    [InlineData("{0}", false)]
    public void Thumbnails_in_XMP_go_and_what_else_it_says_stays(string description, bool isKept)
    {
        const string thumbnails = "<rdf:Description rdf:about='' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:xmpGImg='http://ns.adobe.com/xap/1.0/g/img/'><xmp:Thumbnails><rdf:Alt>"
            + "<rdf:li rdf:parseType='Resource'><xmpGImg:width>80</xmpGImg:width><xmpGImg:image>/9j/4AAQ</xmpGImg:image></rdf:li></rdf:Alt></xmp:Thumbnails></rdf:Description>";
        const string asAttribute = "<rdf:Description rdf:about='' xmlns:GImage='http://ns.google.com/photos/1.0/image/' GImage:Data='/9j/4AAQ'/>";
        string packet = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
            + description.Replace("{0}", thumbnails + asAttribute, StringComparison.Ordinal) + "</rdf:RDF></x:xmpmeta>";
        byte[]? without = XmpPacket.Without(Encoding.UTF8.GetBytes(packet));
        Assert.Equal(isKept, without is not null);
        string text = Encoding.UTF8.GetString(without ?? []);
        Assert.DoesNotContain("/9j/4AAQ", text, StringComparison.Ordinal);
        Assert.Equal(isKept, text.Contains("<dc:title>Ball</dc:title>", StringComparison.Ordinal));
    }

    [Fact]
    public void An_XMP_packet_that_cannot_be_read_does_not_come_along()
    {
        Assert.Null(XmpPacket.Without("<x:xmpmeta><xmp:Thumbnails>/9j/4AAQ"u8.ToArray()));
        Assert.Null(XmpPacket.Without(null));
    }

    [Fact]
    public void A_changed_picture_carries_none_of_them()
    {
        PictureText profile = new(PngRawProfile.KeywordOf("other"), PngRawProfile.Write("other", Jpeg));
        Raster picture = new(2, 2, 3)
        {
            Metadata = new PictureMetadata
            {
                Exif = [.. ExifOrientationTests.Exif(1, bigEndian: true), .. Jpeg],
                ImageResources = Resource(1036, Jpeg),
                Xmp = "not XML"u8.ToArray(),
                Texts = [profile, new PictureText("Title", "Ball")],
            },
        };
        PictureMetadata left = OwnNotes.Without(picture).Metadata;
        Assert.False(EmbeddedPreviews.HoldsJpeg(left.Exif!));
        Assert.Null(left.ImageResources);
        Assert.Null(left.Xmp);
        Assert.Equal("Title", Assert.Single(left.Texts).Keyword);
    }

    private static byte[] Broken(byte[] whole, Random random)
    {
        byte[] broken = whole[..random.Next(whole.Length + 1)];
        for (int i = 0; i < 2 && broken.Length > 0; i++)
        {
            broken[random.Next(broken.Length)] = (byte)random.Next(256);
        }

        return broken;
    }

    private static byte[] Resource(int id, ReadOnlySpan<byte> data) =>
        [.. "8BIM"u8, (byte)(id >> 8), (byte)id, 0, 0, 0, 0, (byte)(data.Length >> 8), (byte)data.Length, .. data, .. new byte[data.Length & 1]];
}
