using System.Runtime.InteropServices;

namespace Inpaint.Imaging.Terminal;

/// <summary>Where pictures that stand side by side go, in cells and in pixels.</summary>
/// <param name="CellWidth">Pixels of the sheet that a cell has across.</param>
/// <param name="CellHeight">Pixels of the sheet that a cell has down.</param>
/// <param name="Places">The places, from left to right.</param>
internal sealed record TerminalLayout(int CellWidth, int CellHeight, IReadOnlyList<TerminalLayout.Place> Places)
{
    /// <summary>Cells between two pictures.</summary>
    private const int Gap = 2;

    // A terminal does not say how many pixels its cells have. The VT340 and Windows Terminal give them 10 by 20 for graphics, whatever the font, and others are near that.
    private const int GraphicsCellWidth = 10;
    private const int GraphicsCellHeight = 20;

    // What terminals agree to take: several refuse or cut off larger graphics.
    private const int LongestSide = 4096;

    /// <summary>Cells across, all places together.</summary>
    public int Columns => Places[^1].FirstColumn + ((Places[^1].Width + CellWidth - 1) / CellWidth);

    /// <summary>Lays pictures out: each gets an equal share of the cells and keeps its shape.</summary>
    /// <param name="panes">The pictures.</param>
    /// <param name="canvas">The cells there are.</param>
    public static TerminalLayout Of(IReadOnlyList<TerminalPane> panes, TerminalCanvas canvas)
    {
        // A half block is a cell of two pixels, one above the other.
        (int cellWidth, int cellHeight) = canvas.Protocol == TerminalProtocol.Blocks ? (1, 2) : (GraphicsCellWidth, GraphicsCellHeight);
        int share = Math.Max(1, (canvas.Columns - (Gap * (panes.Count - 1))) / panes.Count);
        int widest = Math.Min(share * cellWidth, LongestSide / panes.Count);
        int highest = Math.Min(canvas.Rows * cellHeight, LongestSide);
        List<Place> places = [];
        int column = 0;
        foreach (TerminalPane pane in panes)
        {
            double scale = Math.Min((double)widest / pane.Picture.Width, (double)highest / pane.Picture.Height);
            scale = canvas.Enlarge ? scale : Math.Min(scale, 1);
            int width = Math.Clamp((int)Math.Round(pane.Picture.Width * scale), 1, widest);
            int height = Math.Clamp((int)Math.Round(pane.Picture.Height * scale), 1, highest);
            int columns = Math.Max((width + cellWidth - 1) / cellWidth, Math.Min(pane.Caption.Length, share));
            places.Add(new Place(column, columns, width, height));
            column += columns + Gap;
        }

        return new TerminalLayout(cellWidth, cellHeight, places);
    }

    /// <summary>The place of one picture.</summary>
    /// <param name="FirstColumn">Its leftmost cell.</param>
    /// <param name="Columns">How many cells it and its caption have across.</param>
    /// <param name="Width">The picture's width in pixels of the sheet.</param>
    /// <param name="Height">The picture's height in pixels of the sheet.</param>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Place(int FirstColumn, int Columns, int Width, int Height);
}
