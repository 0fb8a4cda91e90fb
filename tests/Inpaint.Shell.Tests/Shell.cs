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
    /// <returns>Exit code and everything written.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(TimeSpan limit, CancellationToken cancellationToken, params string[] arguments)
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
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(limit);
        using Process shell = Process.Start(start)!;
        Task<string> output = shell.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> error = shell.StandardError.ReadToEndAsync(CancellationToken.None);
        string note = "";
        try
        {
            await shell.WaitForExitAsync(end.Token);
        }
        catch (OperationCanceledException)
        {
            shell.Kill(entireProcessTree: true);
            await shell.WaitForExitAsync(CancellationToken.None);
            note = $"{Environment.NewLine}Killed after {limit.TotalSeconds} s.";
        }

        return (shell.ExitCode, await output + await error + note);
    }

    /// <summary>A fact that the build has written into this assembly.</summary>
    /// <param name="key">Its name in the project file.</param>
    /// <returns>Its value.</returns>
    public static string Metadata(string key) =>
        typeof(Shell).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;
}
