using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Inpaint.Benchmarks.Batches;

/// <summary>
/// The module in a real shell beside fal's own client and the loop that a user would write, all against the same emulated fal: what a batch takes in time, processor
/// time, memory and requests. The contenders run in turn, so that a machine whose speed drifts favours none; medians are shown.
/// </summary>
internal sealed class BatchTable : IDisposable
{
    private readonly EmulatorProcess emulator = EmulatorProcess.Start();
    private readonly BenchmarkFolder folder = new();
    private readonly string module;
    private readonly Contender idleShell = new("idle shell", work => Programs.Shell("module.ps1", work with { Jobs = 0 }, "-"));
    private readonly Contender idleNode = new("idle node", work => Programs.Node("idle", work with { Jobs = 0 }));
    private readonly Contender[] contenders;

    private BatchTable(string module)
    {
        this.module = module;
        Contender ours = new("module", work => Programs.Shell("module.ps1", work, module));
        contenders = Programs.InstallClient()
            ? [ours, new("client, streaming", work => Programs.Node("streaming", work)), new("client, polling", work => Programs.Node("polling", work)), new("loop", work => Programs.Shell("loop.ps1", work))]
            : [ours, new("loop", work => Programs.Shell("loop.ps1", work))];
    }

    /// <summary>Measures, and prints the table.</summary>
    /// <param name="module">The module's manifest.</param>
    /// <param name="isLong">Whether to take the longer runs, for half an hour.</param>
    public static async Task RunAsync(string module, bool isLong)
    {
        using BatchTable table = new(module);
        int rounds = isLong ? 5 : 3;
        table.MeasureImport(rounds * 3);
        await table.MeasureAsync("one job after the other, 300 ms each", new Work(isLong ? 40 : 16, 1, TimeSpan.FromMilliseconds(300)), rounds);
        await table.MeasureAsync("100 jobs of 1.25 s, 16 at a time", new Work(100, 16, TimeSpan.FromSeconds(1.25)), rounds);
        Work many = new(1000, 64, TimeSpan.FromMilliseconds(60));
        Dictionary<string, Usage> less = await table.MeasureAsync("1,000 jobs of 60 ms, 64 at a time", many, rounds);
        Work more = many with { Jobs = isLong ? 4000 : 2000 };
        Dictionary<string, Usage> most = await table.MeasureAsync(string.Create(CultureInfo.InvariantCulture, $"{more.Jobs:N0} jobs of 60 ms, 64 at a time"), more, isLong ? 3 : 1);
        table.PrintFurther(less, most, more.Jobs - many.Jobs);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        emulator.Dispose();
        folder.Dispose();
    }

    private static Usage Median(IReadOnlyCollection<Usage> runs) =>
        new(Programs.Median(runs.Select(r => r.Wall)), Programs.Median(runs.Select(r => r.Cpu)), Programs.Median(runs.Select(r => r.Peak)), Programs.Median(runs.Select(r => r.Allocated)), Programs.Median(runs.Select(r => r.Methods)));

    private void MeasureImport(int rounds)
    {
        Console.WriteLine("importing the module, the whole process beside a bare shell");
        string[] bare = [.. Programs.ShellLine, "-Command", "exit"];
        string[] import = [.. bare[..^1], $"Import-Module '{module}'"];
        Time(bare);
        Time(import);
        double[] ratios = [.. Enumerable.Range(0, rounds).Select(_ => Time(bare) is var shell ? Time(import) / shell : 0).Order()];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {Programs.Median(ratios):0.00} times ({ratios[0]:0.00} to {ratios[^1]:0.00} in {rounds} pairs)"));

        static double Time(string[] line)
        {
            long start = Stopwatch.GetTimestamp();
            using Process process = Process.Start(new ProcessStartInfo(line[0], line[1..]))!;
            process.WaitForExit();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private async Task<Dictionary<string, Usage>> MeasureAsync(string title, Work work, int rounds)
    {
        Dictionary<string, List<Usage>> usages = [];
        Dictionary<string, List<(double Middle, double Late, int Requests)>> files = [];
        for (int round = 0; round < rounds; round++)
        {
            foreach (Contender contender in new[] { idleShell, idleNode }.Concat(contenders).Where(c => c != idleNode || contenders.Length > 2))
            {
                Work here = await PrepareAsync(work);
                Add(usages, contender.Name, contender.Run(here));
                if (contender != idleShell && contender != idleNode)
                {
                    Add(files, contender.Name, await ReadFilesAsync(here));
                }

                Directory.Delete(here.Folder, recursive: true);
            }
        }

        Print(title, work, usages, files);
        return contenders.ToDictionary(c => c.Name, c => Median(usages[c.Name]), StringComparer.Ordinal);

        static void Add<T>(Dictionary<string, List<T>> all, string name, T item)
        {
            if (!all.TryGetValue(name, out List<T>? own))
            {
                all.Add(name, own = []);
            }

            own.Add(item);
        }
    }

    private async Task<Work> PrepareAsync(Work work)
    {
        await emulator.ResetAsync(work.Duration, folder.Picture, folder.Mask);
        return folder.Prepare(work) with { Emulator = emulator.Address };
    }

    /// <summary>Reads how long after its completion each job's file was whole, in milliseconds.</summary>
    private async Task<(double Middle, double Late, int Requests)> ReadFilesAsync(Work work)
    {
        Dictionary<string, DateTimeOffset> jobs = await emulator.JobsAsync();
        double[] delays = [.. new DirectoryInfo(Path.Combine(work.Folder, "out")).EnumerateFiles()
            .Select(file => (file.LastWriteTimeUtc - jobs[Path.GetFileNameWithoutExtension(file.Name)].UtcDateTime - work.Duration).TotalMilliseconds).Order()];
        return delays.Length == work.Jobs
            ? (delays[delays.Length / 2], delays[(int)(delays.Length * 0.95)], await emulator.CountRequestsAsync())
            : throw new InvalidOperationException($"{delays.Length} files of {work.Jobs} are there.");
    }

    private void Print(string title, Work work, Dictionary<string, List<Usage>> usages, Dictionary<string, List<(double Middle, double Late, int Requests)>> files)
    {
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title} (the provider alone: {work.Ideal:0.00} s)"));
        Console.WriteLine($"  {"",-18}{"wall s",8}{"/ ideal",9}{"CPU s",8}{"MiB",7}{"KB/job",8}{"methods",9}{"to file ms",12}{"95 %",7}{"requests/job",14}");
        foreach (Contender contender in contenders)
        {
            Usage own = Median(usages[contender.Name]);
            Usage idle = Median(usages[contender.Name.StartsWith("client", StringComparison.Ordinal) ? idleNode.Name : idleShell.Name]);
            List<(double Middle, double Late, int Requests)> seen = files[contender.Name];
            string managed = own.Methods == 0 ? $"{"",8}{"",9}" : string.Create(CultureInfo.InvariantCulture, $"{(own.Allocated - idle.Allocated) / 1024 / work.Jobs,8:0}{own.Methods - idle.Methods,9:0}");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {contender.Name,-18}{own.Wall,8:0.00}{own.Wall / work.Ideal,9:0.000}{own.Cpu - idle.Cpu,8:0.00}{(own.Peak - idle.Peak) / (1 << 20),7:0}{managed}{Programs.Median(seen.Select(s => s.Middle)),12:0}{Programs.Median(seen.Select(s => s.Late)),7:0}{Programs.Median(seen.Select(s => (double)s.Requests)) / work.Jobs,14:0.0}"));
        }
    }

    private void PrintFurther(Dictionary<string, Usage> less, Dictionary<string, Usage> most, int jobs)
    {
        Console.WriteLine();
        Console.WriteLine("one more job in a long batch");
        Console.WriteLine($"  {"",-18}{"wall ms",8}{"CPU ms",8}{"KB",7}{"peak MiB more",15}");
        foreach (Contender contender in contenders)
        {
            (Usage from, Usage to) = (less[contender.Name], most[contender.Name]);
            string allocated = to.Allocated == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{(to.Allocated - from.Allocated) / 1024 / jobs:0}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {contender.Name,-18}{(to.Wall - from.Wall) * 1000 / jobs,8:0.0}{(to.Cpu - from.Cpu) * 1000 / jobs,8:0.0}{allocated,7}{(to.Peak - from.Peak) / (1 << 20),15:0}"));
        }
    }
}
