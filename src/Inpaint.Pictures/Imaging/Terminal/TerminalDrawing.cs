using System.Runtime.InteropServices;
using System.Text;
using Inpaint.Imaging.Masks;

namespace Inpaint.Imaging.Terminal;

/// <summary>Draws pictures side by side, with their captions, as text for a terminal.</summary>
internal static class TerminalDrawing
{
    /// <summary>Draws pictures.</summary>
    /// <param name="panes">The pictures, from left to right; at least one.</param>
    /// <param name="canvas">The protocol and the space.</param>
    /// <returns>The text: the drawing, which leaves the cursor in its last line, then a line of captions. Lines are separated by \n.</returns>
    public static string Draw(IReadOnlyList<TerminalPane> panes, TerminalCanvas canvas, CancellationToken cancellationToken)
    {
        int margin = canvas.HasGrid ? TerminalGrid.MarginOf(panes) : 0;
        TerminalLayout layout = TerminalLayout.Of(panes, canvas with { Columns = Math.Max(1, canvas.Columns - margin), Rows = Math.Max(1, canvas.Rows - (canvas.HasGrid ? 1 : 0)) });
        TerminalGrid? grid = canvas.HasGrid ? new TerminalGrid(panes, layout) : null;
        Raster sheet = TerminalSheet.Make(panes, layout, canvas.HasGrid, cancellationToken);
        bool isText = canvas.Protocol is not (TerminalProtocol.Sixel or TerminalProtocol.Kitty or TerminalProtocol.ITerm2);
        sheet = isText || grid is null ? sheet : grid.AddRulers(sheet);
        string drawing = canvas.Protocol switch
        {
            TerminalProtocol.Sixel => SixelEncoder.Encode(sheet, cancellationToken),
            TerminalProtocol.Kitty => InlineImageEncoder.EncodeKitty(sheet, margin + layout.Columns, cancellationToken),
            TerminalProtocol.ITerm2 => InlineImageEncoder.EncodeITerm2(sheet, margin + layout.Columns, cancellationToken),
            _ when canvas.Colors == TerminalColors.None => ShadeEncoder.Encode(sheet),
            _ => HalfBlockEncoder.Encode(sheet, canvas.Colors),
        };
        drawing = isText && grid is not null ? grid.AddRulers(drawing) : drawing;
        return $"{drawing}\n{new string(' ', margin)}{Captions(panes, layout)}";
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

/// <summary>One of several pictures side by side.</summary>
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

/// <summary>
/// Scales pictures to the size in which they are drawn and puts them on one sheet of 8-bit RGBA. Its pixels are opaque, or (between and below the pictures) fully
/// transparent; transparent parts of a picture show the checkerboard that picture editors show.
/// </summary>
internal static class TerminalSheet
{
    private const byte LightSquare = 0x99;
    private const byte DarkSquare = 0x66;

    /// <summary>Makes the sheet.</summary>
    public static Raster Make(IReadOnlyList<TerminalPane> panes, TerminalLayout layout, bool hasGrid, CancellationToken cancellationToken)
    {
        TerminalLayout.Place last = layout.Places[^1];
        Raster sheet = new((last.FirstColumn * layout.CellWidth) + last.Width, layout.Places.Max(p => p.Height), channels: 4);
        for (int i = 0; i < panes.Count; i++)
        {
            TerminalLayout.Place place = layout.Places[i];
            Raster picture = RasterLayout.Convert(Pictures.Resize(panes[i].Picture, place.Width, place.Height, cancellationToken), channels: 4, bitDepth: 8);
            cancellationToken.ThrowIfCancellationRequested();
            Raster finished = Finish(picture, panes[i].Tint, 2 * layout.CellWidth);
            if (hasGrid)
            {
                TerminalGrid.DrawLines(finished, panes[i].Picture, layout.CellWidth);
            }

            RasterCrop.Paste(sheet, finished, place.FirstColumn * layout.CellWidth, 0);
        }

        return sheet;
    }

    // Always a copy: a picture that needed neither scaling nor converting belongs to the caller.
    private static Raster Finish(Raster picture, Mask? tint, int squareSide)
    {
        Raster finished = new(picture.Width, picture.Height, channels: 4);
        Mask? scaled = tint?.Resize(picture.Width, picture.Height);
        for (int y = 0; y < picture.Height; y++)
        {
            ReadOnlySpan<byte> from = picture.Row(y);
            Span<byte> to = finished.Row(y);
            for (int x = 0; x < picture.Width; x++)
            {
                int at = 4 * x;
                int alpha = from[at + 3];
                int square = (((x / squareSide) + (y / squareSide)) & 1) == 0 ? LightSquare : DarkSquare;
                for (int c = 0; c < 3; c++)
                {
                    to[at + c] = (byte)(((from[at + c] * alpha) + (square * (255 - alpha)) + 127) / 255);
                }

                if (scaled is not null && scaled.Row(y)[x] >= 128)
                {
                    // Half red, so that the picture shows through.
                    to[at] = (byte)((to[at] + 255) / 2);
                    to[at + 1] /= 2;
                    to[at + 2] /= 2;
                }

                to[at + 3] = 255;
            }
        }

        return finished;
    }
}
