using System.Globalization;
using Inpaint.Imaging;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Imaging.Metadata;

/// <summary>PNG files of this encoder in another program, and the other way round: identical samples.</summary>
public class PngExchangeTests
{
    [RequiresTheory(Requirement.ImageMagick)]
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
        Pictures.Encode(raster, PictureFormat.Png, file);

        byte[] expected = ImageMagick.Decode(file.ToArray(), "rgba", bitDepth);

        Assert.True(RasterLayout.Convert(raster, 4, bitDepth).Data.AsSpan().SequenceEqual(expected));
    }

    [RequiresTheory(Requirement.ImageMagick)]
    [InlineData(8)]
    [InlineData(16)]
    public void Every_layout_is_read_as_another_program_reads_it(int bitDepth)
    {
        // One run of the other program for all of them.
        using var folder = new TemporaryFolder();
        var files = new List<(string Layout, string Path, byte[] Samples)>();
        foreach ((int colorType, int depth, bool interlaced, bool transparent, int width, int height) in PngReadTests.Layouts().Select(row => row.Data))
        {
            if ((depth == 16) == (bitDepth == 16))
            {
                string layout = $"{colorType}-{depth}-{interlaced}-{transparent}-{width}x{height}";
                byte[] file = PngReadTests.Make(colorType, depth, interlaced, transparent, width, height).ToBytes();
                Raster raster = Pictures.Decode(new MemoryStream(file), "picture");
                files.Add((layout, folder.Write(layout + ".png", file), RasterLayout.Convert(raster, 4, bitDepth).Data));
            }
        }

        byte[] expected = ImageMagick.DecodeAll(files.Select(f => f.Path), "rgba", bitDepth);

        Assert.Equal(files.Sum(f => f.Samples.Length), expected.Length);
        int at = 0;
        foreach ((string layout, _, byte[] samples) in files)
        {
            Assert.True(expected.AsSpan(at, samples.Length).SequenceEqual(samples), layout);
            at += samples.Length;
        }
    }

    [RequiresTheory(Requirement.ImageMagick)]
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

        Raster raster = Pictures.Decode(new MemoryStream(file), "picture");

        Assert.Equal(bitDepth, raster.BitDepth);
        Assert.True(RasterLayout.Convert(raster, 4, bitDepth).Data.AsSpan().SequenceEqual(ImageMagick.Decode(file, "rgba", bitDepth)));
    }
}
