using Xunit;

namespace Inpaint.Tests.Imaging.Terminal;

public sealed class TerminalFeaturesTests
{
    [Theory]
    [InlineData("TERM=xterm-kitty KITTY_WINDOW_ID=1", TerminalProtocol.Kitty, TerminalColors.TrueColor)]
    [InlineData("TERM=xterm-ghostty TERM_PROGRAM=ghostty", TerminalProtocol.Kitty, TerminalColors.TrueColor)]
    [InlineData("TERM=xterm-256color TERM_PROGRAM=iTerm.app ITERM_SESSION_ID=w0t0p0:1", TerminalProtocol.ITerm2, TerminalColors.TrueColor)]
    [InlineData("TERM=xterm-256color LC_TERMINAL=iTerm2", TerminalProtocol.ITerm2, TerminalColors.TrueColor)]
    [InlineData("TERM=xterm-256color TERM_PROGRAM=WezTerm WEZTERM_PANE=0", TerminalProtocol.ITerm2, TerminalColors.TrueColor)]
    [InlineData("TERM=xterm-256color TERM_PROGRAM=mintty", TerminalProtocol.ITerm2, TerminalColors.TrueColor)]
    [InlineData("TERM=foot", TerminalProtocol.Sixel, TerminalColors.TrueColor)]
    [InlineData("TERM=foot-extra", TerminalProtocol.Sixel, TerminalColors.TrueColor)]
    [InlineData("TERM=mlterm-256color", TerminalProtocol.Sixel, TerminalColors.Indexed)]
    [InlineData("TERM=xterm-256color MLTERM=3.9.3 COLORTERM=truecolor", TerminalProtocol.Sixel, TerminalColors.TrueColor)]
    [InlineData("TERM=xterm-256color KONSOLE_VERSION=230804", TerminalProtocol.Sixel, TerminalColors.TrueColor)]
    [InlineData("TERM=xterm-256color KONSOLE_VERSION=211203", TerminalProtocol.Blocks, TerminalColors.TrueColor)]
    [InlineData("TERM=xterm-256color KONSOLE_VERSION=new", TerminalProtocol.Blocks, TerminalColors.TrueColor)]
    [InlineData("TERM=xterm-256color VTE_VERSION=7600 COLORTERM=truecolor", TerminalProtocol.Blocks, TerminalColors.TrueColor)]
    [InlineData("WT_SESSION=0b7c", TerminalProtocol.Blocks, TerminalColors.TrueColor)]
    [InlineData("TERM=xterm-256color WT_SESSION=0b7c", TerminalProtocol.Blocks, TerminalColors.TrueColor)]
    [InlineData("TERM=xterm-256color TERM_PROGRAM=vscode", TerminalProtocol.Blocks, TerminalColors.TrueColor)]
    [InlineData("TERM=xterm-256color TERM_PROGRAM=Apple_Terminal", TerminalProtocol.Blocks, TerminalColors.Indexed)]
    [InlineData("TERM=xterm", TerminalProtocol.Blocks, TerminalColors.Indexed)]
    [InlineData("TERM=linux", TerminalProtocol.Blocks, TerminalColors.Indexed)]
    [InlineData("", TerminalProtocol.Blocks, TerminalColors.TrueColor)]
    [InlineData("TERM=tmux-256color TMUX=/tmp/tmux-0/default,1,0 KITTY_WINDOW_ID=1 COLORTERM=truecolor", TerminalProtocol.Blocks, TerminalColors.TrueColor)]
    [InlineData("TERM=screen STY=1.pts LC_TERMINAL=iTerm2", TerminalProtocol.Blocks, TerminalColors.TrueColor)]
    [InlineData("TERM=foot ZELLIJ=0", TerminalProtocol.Blocks, TerminalColors.TrueColor)]
    [InlineData("TERM=xterm-kitty NO_COLOR=1", TerminalProtocol.Blocks, TerminalColors.None)]
    [InlineData("TERM=xterm-kitty NO_COLOR=", TerminalProtocol.Kitty, TerminalColors.TrueColor)]
    public void A_terminal_is_known_by_what_it_announces(string variables, TerminalProtocol protocol, TerminalColors colors) =>
        Assert.Equal(new TerminalFeatures(protocol, colors), Detect(variables));

    [Fact]
    public void A_dumb_terminal_draws_nothing() => Assert.Null(Detect("TERM=dumb COLORTERM=truecolor"));

    private static TerminalFeatures? Detect(string variables)
    {
        Dictionary<string, string> environment = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal);
        return TerminalFeatures.Detect(environment.GetValueOrDefault);
    }
}
