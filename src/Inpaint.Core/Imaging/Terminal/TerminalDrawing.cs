using System.Text;

namespace Inpaint.Imaging.Terminal;

/// <summary>Draws pictures side by side, with their captions, as text for a terminal.</summary>
internal static class TerminalDrawing
{
    /// <summary>Draws pictures.</summary>
    /// <param name="panes">The pictures, from left to right; at least one.</param>
    /// <param name="canvas">The protocol and the space.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The text: the drawing, which leaves the cursor in its last line, then a line of captions. Lines are separated by \n.</returns>
    public static string Draw(IReadOnlyList<TerminalPane> panes, TerminalCanvas canvas, CancellationToken cancellationToken)
    {
        TerminalLayout layout = TerminalLayout.Of(panes, canvas);
        Raster sheet = TerminalSheet.Make(panes, layout, cancellationToken);
        string drawing = canvas.Protocol switch
        {
            TerminalProtocol.Sixel => SixelEncoder.Encode(sheet, cancellationToken),
            TerminalProtocol.Kitty => InlineImageEncoder.EncodeKitty(sheet, layout.Columns, cancellationToken),
            TerminalProtocol.ITerm2 => InlineImageEncoder.EncodeITerm2(sheet, layout.Columns, cancellationToken),
            _ when canvas.Colors == TerminalColors.None => ShadeEncoder.Encode(sheet),
            _ => HalfBlockEncoder.Encode(sheet, canvas.Colors),
        };
        return $"{drawing}\n{Captions(panes, layout)}";
    }

    private static string Captions(IReadOnlyList<TerminalPane> panes, TerminalLayout layout)
    {
        StringBuilder line = new();
        for (int i = 0; i < panes.Count; i++)
        {
            string caption = panes[i].Caption;
            int room = layout.Places[i].Columns;
            line.Append(' ', layout.Places[i].FirstColumn - line.Length);
            line.Append(caption.Length <= room ? caption : $"{caption[..(room - 1)]}…");
        }

        return line.ToString();
    }
}
