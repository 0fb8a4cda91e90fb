using System.Globalization;
using Inpaint.Imaging;
using Inpaint.Imaging.Png;
using Xunit;

namespace Inpaint.Tests.Imaging.Png;

/// <summary>PNG files of this encoder in another program, and the other way round: identical samples.</summary>
public class PngExchangeTests
{
    [Theory]
    [InlineData(1, 8)]
    [InlineData(2, 8)]
    [InlineData(3, 8)]
    [InlineData(4, 8)]
    [InlineData(1, 16)]
    [InlineData(3, 16)]
    [InlineData(4, 16)]
    public void Another_program_reads_what_is_written(int channels, int bitDepth)
    {
        // Large enough for several bands.
        Raster raster = TestPictures.Waves(700, 1600 / channels, channels, bitDepth);
        var file = new MemoryStream();
        PngEncoder.Encode(raster, file);

        byte[] expected = ImageMagick.Decode(file.ToArray(), "rgba", bitDepth);

        Assert.True(RasterLayout.Convert(raster, 4, bitDepth).Data.AsSpan().SequenceEqual(expected));
    }

    [Theory]
    [InlineData("PNG24", 8, "None")]
    [InlineData("PNG32", 8, "None")]
    [InlineData("PNG8", 8, "None")]
    [InlineData("PNG48", 16, "None")]
    [InlineData("PNG64", 16, "None")]
    [InlineData("PNG24", 8, "PNG")]
    [InlineData("PNG64", 16, "PNG")]
    public void What_another_program_writes_is_read(string kind, int bitDepth, string interlace)
    {
        byte[] file = ImageMagick.Run(
            [],
            "-size", "99x77", "-seed", "7", "plasma:tomato-steelblue", "-alpha", "set", "-channel", "A", "-evaluate", "set", "40%", "+channel",
            "-depth", bitDepth.ToString(CultureInfo.InvariantCulture), "-interlace", interlace, kind + ":-");

        Raster raster = PngDecoder.Decode(new MemoryStream(file));

        Assert.Equal(bitDepth, raster.BitDepth);
        Assert.True(RasterLayout.Convert(raster, 4, bitDepth).Data.AsSpan().SequenceEqual(ImageMagick.Decode(file, "rgba", bitDepth)));
    }
}
