using Inpaint.Imaging.Masks;

namespace Inpaint.Imaging.Terminal;

/// <summary>
/// Scales pictures to the size in which they are drawn and puts them on one sheet of 8-bit RGBA. Its pixels are opaque, or (between and below the pictures) fully
/// transparent; transparent parts of a picture show the checkerboard that picture editors show.
/// </summary>
internal static class TerminalSheet
{
    private const byte LightSquare = 0x99;
    private const byte DarkSquare = 0x66;

    /// <summary>Makes the sheet.</summary>
    /// <param name="panes">The pictures.</param>
    /// <param name="layout">Where they go.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    public static Raster Make(IReadOnlyList<TerminalPane> panes, TerminalLayout layout, CancellationToken cancellationToken)
    {
        TerminalLayout.Place last = layout.Places[^1];
        Raster sheet = new((last.FirstColumn * layout.CellWidth) + last.Width, layout.Places.Max(p => p.Height), channels: 4);
        for (int i = 0; i < panes.Count; i++)
        {
            TerminalLayout.Place place = layout.Places[i];
            Raster picture = RasterLayout.Convert(Pictures.Resize(panes[i].Picture, place.Width, place.Height, cancellationToken), channels: 4, bitDepth: 8);
            cancellationToken.ThrowIfCancellationRequested();
            RasterCrop.Paste(sheet, Finish(picture, panes[i].Tint, 2 * layout.CellWidth), place.FirstColumn * layout.CellWidth, 0);
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
