using System.Globalization;
using System.Reflection;
using System.Xml.Linq;
using Xunit;

namespace Inpaint.Shell.Tests;

/// <summary>Runs the module's Pester suite, a file at a time, so that one command runs every test there is.</summary>
public sealed class PesterTests
{
    // A hang must not eat the whole run; the slowest file takes about a minute, and ten where long runs are asked for.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(Environment.GetEnvironmentVariable("INPAINT_LONG") == "1" ? 20 : 4);

    private static string Root { get; } = Metadata("RepositoryRoot");

    /// <summary>The files of the suite. What keeps them from running is part of their names, because that is all of a skipped test that the console shows.</summary>
    /// <returns>Their names.</returns>
    public static IEnumerable<TheoryDataRow<string>> Files() =>
        Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.Tests.ps1").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal).Select(file => new TheoryDataRow<string>(file)
        {
            Skip = Shell.WhyNot,
            TestDisplayName = Shell.WhyNot is null ? null : $"{typeof(PesterTests).FullName}.{nameof(Suite_passes)} [{Shell.WhyNot}]",
        });

    [Theory]
    [MemberData(nameof(Files))]
    public void Suite_passes(string file)
    {
        string results = Path.Combine(Root, "artifacts", "pester", Path.ChangeExtension(file, ".xml"));
        Directory.CreateDirectory(Path.GetDirectoryName(results)!);
        File.Delete(results);

        (int exitCode, string output) = Shell.Run(
            Limit,
            "-File",
            Path.Combine(Root, "tests", "Inpaint.Shell.Tests", "Invoke-Suite.ps1"),
            Path.Combine(Root, "tests", file),
            results,
            Metadata("Configuration"));

        Assert.True(File.Exists(results), $"{file} did not run to its end (exit code {exitCode}):{Environment.NewLine}{output}");
        XElement[] cases = [.. XDocument.Load(results).Descendants("test-case")];
        XElement[] failed = [.. cases.Where(c => (string?)c.Attribute("result") is "Failure" or "Error")];
        TestContext.Current.SendDiagnosticMessage("{0}: {1} It, {2} failed", file, cases.Length, failed.Length);
        Assert.True(failed.Length == 0, string.Join(Environment.NewLine + Environment.NewLine, failed.Select(Describe)));
        Assert.True(exitCode == 0, $"{file} failed outside of its tests:{Environment.NewLine}{output}");
        Assert.NotEmpty(cases);
    }

    private static string Describe(XElement testCase) => string.Create(
        CultureInfo.InvariantCulture,
        $"{testCase.Attribute("name")?.Value}{Environment.NewLine}{testCase.Element("failure")?.Element("message")?.Value}{Environment.NewLine}{testCase.Element("failure")?.Element("stack-trace")?.Value}");

    private static string Metadata(string key) =>
        typeof(PesterTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;
}
