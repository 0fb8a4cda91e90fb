using System.Runtime.InteropServices;
using Inpaint.Imaging.Masks;

namespace Inpaint.Imaging.Terminal;

/// <summary>One of several pictures side by side.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Caption">A short text below it, one line without control characters; truncated where it is wider than its place.</param>
/// <param name="Tint">A mask of the picture's size whose repainted part is coloured; null for none.</param>
internal sealed record TerminalPane(Raster Picture, string Caption, Mask? Tint = null);

/// <summary>The positions of pictures side by side, in cells and in pixels.</summary>
/// <param name="CellWidth">The width of a cell in pixels of the sheet.</param>
/// <param name="CellHeight">The height of a cell in pixels of the sheet.</param>
/// <param name="Places">The places, from left to right.</param>
internal sealed record TerminalLayout(int CellWidth, int CellHeight, IReadOnlyList<TerminalLayout.Place> Places)
{
    /// <summary>Cells between two pictures.</summary>
    private const int Gap = 2;

    // A terminal does not say how many pixels its cells have. The VT340 and Windows Terminal give them 10 by 20 for graphics, whatever the font, and others are near that.
    private const int GraphicsCellWidth = 10;
    private const int GraphicsCellHeight = 20;

    // Several terminals refuse or cut off larger graphics.
    private const int MaxSide = 4096;

    /// <summary>The width of all places together, in cells.</summary>
    public int Columns => Places[^1].FirstColumn + ((Places[^1].Width + CellWidth - 1) / CellWidth);

    /// <summary>Lays pictures out: each gets an equal share of the cells and keeps its aspect ratio.</summary>
    /// <param name="panes">The pictures.</param>
    /// <param name="canvas">The available cells.</param>
    public static TerminalLayout Of(IReadOnlyList<TerminalPane> panes, TerminalCanvas canvas)
    {
        // A half block is a cell of two pixels, one above the other.
        (int cellWidth, int cellHeight) = canvas.Protocol == TerminalProtocol.Blocks ? (1, 2) : (GraphicsCellWidth, GraphicsCellHeight);
        int share = Math.Max(1, (canvas.Columns - (Gap * (panes.Count - 1))) / panes.Count);
        int maxWidth = Math.Min(share * cellWidth, MaxSide / panes.Count);
        int maxHeight = Math.Min(canvas.Rows * cellHeight, MaxSide);
        List<Place> places = [];
        int column = 0;
        foreach (TerminalPane pane in panes)
        {
            double scale = Math.Min((double)maxWidth / pane.Picture.Width, (double)maxHeight / pane.Picture.Height);
            scale = canvas.Enlarge ? scale : Math.Min(scale, 1);
            int width = Math.Clamp((int)Math.Round(pane.Picture.Width * scale), 1, maxWidth);
            int height = Math.Clamp((int)Math.Round(pane.Picture.Height * scale), 1, maxHeight);
            int columns = Math.Max((width + cellWidth - 1) / cellWidth, Math.Min(pane.Caption.Length, share));
            places.Add(new Place(column, columns, width, height));
            column += columns + Gap;
        }

        return new TerminalLayout(cellWidth, cellHeight, places);
    }

    /// <summary>The place of one picture.</summary>
    /// <param name="FirstColumn">Its leftmost cell.</param>
    /// <param name="Columns">The width of the picture and its caption in cells.</param>
    /// <param name="Width">The picture's width in pixels of the sheet.</param>
    /// <param name="Height">The picture's height in pixels of the sheet.</param>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Place(int FirstColumn, int Columns, int Width, int Height);
}
