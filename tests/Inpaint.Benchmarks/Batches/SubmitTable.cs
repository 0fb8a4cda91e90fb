using System.Globalization;

namespace Inpaint.Benchmarks.Batches;

/// <summary>
/// How long it takes over TLS, with a network between, from a command until its job is accepted: the module in a real shell beside fal's own client, in turn.
/// </summary>
internal static class SubmitTable
{
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(50);

    /// <summary>Measures, and prints the table.</summary>
    /// <param name="module">The module's manifest.</param>
    /// <param name="isLong">Whether to take more rounds.</param>
    public static async Task RunAsync(string module, bool isLong)
    {
        using BenchmarkFolder folder = new();
        string certificate = folder.At("certificate.pem");
        using EmulatorProcess emulator = EmulatorProcess.Start(certificate, RoundTrip);
        Contender ours = new("module", work => Programs.Shell("submits.ps1", work, module));
        Contender[] contenders = Programs.InstallClient() ? [ours, new("client", work => ["node", Programs.Script("submits.mjs"), .. work.Arguments])] : [ours];
        Work jobs = new(isLong ? 20 : 10, 16, TimeSpan.FromSeconds(1)) { Certificate = certificate, Emulator = emulator.Address };
        Dictionary<string, List<SubmitTimes>> times = contenders.ToDictionary(contender => contender.Name, _ => new List<SubmitTimes>(), StringComparer.Ordinal);
        for (int round = 0; round < (isLong ? 7 : 3); round++)
        {
            foreach (Contender contender in contenders)
            {
                await emulator.ResetAsync(jobs.Duration, folder.Picture, folder.Mask);
                times[contender.Name].Add(contender.Run<SubmitTimes>(folder.Prepare(jobs)));
            }
        }

        double ideal = (jobs with { Jobs = 4 * jobs.AtOnce }).Ideal;
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"over TLS with {RoundTrip.TotalMilliseconds:0} ms of delay: ms from the command to the accepted job"));
        Console.WriteLine($"  {"",-10}{"first job",10}{"next, waited for",18}{"next, started",15}{"16 at a time",14}{"64 jobs / ideal",17}");
        foreach ((string name, List<SubmitTimes> all) in times)
        {
            double Middle(Func<SubmitTimes, IEnumerable<double>> of) => Programs.Median(all.SelectMany(of));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {name,-10}{Middle(t => [t.First]),10:0}{Middle(t => t.Next),18:0}{Middle(t => t.Started),15:0}{Middle(t => t.Submits),14:0}{Middle(t => [t.Batch]) / 1000 / ideal,17:0.000}"));
        }
    }

    /// <summary>Milliseconds from commands to accepted jobs.</summary>
    /// <param name="First">The first job of the process.</param>
    /// <param name="Next">Each of those after it, waited for and saved one by one.</param>
    /// <param name="Started">Each of others that are started one by one and not waited for.</param>
    /// <param name="Submits">Each of a batch, several at a time.</param>
    /// <param name="Batch">The whole batch, to its last file.</param>
    private sealed record SubmitTimes(double First, double[] Next, double[] Started, double[] Submits, double Batch);
}
