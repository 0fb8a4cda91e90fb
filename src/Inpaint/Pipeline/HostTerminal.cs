using System.Management.Automation;
using System.Management.Automation.Host;

namespace Inpaint.Pipeline;

/// <summary>Determines what the shell's host can draw.</summary>
internal static class HostTerminal
{
    private const string ConsoleHost = "ConsoleHost";

    private static readonly Size Usual = new(80, 24);

    /// <summary>Determines how to draw.</summary>
    /// <param name="command">The command that draws.</param>
    /// <param name="wanted">The protocol that the user wants; used regardless of the terminal unless it is Auto.</param>
    /// <param name="width">The maximum width in cells; null for the window's width.</param>
    /// <param name="height">The maximum height in cells; null for what fits the window, or for what the given width requires.</param>
    /// <returns>The canvas; null when nothing can be drawn.</returns>
    public static TerminalCanvas? Find(PSCmdlet command, TerminalProtocol wanted, int? width, int? height)
    {
        TerminalFeatures? features = TerminalFeatures.Detect(Environment.GetEnvironmentVariable);
        if (wanted == TerminalProtocol.Auto && (features is null || !GoesToTerminal(command.Host)))
        {
            return null;
        }

        // In plain-text mode the shell strips colours, and half blocks would be left in one colour.
        TerminalColors colors = IsPlainText(command.SessionState) ? TerminalColors.None : features?.Colors ?? TerminalColors.Indexed;

        // The environment describes the process's own terminal, which another host need not use.
        bool announces = command.Host.Name == ConsoleHost && colors != TerminalColors.None;
        TerminalProtocol protocol = wanted != TerminalProtocol.Auto ? wanted : announces ? features!.Protocol : TerminalProtocol.Blocks;
        Size window = WindowOf(command.Host);

        // Leaves room for the captions and the prompt.
        int rows = height ?? (width is null ? Math.Max(1, window.Height - 3) : TerminalCanvas.MaximumCells);
        return new TerminalCanvas(
            protocol,
            colors,
            Math.Min(width ?? Math.Max(1, window.Width - 1), TerminalCanvas.MaximumCells),
            Math.Min(rows, TerminalCanvas.MaximumCells),
            Enlarge: width is not null || height is not null);
    }

    /// <summary>
    /// Whether the host writes to a terminal. A host reports whether it supports control sequences, but the console host does so even when the process's output is redirected. Since it is
    /// the only host that writes there, the operating system is asked whether the output is redirected. Nothing is read from or written to the console directly, which cmdlets must not do.
    /// </summary>
    private static bool GoesToTerminal(PSHost host) =>
        host.UI is { } ui
        && PSObject.AsPSObject(ui).Properties["SupportsVirtualTerminal"]?.Value is true
        && (host.Name != ConsoleHost || !Console.IsOutputRedirected);

    private static bool IsPlainText(SessionState session) =>
        session.PSVariable.GetValue("PSStyle") is { } style && $"{PSObject.AsPSObject(style).Properties["OutputRendering"]?.Value}" == "PlainText";

    private static Size WindowOf(PSHost host)
    {
        try
        {
            return host.UI?.RawUI?.WindowSize is { Width: > 0, Height: > 0 } window ? window : Usual;
        }
        catch (Exception e) when (e is HostException or NotImplementedException or NotSupportedException or IOException)
        {
            // Hosts without a window throw any of these.
            return Usual;
        }
    }
}
