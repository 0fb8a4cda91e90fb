using Inpaint.Imaging;
using Inpaint.Imaging.Jpeg;
using Xunit;

namespace Inpaint.Tests.Imaging.Jpeg;

public class JpegEncoderTests
{
    [Theory]
    [InlineData(1, 1, 3, 8, false)]
    [InlineData(1, 1, 1, 8, false)]
    [InlineData(130, 77, 3, 8, false)]
    [InlineData(130, 77, 3, 8, true)]
    [InlineData(130, 77, 1, 8, false)]
    [InlineData(130, 77, 3, 16, false)]
    [InlineData(130, 77, 1, 16, false)]
    [InlineData(17, 500, 3, 8, true)]
    public void What_is_written_is_read_back_nearly_the_same(int width, int height, int channels, int bitDepth, bool halvesChroma)
    {
        Raster raster = TestPictures.Waves(width, height, channels, bitDepth);

        Raster back = JpegDecoder.Decode(new MemoryStream(Encode(raster, 98, halvesChroma)));

        Assert.Equal((width, height, channels, 8), (back.Width, back.Height, back.Channels, back.BitDepth));
        byte[] expected = bitDepth == 8 ? raster.Data : [.. raster.AsUInt16().ToArray().Select(v => (byte)Math.Round(v / 257.0))];
        Assert.InRange(JpegDecoderTests.LargestDifference(expected, back.Data), 0, halvesChroma ? 8 : 4);
    }

    [RequiresTheory(Requirement.ImageMagick)]
    [InlineData(3, 85, null)]
    [InlineData(3, 100, false)]
    [InlineData(3, 20, true)]
    [InlineData(1, 85, null)]
    public void Another_program_reads_the_same(int channels, int quality, bool? halvesChroma)
    {
        byte[] file = Encode(TestPictures.Waves(301, 199, channels), quality, halvesChroma);

        byte[] expected = ImageMagick.Decode(file, channels == 1 ? "gray" : "rgb");

        Assert.InRange(JpegDecoderTests.LargestDifference(expected, JpegDecoder.Decode(new MemoryStream(file)).Data), 0, 4);
    }

    [Fact]
    public void A_lower_quality_takes_less_room()
    {
        Raster raster = TestPictures.Waves(200, 200, 3);

        int[] lengths = [.. new[] { 10, 50, 75, 90, 100 }.Select(q => Encode(raster, q, halvesChroma: null).Length)];

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

        Raster back = JpegDecoder.Decode(new MemoryStream(Encode(raster, 100, halvesChroma: false)));

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

        PictureMetadata back = JpegDecoder.Decode(new MemoryStream(Encode(raster, 90, halvesChroma: null))).Metadata;

        Assert.Equal(profile, back.IccProfile);
        Assert.Equal(metadata.Exif, back.Exif);
        Assert.Equal(metadata.Xmp, back.Xmp);
        Assert.Equal((11811, 5906), back.PixelsPerMetre);
        Assert.Equal(["Grüße", "Prompt: a lion"], back.Texts.Select(t => t.Text));
    }

    [Fact]
    public void A_side_beyond_the_formats_reach_is_refused()
    {
        InpaintException e = Assert.Throws<InpaintException>(() => Encode(new Raster(65536, 1, 1), 90, halvesChroma: null));

        Assert.Equal(InpaintErrorId.ImageTooLarge, e.ErrorId);
    }

    internal static byte[] Encode(Raster raster, int quality, bool? halvesChroma)
    {
        var target = new MemoryStream();
        JpegEncoder.Encode(raster, target, quality, halvesChroma);
        return target.ToArray();
    }
}
