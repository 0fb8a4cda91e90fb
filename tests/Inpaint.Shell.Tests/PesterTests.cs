using System.Xml.Linq;
using Xunit;

namespace Inpaint.Shell.Tests;

/// <summary>Runs the module's Pester suite, so that one command runs every test there is.</summary>
public sealed class PesterTests
{
    // A hang must not eat the whole run.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(Environment.GetEnvironmentVariable("INPAINT_LONG") == "1" ? 40 : 10);

    private static string Results { get; } = Path.Combine(Shell.Metadata("RepositoryRoot"), "artifacts", "pester");

    private static string Tests { get; } = Path.Combine(Shell.Metadata("RepositoryRoot"), "tests");

    /// <summary>
    /// Runs all files in as many shells as there are processors; a shell that is done with a file takes the next. A Pester test is a row here and not a test method,
    /// because only Pester knows which there are, and because runners count and show rows one by one.
    /// </summary>
    /// <returns>For each test why it failed; null for one that passed.</returns>
    public static async Task<IEnumerable<TheoryDataRow<string?>>> RunAsync()
    {
        if (Directory.Exists(Results))
        {
            Directory.Delete(Results, recursive: true);
        }

        Directory.CreateDirectory(Results);
        // The longest first, so that none is left to run alone at the end.
        string[] files = [.. new DirectoryInfo(Tests).EnumerateFiles("*.Tests.ps1").OrderByDescending(f => f.Length).Select(f => f.FullName)];
        string[] arguments = ["-File", Path.Combine(Tests, "Inpaint.Shell.Tests", "Invoke-Suite.ps1"), Results, Shell.Metadata("Configuration"), Shell.Metadata("Pester"), .. files];
        string[] outputs = await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Shell.RunAsync(Limit, TestContext.Current.CancellationToken, arguments)));
        return files.SelectMany(file => Rows(Path.GetFileNameWithoutExtension(file), outputs));
    }

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(RunAsync))]
    public void Pester_test_passes(string? failure) => Assert.True(failure is null, failure);

    private static TheoryDataRow<string?>[] Rows(string file, string[] outputs)
    {
        string tests = Path.Combine(Results, file + ".xml");
        string troubles = Path.Combine(Results, file + ".txt");
        if (!File.Exists(tests) || !File.Exists(troubles))
        {
            return [Row(file, $"It did not run to its end. The shells said:{Environment.NewLine}{string.Join(Environment.NewLine, outputs)}")];
        }

        TheoryDataRow<string?>[] rows = [.. XDocument.Load(tests).Descendants("test-case").Select(test => Row(file, test))];
        string trouble = File.ReadAllText(troubles);
        return trouble.Length > 0 || rows.Length == 0 ? [.. rows, Row($"{file}, outside of its tests", $"{rows.Length} tests.{Environment.NewLine}{trouble}")] : rows;
    }

    private static TheoryDataRow<string?> Row(string file, XElement test)
    {
        string name = $"{file}: {test.Attribute("name")?.Value}";
        XElement? failure = test.Element("failure");
        return test.Attribute("result")?.Value switch
        {
            "Success" => Row(name, failure: null),
            "Failure" or "Error" => Row(name, $"{failure?.Element("message")?.Value}{Environment.NewLine}{failure?.Element("stack-trace")?.Value}"),

            // The reason belongs into the name, because that is all of a skipped test that the console shows; Pester's results do not hold it.
            _ => new TheoryDataRow<string?>(null) { TestDisplayName = name, Label = "", Skip = "Pester skipped it." },
        };
    }

    private static TheoryDataRow<string?> Row(string name, string? failure) => new(failure) { TestDisplayName = name, Label = "" };
}
