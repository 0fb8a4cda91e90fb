using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;
using Xunit;

namespace Inpaint.Tests.Imaging.Metadata;

public class JpegWriteTests
{
    [Theory]
    [InlineData(1, 1, 3, 8)]
    [InlineData(1, 1, 1, 8)]
    [InlineData(130, 77, 3, 8)]
    [InlineData(130, 77, 1, 8)]
    [InlineData(130, 77, 3, 16)]
    [InlineData(130, 77, 1, 16)]
    public void What_is_written_is_read_back_nearly_the_same(int width, int height, int channels, int bitDepth)
    {
        Raster raster = TestPictures.Waves(width, height, channels, bitDepth);

        Raster back = Pictures.Decode(new MemoryStream(Encode(raster, 98)), "picture");

        Assert.Equal((width, height, channels, 8), (back.Width, back.Height, back.Channels, back.BitDepth));
        byte[] expected = bitDepth == 8 ? raster.Data : [.. raster.AsUInt16().ToArray().Select(v => (byte)Math.Round(v / 257.0))];
        Assert.InRange(JpegReadTests.LargestDifference(expected, back.Data), 0, 4);
    }

    [RequiresTheory(Requirement.ImageMagick)]
    [InlineData(3, 85)]
    [InlineData(3, 100)]
    [InlineData(3, 20)]
    [InlineData(1, 85)]
    public void Another_program_reads_the_same(int channels, int quality)
    {
        byte[] file = Encode(TestPictures.Waves(301, 199, channels), quality);

        byte[] expected = ImageMagick.Decode(file, channels == 1 ? "gray" : "rgb");

        Assert.InRange(JpegReadTests.LargestDifference(expected, Pictures.Decode(new MemoryStream(file), "picture").Data), 0, 4);
    }

    [Fact]
    public void A_lower_quality_takes_less_room()
    {
        Raster raster = TestPictures.Waves(200, 200, 3);

        int[] lengths = [.. new[] { 10, 50, 75, 90, 100 }.Select(q => Encode(raster, q).Length)];

        Assert.Equal(lengths.Order(), lengths);
        Assert.Equal(lengths.Length, lengths.Distinct().Count());
    }

    [Fact]
    public void Transparency_is_laid_over_white()
    {
        var raster = new Raster(16, 16, 4);
        for (int i = 0; i < raster.Data.Length; i += 4)
        {
            raster.Data[i] = 255;
            raster.Data[i + 3] = 128;
        }

        Raster back = Pictures.Decode(new MemoryStream(Encode(raster, 100)), "picture");

        Assert.Equal(3, back.Channels);
        Assert.InRange(back.Data[0], 253, 255);
        Assert.InRange(back.Data[1], 125, 129);
    }

    [Fact]
    public void Metadata_survives_even_a_profile_of_several_segments()
    {
        byte[] profile = new byte[150_000];
        new Random(3).NextBytes(profile);
        var metadata = new PictureMetadata
        {
            IccProfile = profile,
            Exif = ExifOrientationTests.Exif(1, bigEndian: true),
            Xmp = [.. "<x/>"u8],
            PixelsPerMetre = (11811, 5906),
            Texts = [new PictureText("Comment", "Grüße"), new PictureText("Prompt", "a lion")],
        };
        Raster raster = new(8, 8, 3) { Metadata = metadata };

        PictureMetadata back = Pictures.Decode(new MemoryStream(Encode(raster, 90)), "picture").Metadata;

        Assert.Equal(profile, back.IccProfile);
        Assert.Equal(metadata.Exif, back.Exif);
        Assert.Equal(metadata.Xmp, back.Xmp);
        Assert.Equal((11811, 5906), back.PixelsPerMetre);
        Assert.Equal(["Grüße", "Prompt: a lion"], back.Texts.Select(t => t.Text));
    }

    [Fact]
    public void A_side_beyond_the_formats_reach_is_refused()
    {
        InpaintException e = Assert.Throws<InpaintException>(() => Encode(new Raster(65536, 1, 1), 90));

        Assert.Equal(InpaintErrorId.ImageTooLarge, e.ErrorId);
    }

    internal static byte[] Encode(Raster raster, int quality)
    {
        var target = new MemoryStream();
        Pictures.Encode(raster, PictureFormat.Jpeg, target, quality);
        return target.ToArray();
    }
}
