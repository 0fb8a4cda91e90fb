namespace Inpaint;

/// <summary>How a terminal is told to draw a picture.</summary>
public enum TerminalProtocol
{
    /// <summary>The best that the terminal announces.</summary>
    Auto,

    /// <summary>DEC's sixel graphics, as xterm, foot, mlterm, Konsole, contour and Windows Terminal know them.</summary>
    Sixel,

    /// <summary>The graphics protocol of kitty, which ghostty knows as well.</summary>
    Kitty,

    /// <summary>iTerm2's inline images, which WezTerm, mintty and rio know as well.</summary>
    ITerm2,

    /// <summary>Characters: half blocks in 24-bit or 256 colours, or shades where there shall be no colour. Every terminal shows them.</summary>
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
