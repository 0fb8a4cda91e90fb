using System.Runtime.CompilerServices;
using Inpaint.Imaging;
using Inpaint.Tests.Imaging.Metadata;
using Xunit;

namespace Inpaint.Tests.Imaging;

/// <summary>Pictures as people have them, in the folder that the environment variable INPAINT_PICTURES names or among the samples, against an independent decoder.</summary>
public class RealPictureTests
{
    [RequiresFact(Requirement.ImageMagick)]
    public void Every_picture_of_a_folder_is_decoded_as_another_program_decodes_it()
    {
        string folder = Environment.GetEnvironmentVariable("INPAINT_PICTURES") is { Length: > 0 } named ? named : SamplePictures();
        var failures = new List<string>();
        int compared = 0;
        foreach (string path in Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, MatchCasing = MatchCasing.CaseInsensitive }))
        {
            if (Path.GetExtension(path).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg" or ".webp" or ".gif" or ".tif" or ".tiff" or ".avif")
            {
                compared++;
                if (Compare(path) is { } failure)
                {
                    failures.Add($"{path}: {failure}");
                }
            }
        }

        Assert.Empty(failures);
        Assert.NotEqual(0, compared);
    }

    private static string SamplePictures([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "..", "samples", "pictures");

    private static string? Compare(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        try
        {
            Raster raster = Pictures.Decode(new MemoryStream(file), path);
            bool isPng = PictureSniffer.Detect(file) == PictureFormat.Png;
            byte[] expected = ImageMagick.Decode(file, isPng ? "rgba" : "rgb", raster.BitDepth, "-auto-orient");
            byte[] actual = RasterLayout.Convert(raster, isPng ? 4 : 3, raster.BitDepth).Data;
            if (isPng)
            {
                return expected.AsSpan().SequenceEqual(actual) ? null : "samples differ";
            }

            int difference = JpegReadTests.LargestDifference(expected, actual);
            return difference <= 4 ? null : $"samples differ by {difference}";
        }
        catch (InpaintException e)
        {
            return e.Message;
        }
    }
}
