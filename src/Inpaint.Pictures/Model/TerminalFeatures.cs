using System.Globalization;

namespace Inpaint;

/// <summary>What a terminal announces that it can draw.</summary>
/// <param name="Protocol">The best way to show a picture in it.</param>
/// <param name="Colors">The colours that its text can have.</param>
public sealed record TerminalFeatures(TerminalProtocol Protocol, TerminalColors Colors)
{
    // Konsole draws sixel since 22.04 (KDE Gear 22.04 release notes); it states its version as 220400.
    private const int FirstKonsoleWithSixel = 220400;

    /// <summary>
    /// Detects the features from environment variables. The terminal itself is not queried: its reply would arrive as keyboard input, and be mistaken for the user's. A terminal
    /// that supports graphics without announcing it, such as Windows Terminal or an xterm in VT340 mode, therefore counts as one that does not.
    /// </summary>
    /// <param name="environment">Returns the value of a variable; null when there is none.</param>
    /// <returns>The features; null for a terminal that only takes plain text.</returns>
    public static TerminalFeatures? Detect(Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        string Get(string name) => environment(name) ?? "";
        string terminal = Get("TERM");
        if (terminal == "dumb")
        {
            return null;
        }

        // no-color.org: any value that is not empty. It applies to coloured graphics as to coloured text.
        if (Get("NO_COLOR").Length > 0)
        {
            return new TerminalFeatures(TerminalProtocol.Blocks, TerminalColors.None);
        }

        string program = Get("TERM_PROGRAM");
        return new TerminalFeatures(IsMultiplexed(terminal, Get) ? TerminalProtocol.Blocks : ProtocolOf(terminal, program, Get), ColorsOf(terminal, program, Get));
    }

    /// <summary>A multiplexer passes its own terminal's variables on, but drops or misplaces graphics unless it was built and configured for them, which it does not announce.</summary>
    private static bool IsMultiplexed(string terminal, Func<string, string> get) =>
        get("TMUX").Length > 0 || get("STY").Length > 0 || get("ZELLIJ").Length > 0
        || terminal.StartsWith("tmux", StringComparison.Ordinal) || terminal.StartsWith("screen", StringComparison.Ordinal);

    private static TerminalProtocol ProtocolOf(string terminal, string program, Func<string, string> get)
    {
        if (get("KITTY_WINDOW_ID").Length > 0 || terminal is "xterm-kitty" or "xterm-ghostty" || program == "ghostty")
        {
            return TerminalProtocol.Kitty;
        }

        // ssh passes LC_TERMINAL on, which iTerm2 sets for that reason.
        if (program is "iTerm.app" or "WezTerm" or "mintty" or "rio"
            || get("ITERM_SESSION_ID").Length > 0 || get("LC_TERMINAL") == "iTerm2" || get("WEZTERM_EXECUTABLE").Length > 0 || get("WEZTERM_PANE").Length > 0)
        {
            return TerminalProtocol.ITerm2;
        }

        bool isKonsole = int.TryParse(get("KONSOLE_VERSION"), NumberStyles.None, CultureInfo.InvariantCulture, out int version) && version >= FirstKonsoleWithSixel;
        bool drawsSixel = isKonsole || get("MLTERM").Length > 0 || get("TERMINAL_NAME") == "contour"
            || terminal.Contains("sixel", StringComparison.Ordinal) || Family(terminal) is "foot" or "mlterm" or "yaft" or "contour" or "vt340";
        return drawsSixel ? TerminalProtocol.Sixel : TerminalProtocol.Blocks;
    }

    private static TerminalColors ColorsOf(string terminal, string program, Func<string, string> get)
    {
        bool isAnnounced = get("COLORTERM") is "truecolor" or "24bit" || get("WT_SESSION").Length > 0 || get("KONSOLE_VERSION").Length > 0
            || get("KITTY_WINDOW_ID").Length > 0 || get("LC_TERMINAL") == "iTerm2"
            || program is "iTerm.app" or "WezTerm" or "mintty" or "rio" or "ghostty" or "vscode" or "Hyper" or "WarpTerminal"
            || Family(terminal) is "foot" or "alacritty" or "contour" || terminal is "xterm-kitty" or "xterm-ghostty"
            || terminal.EndsWith("-direct", StringComparison.Ordinal);

        // The console of Windows sets no TERM; it takes 24 bits since Windows 10 1703, and PowerShell 7 runs on nothing older.
        return isAnnounced || terminal.Length == 0 ? TerminalColors.TrueColor : TerminalColors.Indexed;
    }

    private static string Family(string terminal)
    {
        int end = terminal.IndexOf('-', StringComparison.Ordinal);
        return end < 0 ? terminal : terminal[..end];
    }
}

/// <summary>The protocol by which a terminal draws a picture.</summary>
public enum TerminalProtocol
{
    /// <summary>The best that the terminal announces.</summary>
    Auto,

    /// <summary>DEC's sixel graphics, as supported by xterm, foot, mlterm, Konsole, contour and Windows Terminal.</summary>
    Sixel,

    /// <summary>The graphics protocol of kitty, which ghostty supports as well.</summary>
    Kitty,

    /// <summary>iTerm2's inline images, which WezTerm, mintty and rio support as well.</summary>
    ITerm2,

    /// <summary>Characters: half blocks in 24-bit or 256 colours, or shades without colour. Every terminal shows them.</summary>
    Blocks,
}

/// <summary>The colours that text can have in a terminal.</summary>
public enum TerminalColors
{
    /// <summary>None, or none are wanted.</summary>
    None,

    /// <summary>The 256 colours of xterm.</summary>
    Indexed,

    /// <summary>Any, 24 bits each.</summary>
    TrueColor,
}

/// <summary>The protocol and the space for drawing a picture.</summary>
/// <param name="Protocol">The protocol; not <see cref="TerminalProtocol.Auto"/>.</param>
/// <param name="Colors">The colours of <see cref="TerminalProtocol.Blocks"/>.</param>
/// <param name="Columns">The maximum width in cells, 1 to <see cref="MaximumCells"/>.</param>
/// <param name="Rows">The maximum height in cells, 1 to <see cref="MaximumCells"/>.</param>
/// <param name="Enlarge">Whether a small picture is enlarged as far as the cells allow.</param>
public sealed record TerminalCanvas(TerminalProtocol Protocol, TerminalColors Colors, int Columns, int Rows, bool Enlarge = false)
{
    /// <summary>The maximum number of cells in either direction.</summary>
    public const int MaximumCells = 500;

    /// <summary>Whether lines are drawn over the pictures, with rulers that say at which pixels they are.</summary>
    public bool HasGrid { get; init; }
}
