using System.ComponentModel;
using System.Diagnostics;

namespace Inpaint.Tests;

/// <summary>A package of npm that scripts of the tests use, installed once into a folder of build output.</summary>
/// <param name="package">The package's name.</param>
/// <param name="source">The folder of the scripts and of the package.json that names it.</param>
/// <param name="folder">The name of the folder that it is installed into.</param>
internal sealed class NpmPackage(string package, string source, string folder)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly string target = Path.Combine(AppContext.BaseDirectory, folder);

    /// <summary>Installs it.</summary>
    /// <returns>Why it cannot be had here; null when it can.</returns>
    public async Task<string?> InstallAsync()
    {
        Directory.CreateDirectory(target);
        File.Copy(Path.Combine(source, "package.json"), Path.Combine(target, "package.json"), overwrite: true);
        try
        {
            bool windows = OperatingSystem.IsWindows();
            string[] install = ["install", "--no-package-lock", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1", "--fetch-timeout=20000"];
            (int code, _, string error) = await RunAsync(windows ? "cmd" : "npm", windows ? ["/c", "npm", .. install] : install);
            return code == 0 || Directory.Exists(Path.Combine([target, "node_modules", .. package.Split('/')]))
                ? null
                : $"npm could not install {package}: {error.Split('\n').FirstOrDefault(line => line.StartsWith("npm error", StringComparison.Ordinal), error)}";
        }
        catch (Win32Exception missing)
        {
            return $"npm is needed: {missing.Message}";
        }
    }

    /// <summary>Runs a script of the source folder in the folder of the package.</summary>
    /// <param name="script">The script's name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables of its environment.</param>
    /// <returns>What it printed.</returns>
    public async Task<string> RunScriptAsync(string script, string[] arguments, params (string Name, string Value)[] environment)
    {
        (int code, string output, string error) = await RunAsync("node", [Path.Combine(source, script), .. arguments], environment);
        return code == 0 ? output : throw new InvalidOperationException($"{script} ended with {code}: {error}{output}");
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = target, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        using CancellationTokenSource patience = new(Patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
