using System.IO.Compression;
using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;
using Xunit;

namespace Inpaint.Tests.Imaging.Metadata;

public class PngWriteTests
{
    [Theory]
    [InlineData(1, 1, 1, 8)]
    [InlineData(37, 29, 1, 8)]
    [InlineData(37, 29, 2, 8)]
    [InlineData(37, 29, 3, 8)]
    [InlineData(37, 29, 4, 8)]
    [InlineData(37, 29, 1, 16)]
    [InlineData(37, 29, 2, 16)]
    [InlineData(37, 29, 3, 16)]
    [InlineData(37, 29, 4, 16)]
    [InlineData(1201, 1300, 3, 8)]
    public void What_is_written_is_read_back(int width, int height, int channels, int bitDepth)
    {
        Raster raster = TestPictures.Waves(width, height, channels, bitDepth);

        Raster back = Pictures.Decode(new MemoryStream(Encode(raster)), "picture");

        Assert.Equal((width, height, channels, bitDepth), (back.Width, back.Height, back.Channels, back.BitDepth));
        Assert.True(raster.Data.AsSpan().SequenceEqual(back.Data));
    }

    [Fact]
    public void Metadata_survives()
    {
        var metadata = new PictureMetadata
        {
            IccProfile = [1, 2, 3, 4],
            Exif = [.. "MM\0*"u8],
            Xmp = [.. "<x>ü</x>"u8],
            PixelsPerMetre = (3000, 2999),
            Texts = [new PictureText("Prompt", "an empty bench"), new PictureText("Comment", "日本語\nzwei")],
            ColorChunks = [new PngColorChunk("gAMA", [0, 0, 0xB1, 0x8F])],
        };
        var raster = new Raster(2, 2, 3) { Metadata = metadata };

        PictureMetadata back = Pictures.Decode(new MemoryStream(Encode(raster)), "picture").Metadata;

        Assert.Equal(metadata.IccProfile, back.IccProfile);
        Assert.Equal(metadata.Exif, back.Exif);
        Assert.Equal(metadata.Xmp, back.Xmp);
        Assert.Equal(metadata.PixelsPerMetre, back.PixelsPerMetre);
        Assert.Equal(metadata.Texts, back.Texts);
        Assert.Equal(metadata.ColorChunks[0].Data, Assert.Single(back.ColorChunks).Data);
    }

    [Fact]
    public void Filters_make_a_smooth_picture_small()
    {
        Raster raster = TestPictures.Waves(512, 512, 3, 8);

        var unfiltered = new MemoryStream();
        using (var zlib = new ZLibStream(unfiltered, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(raster.Data);
        }

        Assert.InRange(Encode(raster).Length, 1, unfiltered.Length * 2 / 3);
    }

    private static byte[] Encode(Raster raster)
    {
        var target = new MemoryStream();
        Pictures.Encode(raster, PictureFormat.Png, target);
        return target.ToArray();
    }
}
