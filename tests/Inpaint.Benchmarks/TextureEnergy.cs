using System.Globalization;
using System.Runtime.InteropServices;
using Inpaint.Imaging;
using Inpaint.Imaging.Fill;
using Inpaint.Imaging.Masks;

namespace Inpaint.Benchmarks;

/// <summary>
/// How much texture a fill keeps: holes are cut into photographs at places that nobody chooses, and the energy of the steps between pixels in the fill is set in proportion
/// to that of what had been there. One is as rough as the truth; a fill that smears is far below.
/// </summary>
internal static class TextureEnergy
{
    // Photographs are brought to this size, at which their texture is sharp.
    private const int LongerSide = 768;
    private const int HolesInEach = 3;

    // The smaller and the larger bound of a hole's sides, as shares of the picture's shorter side.
    private const double SmallestShare = 0.12;
    private const double LargestShare = 0.3;

    // Below a mean step of this size, of 255, there is no texture to keep.
    private const double Flat = 1;

    // What a good fill keeps to.
    private const double Tolerance = 0.2;

    // A fill can know only what surrounds the hole: where the truth differs from that by more, it was an object of its own.
    private const double LikeSurroundings = 0.3;

    /// <summary>Measures, and prints a line for each hole and a summary.</summary>
    /// <param name="pictures">The photographs.</param>
    /// <param name="folder">Where the pictures, masks and fills are kept to be looked at; null keeps none.</param>
    public static void Measure(IReadOnlyList<string> pictures, string? folder)
    {
        OtherProgram? gmic = OtherProgram.Find(["gmic"], "-version", "gmic");
        DirectoryInfo place = folder is null ? Directory.CreateTempSubdirectory("inpaint-energy-") : Directory.CreateDirectory(folder);
        var found = new List<Finding>();
        Console.WriteLine($"{"hole",-44} {"truth",7} {"around",7} {"ours",6} {"G'MIC",6}");
        foreach (string path in pictures)
        {
            Raster picture = Shrink(BenchmarkPictures.Decode(path));
            string name = Path.GetFileNameWithoutExtension(path);
            int number = 0;
            foreach (PixelRect hole in Holes(name, picture))
            {
                number++;
                Finding finding = Measure(picture, hole, Path.Combine(place.FullName, $"{name}-{number}"), gmic);
                Print($"{(name.Length > 16 ? name[..16] : name)} {number} {hole.Width}x{hole.Height}+{hole.X}+{hole.Y}", finding);
                found.Add(finding);
            }
        }

        if (folder is null)
        {
            place.Delete(recursive: true);
        }

        Finding[] textured = [.. found.Where(finding => finding.Truth >= Flat)];
        Console.WriteLine();
        Console.WriteLine($"{found.Count - textured.Length} of {found.Count} holes are flat and not counted.");
        Summarise("all others", textured);
        Summarise("like their surroundings", [.. textured.Where(finding => finding.CanBeKnown)]);
    }

    private static Finding Measure(Raster picture, PixelRect hole, string path, OtherProgram? gmic)
    {
        Mask mask = Ellipse(picture, hole);
        Mask inside = Ellipse(picture, hole.Inflate(-1));
        Mask around = Ellipse(picture, hole.Inflate((hole.Width + hole.Height) / 8));
        Mask edge = Ellipse(picture, hole.Inflate(1));
        for (int index = 0; index < around.Coverage.Length; index++)
        {
            around.Coverage[index] &= (byte)~edge.Coverage[index];
        }

        Raster filled = PatchFill.Fill(picture, mask.Coverage, new PatchFillOptions { Seed = 1 }, progress: null, CancellationToken.None);
        Write(filled, path + "-ours.png");
        double truth = Energy(picture, inside);
        double? theirs = null;
        if (gmic is not null)
        {
            (string source, string maskFile, string target) = (path + "-source.png", path + "-mask.png", path + "-gmic.png");
            Write(picture, source);
            using (FileStream stream = File.Create(maskFile))
            {
                stream.Write(mask.ToPng());
            }

            gmic.Run("-v", "-1", source, maskFile, "norm[1]", "ge[1]", "128", "inpaint_matchpatch[0]", "[1]", "remove[1]", "output", target);
            theirs = Energy(BenchmarkPictures.Decode(target), inside) / truth;
        }

        return new Finding(truth, Energy(picture, around), Energy(filled, inside) / truth, theirs);
    }

    // The name is the seed, so that a photograph has the same holes in whatever company it is measured.
    private static IEnumerable<PixelRect> Holes(string name, Raster picture)
    {
        var random = new Random(name.Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter)));
        int shorter = Math.Min(picture.Width, picture.Height);
        for (int number = 0; number < HolesInEach; number++)
        {
            int width = random.Next((int)(shorter * SmallestShare), (int)(shorter * LargestShare) + 1);
            int height = random.Next((int)(shorter * SmallestShare), (int)(shorter * LargestShare) + 1);
            yield return new PixelRect(random.Next(width / 2, picture.Width - (width * 3 / 2)), random.Next(height / 2, picture.Height - (height * 3 / 2)), width, height);
        }
    }

    private static Raster Shrink(Raster picture)
    {
        double scale = (double)LongerSide / Math.Max(picture.Width, picture.Height);
        return scale >= 1 ? picture : Pictures.Resize(picture, (int)Math.Round(picture.Width * scale), (int)Math.Round(picture.Height * scale));
    }

    private static Mask Ellipse(Raster picture, PixelRect bounds)
    {
        var mask = new Mask(picture.Width, picture.Height);
        MaskShapes.AddEllipse(mask, bounds);
        return mask;
    }

    // The mean step of brightness to the pixels on the right and below, where the mask is set; in 16 bits, so that small steps are not lost to rounding.
    private static double Energy(Raster picture, Mask where)
    {
        Raster gray = RasterLayout.Convert(RasterLayout.Convert(picture, picture.Channels, 16), 1, 16);
        long sum = 0;
        long count = 0;
        for (int y = 0; y + 1 < gray.Height; y++)
        {
            ReadOnlySpan<ushort> row = gray.RowUInt16(y);
            ReadOnlySpan<ushort> below = gray.RowUInt16(y + 1);
            for (int x = 0; x + 1 < gray.Width; x++)
            {
                if (where.Coverage[(y * gray.Width) + x] != 0)
                {
                    sum += Math.Abs(row[x + 1] - row[x]) + Math.Abs(below[x] - row[x]);
                    count++;
                }
            }
        }

        return sum / 257.0 / count;
    }

    private static void Write(Raster raster, string path)
    {
        using FileStream stream = File.Create(path);
        Pictures.Encode(raster, PictureFormat.Png, stream);
    }

    private static void Print(string hole, Finding finding)
    {
        string ratios = finding.Truth < Flat ? "flat" : string.Create(CultureInfo.InvariantCulture, $"{finding.Ours,6:0.00} {finding.Theirs,6:0.00} {(finding.CanBeKnown ? "" : "unlike its surroundings")}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{hole,-44} {finding.Truth,7:0.0} {finding.Around,7:0.0} {ratios}").TrimEnd());
    }

    private static void Summarise(string which, Finding[] findings)
    {
        Summarise(which + ", ours", [.. findings.Select(finding => finding.Ours).Order()]);
        Summarise(which + ", G'MIC", [.. findings.Select(finding => finding.Theirs).OfType<double>().Order()]);

        // What a fill would have that is exactly as rough as the picture beside it: more than that nobody can know.
        Summarise(which + ", the surroundings", [.. findings.Select(finding => finding.Around / finding.Truth).Order()]);
    }

    private static void Summarise(string which, double[] ratios)
    {
        if (ratios.Length > 0)
        {
            int near = ratios.Count(ratio => Math.Abs(ratio - 1) <= Tolerance);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{which}: {near} of {ratios.Length} within {Tolerance:0 %} of the truth, median {ratios[ratios.Length / 2]:0.00}, from {ratios[0]:0.00} to {ratios[^1]:0.00}"));
        }
    }

    // Mean steps of the truth and of what is around the hole, and the fills' energies as shares of the truth's.
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Finding(double Truth, double Around, double Ours, double? Theirs)
    {
        public bool CanBeKnown => Math.Abs((Truth / Around) - 1) <= LikeSurroundings;
    }
}
