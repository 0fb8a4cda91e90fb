using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Inpaint.Imaging;
using Xunit;
using VipsImage = NetVips.Image;

namespace Inpaint.Tests.Imaging;

/// <summary>Every picture of <see cref="PictureCollections"/>, sample by sample, against an independent decoder.</summary>
public class RealPictureTests
{
    // What ImageMagick calls the orientations from 1 on. It does not look for one in a PNG.
    private static readonly string[] Orientations = ["TopLeft", "TopRight", "BottomRight", "BottomLeft", "LeftTop", "RightTop", "RightBottom", "LeftBottom"];

    // What libvips does not read, and says so. The last two are damaged files in which ImageMagick sees nothing wrong.
    private static readonly string[] KnownLimits =
    [
        "not a whole number of bytes", "bad labq format", "is not configured", "separate planes not supported", "has samples of the kind", "samples out of range",
        "unable to parse image", "error in tile",
    ];

    // ImageMagick is mistaken: about a transparent colour that is out of range, and about the alpha of a gray.
    private static readonly string[] OtherwiseRead = ["1_trns.png", "minisblack-2c-8b-alpha.tiff"];

    private static readonly Lazy<string> SrgbProfile = new(() => WriteProfile("srgb"));
    private static readonly Lazy<string> CmykProfile = new(() => WriteProfile("cmyk"));

    public static TheoryData<string> Collections => new(PictureCollections.Names);

    [RequiresTheory(Requirement.ImageMagick)]
    [MemberData(nameof(Collections))]
    public void Every_picture_is_decoded_as_another_program_decodes_it(string collection)
    {
        string[] paths = PictureCollections.Find(collection, out string? missing);
        Assert.SkipWhen(missing is not null, missing ?? "");
        ConcurrentBag<string> failures = [];
        int same = 0;
        int close = 0;
        int refused = 0;
        Parallel.ForEach(paths, path =>
        {
            switch (Compare(path, out int difference))
            {
                case null when difference < 0:
                    Interlocked.Increment(ref refused);
                    break;
                case null:
                    Interlocked.Increment(ref difference == 0 ? ref same : ref close);
                    break;
                case { } failure:
                    failures.Add($"{path}: {failure}");
                    break;
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{collection}: {same} the same, {close} within the rounding of their format, {refused} not read by one of the two.");
        Assert.True(failures.IsEmpty, string.Join('\n', failures));
    }

    /// <summary>Holds a file against ImageMagick.</summary>
    /// <param name="path">The file.</param>
    /// <param name="difference">The largest difference of a sample; -1 when there is nothing to compare.</param>
    /// <returns>What is wrong; null for nothing.</returns>
    private static string? Compare(string path, out int difference)
    {
        difference = -1;
        byte[] file = File.ReadAllBytes(path);
        try
        {
            Raster raster = Pictures.Decode(new MemoryStream(file), Path.GetFileName(path));
            PictureHeader header = Pictures.ReadHeader(new MemoryStream(file), path);
            string layout = raster.HasAlpha ? "rgba" : "rgb";
            byte[]? expected = DecodeOtherwise(path, layout, raster.BitDepth, Operations(header, raster), out bool isSure);
            byte[] actual = RasterLayout.Convert(raster, layout.Length, raster.BitDepth).Data;
            if (expected is null || OtherwiseRead.Contains(Path.GetFileName(path)))
            {
                return null;
            }

            if (expected.Length != actual.Length)
            {
                return isSure ? $"{expected.Length} bytes of samples are {actual.Length}" : null;
            }

            (difference, double mean) = Differences(expected, actual, raster, header.Format == PictureFormat.Gif && raster.HasAlpha);
            bool isGood = header.Format switch
            {
                // Where a file does not say how its colours were split, each decoder has a default of its own.
                PictureFormat.Avif => mean <= 8,
                _ when header.IsCmyk => mean <= 2,
                PictureFormat.Jpeg or PictureFormat.WebP => difference <= 4,
                PictureFormat.Tiff => difference <= 1,
                _ => difference == 0,
            };
            return isGood || !isSure ? null : $"samples differ by {difference}, {mean:0.0} in the mean";
        }
        catch (InpaintException e) when (e.ErrorId is InpaintErrorId.ImageUnsupported or InpaintErrorId.ImageTooLarge)
        {
            // What both refuse, or the other one reads with a warning, is broken.
            return DecodeOtherwise(path, "rgb", 8, [], out bool isSure) is null || !isSure || KnownLimits.Any(limit => e.Message.Contains(limit, StringComparison.Ordinal)) ? null : e.Message;
        }
    }

    private static string[] Operations(PictureHeader header, Raster raster) => header.Format switch
    {
        // Gamma is kept and not applied.
        PictureFormat.Png => ["-set", "colorspace", raster.ColorChannels == 1 ? "Gray" : "sRGB", "-orient", Orientations[header.Orientation - 1], "-auto-orient"],
        PictureFormat.Gif => ["-coalesce"],
        _ when header.IsCmyk => ["-auto-orient", "-intent", "Relative", "-black-point-compensation", "-profile", CmykProfile.Value, "-profile", SrgbProfile.Value],
        _ => ["-auto-orient"],
    };

    private static byte[]? DecodeOtherwise(string path, string layout, int bitDepth, string[] operations, out bool isSure)
    {
        (int code, byte[] samples, string said) = ImageMagick.TryDecode(path, layout, bitDepth, operations);
        isSure = code == 0 && said.Length == 0;
        return samples.Length == 0 ? null : samples;
    }

    private static (int Largest, double Mean) Differences(byte[] expected, byte[] actual, Raster raster, bool ignoresTransparent)
    {
        int channels = raster.HasAlpha ? 4 : 3;
        int largest = 0;
        long sum = 0;
        int count = raster.Width * raster.Height * channels;
        ReadOnlySpan<ushort> deepExpected = MemoryMarshal.Cast<byte, ushort>(expected);
        ReadOnlySpan<ushort> deepActual = MemoryMarshal.Cast<byte, ushort>(actual);
        for (int i = 0; i < count; i++)
        {
            if (ignoresTransparent && i % channels != 3 && actual[(i | 3) * (raster.BitDepth / 8)] == 0)
            {
                continue;
            }

            int difference = raster.BitDepth == 16 ? Math.Abs(deepExpected[i] - deepActual[i]) : Math.Abs(expected[i] - actual[i]);
            largest = Math.Max(largest, difference);
            sum += difference;
        }

        return (largest, sum / (raster.BitDepth == 16 ? 257.0 : 1) / Math.Max(1, count));
    }

    private static string WriteProfile(string name)
    {
        string path = Path.Combine(AppContext.BaseDirectory, $"{name}.icc");
        File.WriteAllBytes(path, VipsImage.ProfileLoad(name));
        return path;
    }
}
