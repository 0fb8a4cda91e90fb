using System.ComponentModel;
using System.Diagnostics;

namespace Inpaint.Pages;

/// <summary>Opens pages in the user's default browser.</summary>
internal static class DefaultBrowser
{
    /// <summary>Opens a page.</summary>
    /// <param name="address">An http or file address.</param>
    /// <returns>Whether something took it; false where there is no browser.</returns>
    public static bool TryOpen(Uri address)
    {
        ProcessStartInfo start = new(address.AbsoluteUri) { UseShellExecute = true };
        if (OperatingSystem.IsLinux())
        {
            // Without a desktop xdg-open would start a browser inside the terminal.
            string[] desktops = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"];
            if (desktops.All(name => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))))
            {
                return false;
            }

            // What the browser says of itself is not for the terminal.
            start = new ProcessStartInfo("xdg-open", [address.AbsoluteUri]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        }

        try
        {
            using Process? process = Process.Start(start);
            return true;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            return false;
        }
    }
}
