using System.IO.Compression;
using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;
using Inpaint.Tests.Imaging.Metadata;
using Xunit;

namespace Inpaint.Tests.Imaging;

public class PictureHeaderTests
{
    [Theory]
    [InlineData(PictureFormat.Png)]
    [InlineData(PictureFormat.Jpeg)]
    [InlineData(PictureFormat.WebP)]
    [InlineData(PictureFormat.Avif)]
    [InlineData(PictureFormat.Tiff)]
    public void A_header_gives_format_and_size(PictureFormat format) =>
        Assert.Equal(new PictureHeader(format, 70, 50), Read(Encode(new Raster(70, 50, 3), format)));

    [Theory]
    [InlineData(1, false, 70, 50)]
    [InlineData(3, true, 70, 50)]
    [InlineData(6, false, 50, 70)]
    [InlineData(8, true, 50, 70)]
    [InlineData(9, true, 70, 50)]
    public void The_size_is_the_one_seen_after_the_exif_orientation(byte orientation, bool bigEndian, int width, int height)
    {
        PictureMetadata metadata = new() { Exif = ExifOrientationTests.Exif(orientation, bigEndian) };
        foreach (PictureFormat format in new[] { PictureFormat.Png, PictureFormat.Jpeg, PictureFormat.WebP })
        {
            byte[] file = Encode(new Raster(70, 50, 3) { Metadata = metadata }, format);

            Assert.Equal(new PictureHeader(format, width, height, orientation == 9 ? 1 : orientation), Read(file));
            Raster seen = Pictures.Decode(new MemoryStream(file), "thing.png");
            Assert.Equal((width, height), (seen.Width, seen.Height));
        }
    }

    [Fact]
    public void An_orientation_is_obeyed_wherever_it_stands()
    {
        Raster lying = TestPictures.Waves(70, 50, 3);
        byte[] exif = ExifOrientationTests.Exif(6, bigEndian: true);
        byte[] png = Encode(lying, PictureFormat.Png);
        byte[] jpeg = Encode(lying, PictureFormat.Jpeg);
        byte[] profile = [.. "Raw profile type exif\0"u8, .. System.Text.Encoding.ASCII.GetBytes($"\nexif\n{exif.Length + 6,8}\n{Convert.ToHexStringLower([.. "Exif\0\0"u8, .. exif])}\n")];
        byte[] wide = [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 1, 4, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];
        byte[][] files =
        [
            [.. png[..33], .. RawPng.Chunk("eXIf", exif), .. png[33..]],
            [.. png[..33], .. RawPng.Chunk("tEXt", profile), .. png[33..]],

            // Two blocks, of which the first counts; one that goes on in a second segment; one behind the frame's header; a number of 32 bits.
            [.. jpeg[..2], .. Segment(exif), .. Segment(ExifOrientationTests.Exif(1, bigEndian: false)), .. jpeg[2..]],
            [.. jpeg[..2], .. Segment(exif), .. Segment([1, 2, 3]), .. jpeg[2..]],
            WithExifBehindFrame(jpeg, exif),
            [.. jpeg[..2], .. Segment(wide), .. jpeg[2..]],
        ];

        foreach (byte[] file in files)
        {
            PictureHeader header = Read(file);
            Raster seen = Pictures.Decode(new MemoryStream(file), "thing.png");

            Assert.Equal((6, 50, 70), (header.Orientation, header.Width, header.Height));
            Assert.Equal((50, 70), (seen.Width, seen.Height));
            Assert.Equal(1, ExifOrientation.Read(seen.Metadata.Exif));
        }
    }

    [RequiresTheory(Requirement.ImageMagick)]
    [InlineData("webp", "-quality", "60")]
    [InlineData("webp", "-define", "webp:lossless=true")]
    [InlineData("webp", "-alpha", "set", "-channel", "A", "-evaluate", "set", "40%")]
    [InlineData("gif")]
    [InlineData("avif")]
    [InlineData("tiff")]
    [InlineData("tiff", "-compress", "LZW")]
    [InlineData("jpeg")]
    [InlineData("jpeg", "-interlace", "JPEG")]
    [InlineData("png")]
    public void Files_of_another_program_are_understood(string format, params string[] options)
    {
        byte[] file = ImageMagick.Run([], ["-size", "66x46", "gradient:red-blue", .. options, format + ":-"]);

        PictureHeader header = Read(file);

        Assert.Equal((format, 66, 46, 1), (header.Format.ToString().ToLowerInvariant(), header.Width, header.Height, header.Frames));
    }

    [RequiresTheory(Requirement.ImageMagick)]
    [InlineData("gif")]
    [InlineData("webp")]
    [InlineData("tiff")]
    public void Frames_are_counted_and_the_first_one_is_decoded(string format)
    {
        byte[] file = ImageMagick.Run([], ["-size", "20x10", "xc:red", "xc:blue", "xc:green", format + ":-"]);

        Assert.Equal(3, Read(file).Frames);
        Raster raster = Pictures.Decode(new MemoryStream(file), "thing");
        Assert.Equal((20, 10), (raster.Width, raster.Height));
        Assert.InRange(raster.Data[0], 250, 255);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("  <!doctype html><title>503</title>", "an HTML page")]
    [InlineData("{\"detail\":\"no\"}", "JSON")]
    [InlineData("<?xml version='1.0'?><svg/>", "an SVG drawing")]
    [InlineData("hello", "text")]
    [InlineData("%PDF-1.7\0", "a PDF document")]
    [InlineData("\0\u0001\u0002\u0003", "00010203")]
    [InlineData("\0\0\0\u0018ftypheic\0\0\0\0mif1heic", "a HEIC picture")]
    [InlineData("II*\0\u0010\0\0\0CR\u0002\0\0\0\0\0", "a camera's raw file")]
    [InlineData("II*\0\u0008\0\0\0\u0002\0\u00fe\0\u0004\0\u0001\0\0\0\u0001\0\0\0\u004a\u0001\u0004\0\u0001\0\0\0\u0008\0\0\0", "a camera's raw file")]
    [InlineData("II*\0\u0008\0\0\0\u0001\0\u0012\u00c6\u0001\0\u0004\0\0\0\u0001\u0004\0\0", "a camera's raw file")]
    [InlineData("FUJIFILMCCD-RAW 0201", "a camera's raw file")]
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
        Assert.Contains("thing.png cannot be read", e.Message, StringComparison.Ordinal);
    }

    private static PictureHeader Read(byte[] file) => Pictures.ReadHeader(new MemoryStream(file), "thing.png");

    private static byte[] Segment(byte[] exif) => [0xFF, 0xE1, 0, (byte)(exif.Length + 8), .. "Exif\0\0"u8, .. exif];

    private static byte[] WithExifBehindFrame(byte[] jpeg, byte[] exif)
    {
        int frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        int behind = frame + 2 + jpeg[frame + 3];
        return [.. jpeg[..behind], .. Segment(exif), .. jpeg[behind..]];
    }

    [Fact]
    public void A_white_sheet_of_one_bit_takes_few_bytes()
    {
        using MemoryStream rows = new();
        using (ZLibStream deflater = new(rows, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            deflater.Write(new byte[1024 * (1 + (1024 / 8))]);
        }

        byte[] file =
        [
            0x89, .. "PNG\r\n\x1A\n"u8, .. RawPng.Chunk("IHDR", [0, 0, 4, 0, 0, 0, 4, 0, 1, 3, 0, 0, 0]), .. RawPng.Chunk("PLTE", [255, 255, 255]), .. RawPng.Chunk("IDAT", rows.ToArray()),
            .. RawPng.Chunk("IEND", []),
        ];
        Raster sheet = Pictures.Decode(new MemoryStream(file), "sheet.png");

        Assert.InRange(file.Length, 1, 300);
        Assert.Equal((1024, 1024), (sheet.Width, sheet.Height));
    }

    [Fact]
    public void A_WebP_that_is_cut_off_says_so()
    {
        byte[] file = Encode(TestPictures.Waves(200, 200, 3), PictureFormat.WebP);

        InpaintException e = Assert.Throws<InpaintException>(() => Pictures.ReadHeader(new MemoryStream(file[..(file.Length * 4 / 5)]), "p.webp"));
        Assert.StartsWith("p.webp cannot be read: the file is truncated", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_reason_is_that_of_the_file_while_others_are_read_too()
    {
        byte[] jpeg = Encode(TestPictures.Waves(200, 200, 3), PictureFormat.Jpeg);
        byte[] png = Encode(TestPictures.Waves(200, 200, 3), PictureFormat.Png);
        png.AsSpan(png.Length / 2, 40).Clear();
        jpeg.AsSpan(jpeg.Length / 2, 60).Fill(0xFF);
        string alone = Reason(png);
        string other = Reason(jpeg);

        string[] reasons = await Task.WhenAll(Enumerable.Range(0, 40).Select(n => Task.Run(() => Reason(n % 2 == 0 ? png : jpeg), TestContext.Current.CancellationToken)));

        Assert.NotEqual(alone, other);
        Assert.All(reasons.Index(), reason => Assert.Equal(reason.Index % 2 == 0 ? alone : other, reason.Item));

        static string Reason(byte[] file) => Assert.Throws<InpaintException>(() => Pictures.Decode(new MemoryStream(file), "p")).Message;
    }

    private static byte[] Encode(Raster raster, PictureFormat format)
    {
        MemoryStream file = new();
        Pictures.Encode(raster, format, file);
        return file.ToArray();
    }
}
