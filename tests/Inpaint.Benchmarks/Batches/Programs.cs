using System.Diagnostics;
using System.Reflection;

namespace Inpaint.Benchmarks.Batches;

/// <summary>The programs that are measured: PowerShell, and Node with fal's own client.</summary>
internal static class Programs
{
    /// <summary>The shell, without a profile.</summary>
    public static readonly string[] ShellLine = ["dotnet", Path.Combine(PowerShellFolder, OperatingSystem.IsWindows() ? "win" : "unix", "pwsh.dll"), "-NoLogo", "-NoProfile", "-NonInteractive"];

    public static string[] Shell(string script, Work work, params string[] more) => [.. ShellLine, "-File", Script(script), .. work.Arguments, .. more];

    public static string PowerShellFolder => typeof(BatchTable).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "PowerShell").Value!;

    public static string[] Node(string mode, Work work) => ["node", Script("client.mjs"), mode, .. work.Arguments];

    public static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Batches", name);

    public static double Median(IEnumerable<double> values) => values.Order().ToArray() is var sorted && sorted.Length > 0 ? sorted[sorted.Length / 2] : double.NaN;

    public static bool InstallClient()
    {
        bool isWindows = OperatingSystem.IsWindows();
        string[] install = ["install", "--prefix", AppContext.BaseDirectory, "--no-package-lock", "--no-audit", "--no-fund", "--prefer-offline"];
        try
        {
            File.Copy(Script("package.json"), Path.Combine(AppContext.BaseDirectory, "package.json"), overwrite: true);
            using Process npm = Process.Start(new ProcessStartInfo(isWindows ? "cmd" : "npm", isWindows ? ["/c", "npm", .. install] : install) { RedirectStandardOutput = true, UseShellExecute = false })!;
            npm.StandardOutput.ReadToEnd();
            npm.WaitForExit();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no npm.
        }

        bool isThere = Directory.Exists(Path.Combine(AppContext.BaseDirectory, "node_modules", "@fal-ai", "client"));
        if (!isThere)
        {
            Console.WriteLine("fal's client could not be installed with npm: it is left out.");
        }

        return isThere;
    }
}
