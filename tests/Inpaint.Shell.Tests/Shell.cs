using System.Diagnostics;

namespace Inpaint.Shell.Tests;

/// <summary>The PowerShell of this machine, and what keeps it from running the suite.</summary>
internal static class Shell
{
    private static readonly Lazy<string?> Obstacle = new(FindObstacle);

    /// <summary>Why the suite cannot run here; null when it can.</summary>
    public static string? WhyNot => Obstacle.Value;

    /// <summary>Runs a script to its end.</summary>
    /// <param name="limit">Longest time; then the shell is killed.</param>
    /// <param name="arguments">The shell's arguments.</param>
    /// <returns>Exit code and everything written.</returns>
    public static (int ExitCode, string Output) Run(TimeSpan limit, params string[] arguments)
    {
        ProcessStartInfo start = new("pwsh", ["-NoLogo", "-NoProfile", "-NonInteractive", .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NO_COLOR"] = "1";

        // Before 7.6, NO_COLOR does not reach what a shell writes to its error stream.
        start.Environment["__SuppressAnsiEscapeSequences"] = "1";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        using Process shell = Process.Start(start)!;
        Task<string> output = shell.StandardOutput.ReadToEndAsync();
        Task<string> error = shell.StandardError.ReadToEndAsync();
        bool ended = shell.WaitForExit(limit);
        if (!ended)
        {
            shell.Kill(entireProcessTree: true);
            shell.WaitForExit();
        }

        string text = output.GetAwaiter().GetResult() + error.GetAwaiter().GetResult();
        return ended ? (shell.ExitCode, text) : (-1, $"{text}{Environment.NewLine}Killed after {limit.TotalSeconds} s.");
    }

    private static string? FindObstacle()
    {
        try
        {
            (int exitCode, string output) = Run(
                TimeSpan.FromMinutes(1),
                "-Command",
                "$p = Get-Module Pester -ListAvailable | Where-Object Version -GE 5.0 | Select-Object -First 1; \"$($PSVersionTable.PSVersion -ge [version]'7.6')|$($p.Version)\"");
            string[] facts = output.Trim().Split('|');
            return exitCode != 0 || facts.Length != 2
                ? $"pwsh does not work here: {output.Trim()}"
                : facts[0] != "True"
                    ? "pwsh is older than 7.6."
                    : facts[1].Length == 0
                        ? "Pester 5 or later is not installed: pwsh -Command Install-Module Pester -MinimumVersion 5.0"
                        : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "There is no pwsh on the PATH; the module's own suite needs PowerShell 7.6 or later.";
        }
    }
}
