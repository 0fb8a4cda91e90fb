using System.Diagnostics;
using System.Runtime.InteropServices;
using Inpaint.Imaging;
using Inpaint.Imaging.Fill;

namespace Inpaint.Benchmarks;

/// <summary>
/// How long this module takes in proportion to another program. The two run in turn, file to file, and the ratio is taken pair by pair, so that a machine whose speed
/// drifts does not favour either. The other program's time includes the start of its process; this one runs warm, as in a session.
/// </summary>
internal static class Comparison
{
    private const int Pairs = 5;

    /// <summary>Compares the fill with G'MIC as far as it is installed, and prints a table.</summary>
    /// <param name="picture">The picture to be filled.</param>
    /// <param name="mask">Its mask.</param>
    public static void RunFill(string picture, string mask)
    {
        PrintHead();
        if (OtherProgram.Find(["gmic"], "-version", "gmic") is { } gmic)
        {
            string target = TemporaryPath(".png");
            Compare(
                "fill",
                () => Fill(picture, mask, target),
                () => gmic.Run("-v", "-1", picture, mask, "norm[1]", "ge[1]", "128", "inpaint_matchpatch[0]", "[1]", "remove[1]", "output", target));
            File.Delete(target);
        }
        else
        {
            Console.WriteLine("G'MIC is not installed: the fill is not compared.");
        }
    }

    private static void PrintHead()
    {
        Console.WriteLine($"{"",-24} {"ms (median)",22}   {"elapsed, ours / theirs",26}   {"processor time, ours / theirs",30}");
        Console.WriteLine($"{"",-24} {"ours",10} {"theirs",11}   {"min",8} {"median",8} {"max",8}   {"min",12} {"median",8} {"max",8}");
    }

    private static void Fill(string picture, string mask, string target)
    {
        Raster filled = PatchFill.Fill(BenchmarkPictures.Decode(picture), BenchmarkPictures.ReadMask(mask).Coverage, new PatchFillOptions { Seed = 1 }, progress: null, CancellationToken.None);
        Write(filled, PictureFormat.Png, target);
    }

    private static void Write(Raster raster, PictureFormat format, string path)
    {
        using FileStream stream = File.Create(path);
        Pictures.Encode(raster, format, stream);
    }

    private static string TemporaryPath(string extension) => Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + extension);

    private static void Compare(string name, Action ours, Action theirs)
    {
        ours();
        theirs();
        var pairs = new List<(Cost Ours, Cost Theirs)>();
        for (int pair = 0; pair < Pairs; pair++)
        {
            pairs.Add((Measure(ours, OwnProcessorTime), Measure(theirs, OtherProgram.ChildrenProcessorTime)));
        }

        double[] elapsed = [.. pairs.Select(pair => pair.Ours.Elapsed / pair.Theirs.Elapsed).Order()];
        double[] processor = [.. pairs.Where(pair => pair.Theirs.Processor > TimeSpan.Zero).Select(pair => pair.Ours.Processor!.Value / pair.Theirs.Processor!.Value).Order()];
        string known = processor.Length == 0 ? "not known here" : $"{processor[0],12:0.00} {processor[processor.Length / 2],8:0.00} {processor[^1],8:0.00}";
        Console.WriteLine(
            $"{name,-24} {Median(pairs.Select(pair => pair.Ours)),10:0} {Median(pairs.Select(pair => pair.Theirs)),11:0}   {elapsed[0],8:0.00} {elapsed[Pairs / 2],8:0.00} {elapsed[^1],8:0.00}   {known}");
    }

    private static double Median(IEnumerable<Cost> costs) => costs.Select(cost => cost.Elapsed.TotalMilliseconds).Order().ElementAt(Pairs / 2);

    private static Cost Measure(Action action, Func<TimeSpan?> processorTime)
    {
        // What the other side has left behind is not collected at this one's cost.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TimeSpan? before = processorTime();
        long start = Stopwatch.GetTimestamp();
        action();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        return new Cost(elapsed, processorTime() - before);
    }

    private static TimeSpan? OwnProcessorTime()
    {
        using Process self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Cost(TimeSpan Elapsed, TimeSpan? Processor);
}
