using System.ComponentModel;
using System.Diagnostics;

namespace Inpaint.Pipeline;

/// <summary>Opens pages in the user's default browser.</summary>
internal static class DefaultBrowser
{
    // A process session of its own, so that Ctrl+C in the terminal does not end the browser; its output is discarded.
    private const string Script = """exec </dev/null >/dev/null 2>&1; command -v setsid && exec setsid xdg-open "$1"; exec xdg-open "$1" """;

    // Without a browser, xdg-open exits at once. If it keeps running, it has become the browser.
    private static readonly TimeSpan ExitTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Opens a page.</summary>
    /// <param name="url">An http or file URL.</param>
    /// <returns>Whether a browser was found.</returns>
    public static bool TryOpen(Uri url)
    {
        ProcessStartInfo start = new(url.AbsoluteUri) { UseShellExecute = true };
        if (OperatingSystem.IsLinux())
        {
            // Without a desktop, xdg-open would start a browser inside the terminal.
            string[] desktops = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"];
            if (desktops.All(name => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))))
            {
                return false;
            }

            start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", url.AbsoluteUri]);
        }

        try
        {
            using Process? process = Process.Start(start);
            return !OperatingSystem.IsLinux() || !process!.WaitForExit(ExitTimeout) || process.ExitCode == 0;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            return false;
        }
    }
}
