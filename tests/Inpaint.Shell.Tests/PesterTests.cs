using System.Collections.Concurrent;
using System.Xml.Linq;
using Xunit;

namespace Inpaint.Shell.Tests;

/// <summary>Runs the module's Pester suite, so that one command runs every test there is.</summary>
public sealed class PesterTests
{
    // A hang must not eat the whole run; the slowest file takes about a minute, and ten where long runs are asked for.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(Environment.GetEnvironmentVariable("INPAINT_LONG") == "1" ? 20 : 4);

    private static string Tests { get; } = Path.Combine(Shell.Metadata("RepositoryRoot"), "tests");

    /// <summary>
    /// Runs all files, as many at a time as there are processors, each in a shell of its own. A Pester test is a row here and not a test method, because only Pester knows
    /// which there are, and because runners count and show rows one by one.
    /// </summary>
    /// <returns>For each test why it failed; null for one that passed.</returns>
    public static async Task<IEnumerable<TheoryDataRow<string?>>> RunAsync()
    {
        ConcurrentBag<TheoryDataRow<string?>> rows = [];
        // The longest first, so that none is left to run alone at the end.
        FileInfo[] files = [.. new DirectoryInfo(Tests).EnumerateFiles("*.Tests.ps1").OrderByDescending(f => f.Length)];
        ParallelOptions options = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForEachAsync(files, options, async (file, cancellationToken) =>
        {
            foreach (TheoryDataRow<string?> row in await RunAsync(file, cancellationToken))
            {
                rows.Add(row);
            }
        });
        return rows.OrderBy(row => row.TestDisplayName, StringComparer.Ordinal);
    }

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(RunAsync))]
    public void Pester_test_passes(string? failure) => Assert.True(failure is null, failure);

    private static async Task<IReadOnlyList<TheoryDataRow<string?>>> RunAsync(FileInfo file, CancellationToken cancellationToken)
    {
        string results = Path.Combine(Shell.Metadata("RepositoryRoot"), "artifacts", "pester", Path.ChangeExtension(file.Name, ".xml"));
        Directory.CreateDirectory(Path.GetDirectoryName(results)!);
        File.Delete(results);
        (int exitCode, string output) = await Shell.RunAsync(
            Limit,
            cancellationToken,
            "-File",
            Path.Combine(Tests, "Inpaint.Shell.Tests", "Invoke-Suite.ps1"),
            file.FullName,
            results,
            Shell.Metadata("Configuration"),
            Shell.Metadata("Pester"));

        List<TheoryDataRow<string?>> rows = File.Exists(results) ? [.. XDocument.Load(results).Descendants("test-case").Select(test => Row(file, test))] : [];
        bool isWhole = rows.Count > 0 && (exitCode == 0) == rows.TrueForAll(row => row.Data is null);
        return isWhole ? rows : [.. rows, Row(file.Name, $"It did not run to its end, or failed outside of its tests (exit code {exitCode}):{Environment.NewLine}{output}")];
    }

    private static TheoryDataRow<string?> Row(FileInfo file, XElement test)
    {
        XElement? failure = test.Element("failure");
        string name = $"{file.Name}: {test.Attribute("name")?.Value}";
        return test.Attribute("result")?.Value switch
        {
            "Success" => Row(name, null),
            "Failure" or "Error" => Row(name, $"{failure?.Element("message")?.Value}{Environment.NewLine}{failure?.Element("stack-trace")?.Value}"),
            _ => Skipped(name, test.Element("reason")?.Element("message")?.Value),
        };
    }

    private static TheoryDataRow<string?> Row(string name, string? failure) => new(failure) { TestDisplayName = name, Label = "" };

    // The reason is part of the name, because that is all of a skipped test that the console shows.
    private static TheoryDataRow<string?> Skipped(string name, string? reason)
    {
        TheoryDataRow<string?> row = Row(string.IsNullOrEmpty(reason) ? name : $"{name} [{reason}]", null);
        row.Skip = string.IsNullOrEmpty(reason) ? "Pester skipped it." : reason;
        return row;
    }
}
