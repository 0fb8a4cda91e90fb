using System.Globalization;
using System.Text;

namespace Inpaint.Imaging.Terminal;

/// <summary>
/// Draws with the characters ▀ and ▄, whose ink and paper are two pixels, one above the other. Colours by "select graphic rendition" (ECMA-48 8.3.117) with the parameters 38
/// and 48 of ITU-T T.416: ;2;r;g;b for 24 bits, ;5;n for xterm's 256.
/// </summary>
internal static class HalfBlockEncoder
{
    private const int Unpainted = -1;

    /// <summary>Draws a sheet.</summary>
    /// <param name="sheet">8-bit RGBA, each pixel opaque or fully transparent.</param>
    /// <param name="colors">The colours there are; not <see cref="TerminalColors.None"/>.</param>
    /// <returns>A line for every two rows. Each ends with the terminal's own colours.</returns>
    public static string Encode(Raster sheet, TerminalColors colors)
    {
        int[] pixels = colors == TerminalColors.TrueColor ? PackedColors(sheet) : XtermPalette.Dither(sheet);
        StringBuilder text = new(sheet.Width * sheet.Height * 8);
        for (int y = 0; y < sheet.Height; y += 2)
        {
            if (y > 0)
            {
                text.Append('\n');
            }

            ReadOnlySpan<int> upper = pixels.AsSpan(y * sheet.Width, sheet.Width);
            ReadOnlySpan<int> lower = y + 1 < sheet.Height ? pixels.AsSpan((y + 1) * sheet.Width, sheet.Width) : [];
            WriteLine(text, upper, lower, colors);
        }

        return text.ToString();
    }

    private static void WriteLine(StringBuilder text, ReadOnlySpan<int> upper, ReadOnlySpan<int> lower, TerminalColors colors)
    {
        int ink = Unpainted;
        int paper = Unpainted;
        int end = Math.Max(upper.LastIndexOfAnyExcept(Unpainted), lower.LastIndexOfAnyExcept(Unpainted)) + 1;
        for (int x = 0; x < end; x++)
        {
            int above = upper[x];
            int below = lower.IsEmpty ? Unpainted : lower[x];
            bool isLowerOnly = above == Unpainted;
            (int wantedInk, int wantedPaper) = isLowerOnly ? (below, Unpainted) : (above, below);
            if (wantedInk != ink && wantedInk != Unpainted)
            {
                WriteColor(text, 38, wantedInk, colors);
                ink = wantedInk;
            }

            if (wantedPaper != paper)
            {
                WriteColor(text, 48, wantedPaper, colors);
                paper = wantedPaper;
            }

            text.Append(isLowerOnly ? (below == Unpainted ? ' ' : '▄') : '▀');
        }

        text.Append("\e[0m");
    }

    private static void WriteColor(StringBuilder text, int layer, int color, TerminalColors colors)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        if (color == Unpainted)
        {
            // The terminal's own.
            text.Append(plain, $"\e[{layer + 1}m");
        }
        else if (colors == TerminalColors.TrueColor)
        {
            text.Append(plain, $"\e[{layer};2;{color >> 16};{(color >> 8) & 255};{color & 255}m");
        }
        else
        {
            text.Append(plain, $"\e[{layer};5;{color}m");
        }
    }

    private static int[] PackedColors(Raster sheet)
    {
        int[] packed = new int[sheet.Width * sheet.Height];
        for (int i = 0; i < packed.Length; i++)
        {
            ReadOnlySpan<byte> pixel = sheet.Data.AsSpan(4 * i, 4);
            packed[i] = pixel[3] == 0 ? Unpainted : (pixel[0] << 16) | (pixel[1] << 8) | pixel[2];
        }

        return packed;
    }
}
