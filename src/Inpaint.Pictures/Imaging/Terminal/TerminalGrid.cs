using System.Globalization;
using System.Text;

namespace Inpaint.Imaging.Terminal;

/// <summary>Draws dotted lines over pictures, and rulers above and to the left of them with the lines' positions in pixels, so that coordinates can be read off.</summary>
/// <param name="panes">The pictures.</param>
/// <param name="layout">Their positions, without the rulers.</param>
internal sealed class TerminalGrid(IReadOnlyList<TerminalPane> panes, TerminalLayout layout)
{
    private const byte Gray = 0x80;
    private const int GlyphScale = 3;

    // Three by five pixels for each digit, because graphics have no font; each row has three bits.
    private static readonly int[][] Glyphs =
    [
        [7, 5, 5, 5, 7], [2, 6, 2, 2, 7], [7, 1, 7, 4, 7], [7, 1, 7, 1, 7], [5, 5, 7, 1, 1],
        [7, 4, 7, 1, 7], [7, 4, 7, 5, 7], [7, 1, 2, 2, 2], [7, 5, 7, 5, 7], [7, 5, 7, 1, 7],
    ];

    private static readonly int[] RoundFactors = [1, 2, 5, 10];

    /// <summary>The width of the ruler to the left, in cells. The one above is one cell high.</summary>
    /// <param name="panes">The pictures.</param>
    public static int MarginOf(IReadOnlyList<TerminalPane> panes) => Digits(panes[0].Picture.Height) + 1;

    /// <summary>Draws the lines over one picture.</summary>
    /// <param name="drawn">The picture as it is drawn, 8-bit RGBA.</param>
    /// <param name="original">The picture in its own size.</param>
    /// <param name="cellWidth">The width of a cell in pixels of the drawing.</param>
    public static void DrawLines(Raster drawn, Raster original, int cellWidth)
    {
        int step = StepOf(original, drawn.Width / cellWidth);
        foreach (int x in Marks(original.Width, drawn.Width, step).Skip(1).Select(mark => mark.Position))
        {
            for (int y = 0; y < drawn.Height; y += 2)
            {
                Contrast(drawn, x, y);
            }
        }

        foreach (int y in Marks(original.Height, drawn.Height, step).Skip(1).Select(mark => mark.Position))
        {
            for (int x = 0; x < drawn.Width; x += 2)
            {
                Contrast(drawn, x, y);
            }
        }
    }

    /// <summary>Adds the rulers to a sheet of pictures as pixels, for graphics.</summary>
    /// <param name="sheet">The sheet.</param>
    public Raster AddRulers(Raster sheet)
    {
        int margin = MarginOf(panes);
        Raster whole = new((margin * layout.CellWidth) + sheet.Width, layout.CellHeight + sheet.Height, channels: 4);
        RasterCrop.Paste(whole, sheet, margin * layout.CellWidth, layout.CellHeight);
        DrawText(whole, TopRuler(), row: 0);
        foreach ((int row, string label) in LeftRuler())
        {
            DrawText(whole, label, row + 1);
        }

        return whole;
    }

    /// <summary>Adds the rulers to a drawing of characters.</summary>
    /// <param name="drawing">The drawing's lines.</param>
    public string AddRulers(string drawing)
    {
        Dictionary<int, string> labels = LeftRuler().ToDictionary(label => label.Row, label => label.Text);
        StringBuilder text = new(TopRuler().TrimEnd());
        string empty = new(' ', MarginOf(panes));
        string[] lines = drawing.Split('\n');
        for (int row = 0; row < lines.Length; row++)
        {
            text.Append('\n').Append(labels.GetValueOrDefault(row, empty)).Append(lines[row]);
        }

        return text.ToString();
    }

    private string TopRuler()
    {
        int margin = MarginOf(panes);
        char[] ruler = [.. Enumerable.Repeat(' ', margin + layout.Columns)];
        for (int i = 0; i < panes.Count; i++)
        {
            TerminalLayout.Place place = layout.Places[i];
            Raster picture = panes[i].Picture;
            foreach ((int value, int position) in Marks(picture.Width, place.Width, StepOf(picture, place.Width / layout.CellWidth)))
            {
                string label = value.ToString(CultureInfo.InvariantCulture);
                int at = margin + place.FirstColumn + (position / layout.CellWidth);
                if (at + label.Length <= ruler.Length)
                {
                    label.CopyTo(ruler.AsSpan(at));
                }
            }
        }

        return new string(ruler);
    }

    private IEnumerable<(int Row, string Text)> LeftRuler()
    {
        int margin = MarginOf(panes);
        TerminalLayout.Place place = layout.Places[0];
        Raster picture = panes[0].Picture;
        return Marks(picture.Height, place.Height, StepOf(picture, place.Width / layout.CellWidth))
            .Select(mark => (mark.Position / layout.CellHeight, mark.Value.ToString(CultureInfo.InvariantCulture).PadLeft(margin - 1) + " "))
            .DistinctBy(label => label.Item1);
    }

    /// <summary>The lines of one direction: each multiple of the step, and its position in the drawing.</summary>
    private static IEnumerable<(int Value, int Position)> Marks(int side, int drawn, int step)
    {
        for (long value = 0; value < side; value += step)
        {
            yield return ((int)value, (int)(value * drawn / side));
        }
    }

    /// <summary>The smallest round number of pixels between two lines whose labels do not overlap.</summary>
    private static int StepOf(Raster picture, int columns)
    {
        double least = (double)picture.Width * (Digits(Math.Max(picture.Width, picture.Height)) + 2) / Math.Max(1, columns);
        int power = (int)Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1, least))));
        return RoundFactors.Select(factor => factor * power).First(step => step >= least);
    }

    private static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;

    private static void Contrast(Raster picture, int x, int y)
    {
        Span<byte> pixel = picture.Row(y).Slice(4 * x, 4);
        pixel[..3].Fill(((299 * pixel[0]) + (587 * pixel[1]) + (114 * pixel[2])) / 1000 < 128 ? (byte)255 : (byte)0);
    }

    private void DrawText(Raster sheet, string text, int row)
    {
        for (int i = 0; i < text.Length && (i + 1) * layout.CellWidth <= sheet.Width; i++)
        {
            if (text[i] != ' ')
            {
                DrawGlyph(sheet, Glyphs[text[i] - '0'], i * layout.CellWidth, (row * layout.CellHeight) + ((layout.CellHeight - (5 * GlyphScale)) / 2));
            }
        }
    }

    private static void DrawGlyph(Raster sheet, int[] rows, int left, int top)
    {
        for (int y = 0; y < 5 * GlyphScale && top + y < sheet.Height; y++)
        {
            for (int x = 0; x < 3 * GlyphScale; x++)
            {
                if ((rows[y / GlyphScale] & (4 >> (x / GlyphScale))) != 0)
                {
                    Span<byte> pixel = sheet.Row(top + y).Slice(4 * (left + x), 4);
                    pixel.Fill(Gray);
                    pixel[3] = 255;
                }
            }
        }
    }
}
