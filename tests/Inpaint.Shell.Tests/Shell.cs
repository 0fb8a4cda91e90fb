using System.Diagnostics;
using System.Reflection;

namespace Inpaint.Shell.Tests;

/// <summary>The PowerShell that the restore has brought.</summary>
internal static class Shell
{
    /// <summary>Runs a script to its end.</summary>
    /// <param name="limit">Longest time; then the shell is killed.</param>
    /// <param name="cancellationToken">Kills the shell too.</param>
    /// <param name="arguments">The shell's arguments.</param>
    /// <returns>Everything written, and how it ended.</returns>
    public static async Task<string> RunAsync(TimeSpan limit, CancellationToken cancellationToken, params string[] arguments)
    {
        string program = Path.Combine(Metadata("PowerShell"), OperatingSystem.IsWindows() ? "win" : "unix", "pwsh.dll");
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, "-NoLogo", "-NoProfile", "-NonInteractive", .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NO_COLOR"] = "1";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";

        // A shell and what it starts live too briefly for what profiling costs to come back.
        start.Environment["DOTNET_TieredPGO"] = "0";
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(limit);
        using Process shell = Process.Start(start)!;
        Task<string> output = shell.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> error = shell.StandardError.ReadToEndAsync(CancellationToken.None);
        string ending = "";
        try
        {
            await shell.WaitForExitAsync(end.Token);
        }
        catch (OperationCanceledException)
        {
            shell.Kill(entireProcessTree: true);
            await shell.WaitForExitAsync(CancellationToken.None);
            ending = $" after {limit.TotalMinutes} minutes at most";
        }

        return $"{await output}{await error}Exit code {shell.ExitCode}{ending}.";
    }

    /// <summary>A fact that the build has written into this assembly.</summary>
    /// <param name="key">Its name in the project file.</param>
    /// <returns>Its value.</returns>
    public static string Metadata(string key) =>
        typeof(Shell).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;
}
