using System.Globalization;
using Inpaint.Imaging;
using Xunit;

namespace Inpaint.Tests.Imaging.Metadata;

public class JpegReadTests
{
    public static TheoryData<string, string, int, int, int> ColorFiles()
    {
        var files = new TheoryData<string, string, int, int, int>();
        foreach (string sampling in new[] { "1x1", "2x1", "1x2", "2x2", "4x1", "1x4", "4x2", "2x2,2x1,1x2", "3x1", "1x1,2x1,1x2" })
        {
            files.Add(sampling, "None", 125, 83, 90);
            files.Add(sampling, "JPEG", 125, 83, 30);
        }

        // Small ones, where hardly a sample has all its neighbours.
        foreach (string sampling in new[] { "1x1", "2x1", "1x2", "2x2" })
        {
            files.Add(sampling, "None", 5, 3, 100);
            files.Add(sampling, "JPEG", 6, 17, 80);
        }

        files.Add("2x2", "None", 1, 1, 80);
        return files;
    }

    [RequiresTheory(Requirement.ImageMagick)]
    [MemberData(nameof(ColorFiles))]
    public void Color_is_decoded_as_libjpeg_decodes_it(string sampling, string interlace, int width, int height, int quality)
    {
        byte[] file = Make(width, height, "-sampling-factor", sampling, "-interlace", interlace, "-quality", quality.ToString(CultureInfo.InvariantCulture));

        Raster raster = Pictures.Decode(new MemoryStream(file), "picture");

        Assert.Equal((width, height, 3, 8), (raster.Width, raster.Height, raster.Channels, raster.BitDepth));
        Assert.InRange(LargestDifference(ImageMagick.Decode(file, "rgb"), raster.Data), 0, sampling == "1x1" ? 2 : 4);
    }

    [RequiresTheory(Requirement.ImageMagick)]
    [InlineData("None")]
    [InlineData("JPEG")]
    public void Gray_is_decoded_as_libjpeg_decodes_it(string interlace)
    {
        byte[] file = Make(61, 47, "-colorspace", "Gray", "-interlace", interlace);

        Raster raster = Pictures.Decode(new MemoryStream(file), "picture");

        Assert.Equal(1, raster.Channels);
        Assert.InRange(LargestDifference(ImageMagick.Decode(file, "gray"), raster.Data), 0, 1);
    }

    [RequiresTheory(Requirement.ImageMagick)]
    [InlineData("None", "1x1")]
    [InlineData("JPEG", "2x2")]
    public void The_colors_of_printing_become_those_of_a_screen(string interlace, string sampling)
    {
        byte[] file = Make(61, 47, "-colorspace", "CMYK", "-interlace", interlace, "-sampling-factor", sampling);

        Raster raster = Decode(file);

        Assert.Equal((3, 8), (raster.Channels, raster.BitDepth));
        Assert.Null(raster.Metadata.IccProfile);
        Assert.True(Pictures.ReadHeader(new MemoryStream(file), "picture").IsCmyk);

        // What tomato and steel blue look like in print: red stays the strongest, or blue does.
        Assert.Contains(Enumerable.Range(0, 61 * 47), i => raster.Data[3 * i] > raster.Data[(3 * i) + 2] + 40);
        Assert.Contains(Enumerable.Range(0, 61 * 47), i => raster.Data[(3 * i) + 2] > raster.Data[3 * i] + 40);
    }

    [RequiresTheory(Requirement.ImageMagick)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Exif_orientation_is_applied_and_then_reset(byte orientation)
    {
        byte[] plain = Make(40, 24, "-sampling-factor", "1x1");
        byte[] exif = ExifOrientationTests.Exif(orientation, bigEndian: orientation % 2 == 0);
        byte[] file = [0xFF, 0xD8, 0xFF, 0xE1, 0, (byte)(exif.Length + 8), .. "Exif\0\0"u8, .. exif, .. plain[2..]];

        Raster raster = Pictures.Decode(new MemoryStream(file), "picture");

        Assert.Equal(orientation < 5 ? (40, 24) : (24, 40), (raster.Width, raster.Height));
        Assert.InRange(LargestDifference(ImageMagick.Decode(file, "rgb", 8, "-auto-orient"), raster.Data), 0, 2);
        Assert.Equal(ExifOrientationTests.Exif(1, bigEndian: orientation % 2 == 0), raster.Metadata.Exif);
    }

    private static Raster Decode(byte[] file) => Pictures.Decode(new MemoryStream(file), "picture");

    internal static int LargestDifference(byte[] expected, byte[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        int largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i] - actual[i]));
        }

        return largest;
    }

    // Plasma has smooth parts and edges of all colours.
    private static byte[] Make(int width, int height, params string[] options) =>
        ImageMagick.Run([], ["-size", $"{width}x{height}", "-seed", "7", "plasma:tomato-steelblue", .. options, "jpeg:-"]);
}
