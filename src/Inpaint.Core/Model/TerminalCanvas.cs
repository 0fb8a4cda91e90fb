namespace Inpaint;

/// <summary>Where and how a picture is drawn with text.</summary>
/// <param name="Protocol">The way; not <see cref="TerminalProtocol.Auto"/>.</param>
/// <param name="Colors">The colours of <see cref="TerminalProtocol.Blocks"/>.</param>
/// <param name="Columns">The most cells that the picture takes across, 1 to <see cref="MaximumCells"/>.</param>
/// <param name="Rows">The most cells that it takes down, 1 to <see cref="MaximumCells"/>.</param>
/// <param name="Enlarge">Whether a small picture is made as large as the cells allow, or left as it is.</param>
public sealed record TerminalCanvas(TerminalProtocol Protocol, TerminalColors Colors, int Columns, int Rows, bool Enlarge = false)
{
    /// <summary>The most cells in either direction.</summary>
    public const int MaximumCells = 500;
}
