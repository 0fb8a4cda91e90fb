using System.Globalization;
using System.Text;

namespace Inpaint.Imaging.Terminal;

/// <summary>
/// Draws with the characters ▀ and ▄, whose foreground and background are two pixels, one above the other. Colours by "select graphic rendition" (ECMA-48 8.3.117) with the parameters 38
/// and 48 of ITU-T T.416: ;2;r;g;b for 24 bits, ;5;n for xterm's 256.
/// </summary>
internal static class HalfBlockEncoder
{
    private const int Transparent = -1;

    /// <summary>Draws a sheet.</summary>
    /// <param name="sheet">8-bit RGBA, each pixel opaque or fully transparent.</param>
    /// <param name="colors">The colours that the terminal has; not <see cref="TerminalColors.None"/>.</param>
    /// <returns>A line for every two rows. Each ends by resetting the colours.</returns>
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
        int foreground = Transparent;
        int background = Transparent;
        int end = Math.Max(upper.LastIndexOfAnyExcept(Transparent), lower.LastIndexOfAnyExcept(Transparent)) + 1;
        for (int x = 0; x < end; x++)
        {
            int above = upper[x];
            int below = lower.IsEmpty ? Transparent : lower[x];
            bool isLowerOnly = above == Transparent;
            (int foregroundHere, int backgroundHere) = isLowerOnly ? (below, Transparent) : (above, below);
            if (foregroundHere != foreground && foregroundHere != Transparent)
            {
                WriteColor(text, 38, foregroundHere, colors);
                foreground = foregroundHere;
            }

            if (backgroundHere != background)
            {
                WriteColor(text, 48, backgroundHere, colors);
                background = backgroundHere;
            }

            text.Append(isLowerOnly ? (below == Transparent ? ' ' : '▄') : '▀');
        }

        text.Append("\e[0m");
    }

    private static void WriteColor(StringBuilder text, int layer, int color, TerminalColors colors)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        if (color == Transparent)
        {
            // The terminal's default.
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
            packed[i] = pixel[3] == 0 ? Transparent : (pixel[0] << 16) | (pixel[1] << 8) | pixel[2];
        }

        return packed;
    }
}

/// <summary>
/// The part of xterm's 256 colours that is the same in every terminal: the cube of 6 by 6 by 6 from index 16 and the 24 grays from 232 (xterm, 256colres.pl). The first 16
/// depend on the user's theme.
/// </summary>
internal static class XtermPalette
{
    private const int FirstIndex = 16;

    private static readonly byte[] Levels = [0, 95, 135, 175, 215, 255];

    /// <summary>The colours from index 16.</summary>
    public static PixelColor[] Colors { get; } =
    [
        .. from red in Levels from green in Levels from blue in Levels select new PixelColor(red, green, blue),
        .. Enumerable.Range(0, 24).Select(i => (byte)(8 + (10 * i))).Select(gray => new PixelColor(gray, gray, gray)),
    ];

    /// <summary>Replaces the colours of a sheet by these.</summary>
    /// <param name="sheet">8-bit RGBA, each pixel opaque or fully transparent.</param>
    /// <returns>xterm's index for each pixel; -1 for a transparent one.</returns>
    public static int[] Dither(Raster sheet)
    {
        int[] numbers = new ColorDither(Colors).Apply(sheet, CancellationToken.None);
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = numbers[i] < 0 ? numbers[i] : numbers[i] + FirstIndex;
        }

        return numbers;
    }
}

/// <summary>Draws without colours or escape sequences, with the five characters from blank to full block. Assumes light text on a dark background.</summary>
internal static class ShadeEncoder
{
    private const string Shades = " ░▒▓█";

    /// <summary>Draws a sheet.</summary>
    /// <param name="sheet">8-bit RGBA, each pixel opaque or fully transparent.</param>
    /// <returns>A line for every two rows.</returns>
    public static string Encode(Raster sheet)
    {
        int lines = (sheet.Height + 1) / 2;
        StringBuilder text = new((sheet.Width + 1) * lines);

        // The error of each shade is diffused to the neighbours that follow (Floyd and Steinberg 1976).
        float[] carried = new float[sheet.Width + 2];
        float[] next = new float[sheet.Width + 2];
        for (int line = 0; line < lines; line++)
        {
            int start = text.Length;
            for (int x = 0; x < sheet.Width; x++)
            {
                if (Brightness(sheet, x, line) is not float brightness)
                {
                    text.Append(' ');
                    continue;
                }

                float wanted = brightness + carried[x + 1];
                int shade = Math.Clamp((int)MathF.Round(wanted * (Shades.Length - 1)), 0, Shades.Length - 1);
                float error = wanted - ((float)shade / (Shades.Length - 1));
                carried[x + 2] += error * 7 / 16;
                next[x] += error * 3 / 16;
                next[x + 1] += error * 5 / 16;
                next[x + 2] += error * 1 / 16;
                text.Append(Shades[shade]);
            }

            while (text.Length > start && text[^1] == ' ')
            {
                text.Length--;
            }

            text.Append('\n');
            (carried, next) = (next, carried);
            Array.Clear(next);
        }

        text.Length--;
        return text.ToString();
    }

    /// <summary>The brightness of a cell's two pixels, 0 to 1; null where both are transparent.</summary>
    private static float? Brightness(Raster sheet, int x, int line)
    {
        int sum = 0;
        int opaque = 0;
        for (int y = 2 * line; y < Math.Min(sheet.Height, (2 * line) + 2); y++)
        {
            ReadOnlySpan<byte> pixel = sheet.Row(y).Slice(4 * x, 4);
            if (pixel[3] != 0)
            {
                sum += ((299 * pixel[0]) + (587 * pixel[1]) + (114 * pixel[2])) / 1000;
                opaque++;
            }
        }

        return opaque == 0 ? null : sum / (255f * opaque);
    }
}
