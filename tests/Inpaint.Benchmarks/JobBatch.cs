using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security;
using Inpaint.Emulator;
using Inpaint.Emulator.Jobs;
using Inpaint.Engine;

namespace Inpaint.Benchmarks;

/// <summary>
/// A batch of jobs against the emulator, from the request to the file on disk: how long it takes in proportion to what the service itself needs, how long after its
/// completion a job's file is there, and what a job costs. The emulator runs in the same process, so that its processor time and allocations are included.
/// </summary>
internal static class JobBatch
{
    /// <summary>Runs a batch at a service that streams its status and at one that does not, and prints a line for each.</summary>
    public static async Task RunAsync(int jobs, int atOnce, TimeSpan duration)
    {
        Console.WriteLine($"{"",-12} {"wall s",8} {"/ ideal",8} {"CPU ms",8} {"KB/job",8} {"median ms",10} {"95 % ms",8} {"requests",9}");
        foreach (string kind in new[] { "Fal", "FalGateway" })
        {
            await RunAsync(kind, Math.Min(jobs, atOnce), atOnce, duration, isPrinted: false);
            await RunAsync(kind, jobs, atOnce, duration, isPrinted: true);
        }
    }

    private static async Task RunAsync(string kind, int jobs, int atOnce, TimeSpan duration, bool isPrinted)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("inpaint-batch-");
        await using EmulatorServer server = await EmulatorServer.StartAsync();
        server.State.Jobs.DefaultScript = new JobScript { Steps = [JobStep.Running()], StepTime = duration };
        using InpaintEngine engine = new(new InpaintEngineOptions { StateFolder = Path.Combine(folder.FullName, "state"), Environment = _ => null });
        using SecureString key = new();
        (kind == "Fal" ? server.State.FalKeys : server.State.Gateway.Keys).First().ToList().ForEach(key.AppendChar);
        engine.Providers.Set(new ProviderSettings
        {
            Name = "Batch",
            Kind = kind,
            BaseUri = kind == "Fal" ? server.QueueUri : server.GatewayUri,
            Endpoints = kind == "Fal" ? server.FalEndpoints : new Dictionary<string, Uri>(),
            ApiKey = key,
        });
        PictureSource picture = PictureSource.FromFile(BenchmarkPictures.Sample("ball.png"));
        PictureSource mask = PictureSource.FromFile(BenchmarkPictures.Sample("ball_mask.png"));
        ConcurrentBag<double> delays = [];
        using Process self = Process.GetCurrentProcess();
        GC.Collect();
        TimeSpan processor = self.TotalProcessorTime;
        long allocated = GC.GetTotalAllocatedBytes();
        long start = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, jobs, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (seed, cancellationToken) =>
        {
            InpaintRequest request = new() { Provider = "Batch", Prompt = "a ball", Image = picture, Mask = mask, Seed = seed };
            InpaintResult result = await engine.RunAsync(engine.Plan(request), cancellationToken: cancellationToken);
            await engine.SaveAsync(result.Images[0], new SaveOptions { Folder = folder.FullName, NameTemplate = "{Seed}" }, cancellationToken);
            delays.Add((DateTimeOffset.UtcNow - result.Job.SubmittedAt!.Value - duration).TotalMilliseconds);
        });
        TimeSpan wall = Stopwatch.GetElapsedTime(start);
        self.Refresh();
        if (isPrinted)
        {
            double ideal = Math.Ceiling(jobs / (double)atOnce) * duration.TotalSeconds;
            double[] sorted = [.. delays.Order()];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{kind,-12} {wall.TotalSeconds,8:0.00} {wall.TotalSeconds / ideal,8:0.00} {(self.TotalProcessorTime - processor).TotalMilliseconds,8:0} {(GC.GetTotalAllocatedBytes() - allocated) / 1024.0 / jobs,8:0} {sorted[sorted.Length / 2],10:0} {sorted[(int)(sorted.Length * 0.95)],8:0} {server.State.Requests.All.Count,9}"));
        }

        folder.Delete(recursive: true);
    }
}
