using System.Management.Automation;
using System.Management.Automation.Host;

namespace Inpaint.Pipeline;

/// <summary>What the shell's host can draw.</summary>
internal static class HostTerminal
{
    private const string ConsoleHost = "ConsoleHost";

    private static readonly Size Usual = new(80, 24);

    /// <summary>Finds out where and how to draw.</summary>
    /// <param name="command">The command that draws.</param>
    /// <param name="wanted">How the user wants it; drawn so in any case unless it is Auto.</param>
    /// <param name="width">The most cells across; null for as many as the window has.</param>
    /// <param name="height">The most cells down; null for what fits the window, or for what a given width needs.</param>
    /// <returns>The canvas; null when nothing can be drawn.</returns>
    public static TerminalCanvas? Find(PSCmdlet command, TerminalProtocol wanted, int? width, int? height)
    {
        TerminalFeatures? features = TerminalFeatures.Detect(Environment.GetEnvironmentVariable);
        if (wanted == TerminalProtocol.Auto && (features is null || !GoesToTerminal(command.Host)))
        {
            return null;
        }

        // The shell takes colours out of what it writes as plain text, which would leave half blocks of one colour.
        TerminalColors colors = IsPlainText(command.SessionState) ? TerminalColors.None : features?.Colors ?? TerminalColors.Indexed;

        // What the process's own terminal announces is not true of another host's.
        bool announces = command.Host.Name == ConsoleHost && colors != TerminalColors.None;
        TerminalProtocol protocol = wanted != TerminalProtocol.Auto ? wanted : announces ? features!.Protocol : TerminalProtocol.Blocks;
        Size window = WindowOf(command.Host);

        // Room is left for the captions and for the prompt.
        int rows = height ?? (width is null ? Math.Max(1, window.Height - 3) : TerminalCanvas.MaximumCells);
        return new TerminalCanvas(
            protocol,
            colors,
            Math.Min(width ?? Math.Max(1, window.Width - 1), TerminalCanvas.MaximumCells),
            Math.Min(rows, TerminalCanvas.MaximumCells),
            Enlarge: width is not null || height is not null);
    }

    /// <summary>
    /// Whether what is written to the host reaches a terminal. A host says whether it understands control sequences. The console host says so too when the process's
    /// output was redirected, and has no word for that; since it is the one host that writes there, the operating system is asked what "there" is. Nothing is read from
    /// the console or written to it past the host, which is what cmdlets must not do.
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
            // A host that has no window may say so in any of these ways.
            return Usual;
        }
    }
}
