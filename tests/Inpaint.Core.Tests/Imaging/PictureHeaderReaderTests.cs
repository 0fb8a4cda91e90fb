using System.Buffers.Binary;
using Inpaint.Imaging;
using Inpaint.Imaging.Png;
using Xunit;

namespace Inpaint.Tests.Imaging;

public class PictureHeaderReaderTests
{
    [Fact]
    public void Png_gives_its_size()
    {
        var file = new MemoryStream();
        PngEncoder.Encode(new Raster(70, 50, 3), file);

        Assert.Equal(new PictureHeader(PictureFormat.Png, 70, 50), Read(file.ToArray()));
    }

    [Theory]
    [InlineData(0xC0)]
    [InlineData(0xC1)]
    [InlineData(0xC2)]
    public void Jpeg_gives_the_size_of_its_frame(byte startOfFrame)
    {
        byte[] file = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC4, 0, 3, 9, 0xFF, 0xFF, startOfFrame, 0, 11, 8, 0, 50, 0, 70, 1, 1, 0x11, 0];

        Assert.Equal(new PictureHeader(PictureFormat.Jpeg, 70, 50), Read(file));
    }

    [Theory]
    [InlineData(1, false, 70, 50)]
    [InlineData(3, true, 70, 50)]
    [InlineData(6, false, 50, 70)]
    [InlineData(8, true, 50, 70)]
    [InlineData(9, true, 70, 50)]
    public void Jpeg_size_is_the_one_seen_after_its_exif_orientation(byte orientation, bool bigEndian, int width, int height)
    {
        byte[] exif = ExifOrientationTests.Exif(orientation, bigEndian);
        byte[] file =
        [
            0xFF, 0xD8, 0xFF, 0xE1, 0, (byte)(exif.Length + 8), .. "Exif\0\0"u8, .. exif,
            0xFF, 0xC2, 0, 11, 8, 0, 50, 0, 70, 1, 1, 0x11, 0,
        ];

        Assert.Equal(new PictureHeader(PictureFormat.Jpeg, width, height, orientation == 9 ? 1 : orientation), Read(file));
    }

    [Fact]
    public void Gif_gives_its_screen() =>
        Assert.Equal(new PictureHeader(PictureFormat.Gif, 300, 2), Read([.. "GIF89a"u8, 0x2C, 1, 2, 0, 0, 0, 0]));

    [Fact]
    public void Lossy_webp_gives_its_frame() => Assert.Equal(
        new PictureHeader(PictureFormat.WebP, 61, 45),
        Read([.. "RIFF"u8, 9, 9, 0, 0, .. "WEBPVP8 "u8, 9, 9, 0, 0, 0xD0, 0x0F, 0, 0x9D, 0x01, 0x2A, 61, 0x40, 45, 0]));

    [Fact]
    public void Lossless_webp_gives_its_size()
    {
        byte[] size = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(size, 60 | (44 << 14) | (1u << 28));

        Assert.Equal(new PictureHeader(PictureFormat.WebP, 61, 45), Read([.. "RIFF"u8, 9, 9, 0, 0, .. "WEBPVP8L"u8, 9, 9, 0, 0, 0x2F, .. size]));
    }

    [Fact]
    public void Extended_webp_gives_its_canvas() => Assert.Equal(
        new PictureHeader(PictureFormat.WebP, 65536 + 61, 45),
        Read([.. "RIFF"u8, 9, 9, 0, 0, .. "WEBPVP8X"u8, 10, 0, 0, 0, 0x10, 0, 0, 0, 60, 0, 1, 44, 0, 0]));

    [Theory]
    [InlineData(0, 64, 46)]
    [InlineData(1, 46, 64)]
    [InlineData(2, 64, 46)]
    [InlineData(3, 46, 64)]
    public void Avif_gives_the_primary_items_size_as_rotated(byte quarterTurns, int width, int height)
    {
        byte[] meta = Box(
            "meta",
            [
                0, 0, 0, 0,
                .. Box("hdlr", [0, 0, 0, 0, 0, 0, 0, 0, .. "pict"u8]),
                .. Box("pitm", [0, 0, 0, 0, 0, 2]),
                .. Box(
                    "iprp",
                    [
                        .. Box("ipco", [.. Extents(8, 8), .. Extents(64, 46), .. Box("irot", [quarterTurns])]),
                        .. Box("ipma", [0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 1, 0x81, 0, 2, 2, 0x82, 0x83]),
                    ]),
            ]);
        byte[] file = [.. Box("ftyp", [.. "mif1"u8, 0, 0, 0, 0, .. "avif"u8]), .. Box("free", new byte[5000]), .. meta];

        Assert.Equal(new PictureHeader(PictureFormat.Avif, width, height), Read(file));
    }

    [RequiresTheory(Requirement.ImageMagick)]
    [InlineData("webp", "-quality", "60")]
    [InlineData("webp", "-define", "webp:lossless=true")]
    [InlineData("webp", "-alpha", "set", "-channel", "A", "-evaluate", "set", "40%")]
    [InlineData("gif")]
    [InlineData("avif")]
    [InlineData("jpeg")]
    [InlineData("jpeg", "-interlace", "JPEG")]
    [InlineData("png")]
    public void Files_of_another_program_are_understood(string format, params string[] options)
    {
        byte[] file = ImageMagick.Run([], ["-size", "66x46", "gradient:red-blue", .. options, format + ":-"]);

        PictureHeader header = Read(file);

        Assert.Equal((format, 66, 46), (header.Format.ToString().ToLowerInvariant(), header.Width, header.Height));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("  <!doctype html><title>503</title>", "an HTML page")]
    [InlineData("{\"detail\":\"no\"}", "JSON")]
    [InlineData("<?xml version='1.0'?><svg/>", "an SVG drawing")]
    [InlineData("hello", "text")]
    [InlineData("%PDF-1.7\0", "a PDF document")]
    [InlineData("II*\0abcd", "a TIFF picture")]
    [InlineData("\0\u0001\u0002\u0003", "00010203")]
    [InlineData("\0\0\0\u0018ftypheic\0\0\0\0mif1heic", "a HEIC picture")]
    public void What_is_no_picture_is_named_and_described(string content, string description)
    {
        InpaintException e = Assert.Throws<InpaintException>(() => Read([.. content.Select(c => (byte)c)]));

        Assert.Equal(InpaintErrorId.ImageUnsupported, e.ErrorId);
        Assert.Contains("thing.png", e.Message, StringComparison.Ordinal);
        Assert.Contains(description, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_jpeg_that_ends_before_its_frame_is_broken()
    {
        InpaintException e = Assert.Throws<InpaintException>(() => Read([0xFF, 0xD8, 0xFF, 0xE0, 0x10, 0, 1, 2]));

        Assert.Equal(InpaintErrorId.ImageUnsupported, e.ErrorId);
        Assert.Contains("truncated", e.Message, StringComparison.Ordinal);
    }

    private static PictureHeader Read(byte[] file) => PictureHeaderReader.Read(new MemoryStream(file), "thing.png");

    private static byte[] Extents(byte width, byte height) => Box("ispe", [0, 0, 0, 0, 0, 0, 0, width, 0, 0, 0, height]);

    private static byte[] Box(string type, byte[] content)
    {
        byte[] box = new byte[8 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(box, box.Length);
        System.Text.Encoding.ASCII.GetBytes(type, box.AsSpan(4));
        content.CopyTo(box, 8);
        return box;
    }
}
