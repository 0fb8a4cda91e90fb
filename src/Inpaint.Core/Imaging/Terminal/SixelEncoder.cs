using System.Globalization;
using System.Text;

namespace Inpaint.Imaging.Terminal;

/// <summary>
/// Draws by sixels: columns of six pixels, a character each, one colour after the other (DEC, "VT330/VT340 Programmer Reference Manual", volume 2, chapter 14). 256 colours
/// at most, chosen for the picture.
/// </summary>
internal static class SixelEncoder
{
    private const int MaxColors = 256;
    private const int BandHeight = 6;

    // Shorter runs are written out: the repeat introducer takes a character and a digit.
    private const int MinRun = 4;

    /// <summary>Draws a sheet.</summary>
    /// <param name="sheet">8-bit RGBA, each pixel opaque or fully transparent; the latter keep what is on the screen.</param>
    /// <returns>A device control string.</returns>
    public static string Encode(Raster sheet, CancellationToken cancellationToken)
    {
        PixelColor[] palette = [.. ColorQuantizer.Choose(sheet, MaxColors).Select(AsRegister).Distinct()];
        int[] pixels = new ColorDither(palette).Apply(sheet, cancellationToken);

        // The second parameter, 1: pixels that are not drawn keep the background. Then the aspect ratio of a pixel, 1:1, and the size.
        StringBuilder text = new(sheet.Width * sheet.Height);
        text.Append(CultureInfo.InvariantCulture, $"\eP0;1;0q\"1;1;{sheet.Width};{sheet.Height}");
        for (int i = 0; i < palette.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"#{i};2;{ToPercent(palette[i].Red)};{ToPercent(palette[i].Green)};{ToPercent(palette[i].Blue)}");
        }

        Band band = new(sheet.Width, palette.Length);
        for (int y = 0; y < sheet.Height; y += BandHeight)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (y > 0)
            {
                text.Append('-');
            }

            band.Read(pixels.AsSpan(y * sheet.Width, Math.Min(BandHeight, sheet.Height - y) * sheet.Width));
            band.Write(text);
        }

        return text.Append("\e\\").ToString();
    }

    /// <summary>A colour as the terminal will show it: its registers hold percentages.</summary>
    private static PixelColor AsRegister(PixelColor color)
    {
        static byte Shown(byte value) => (byte)(((ToPercent(value) * 255) + 50) / 100);
        return new PixelColor(Shown(color.Red), Shown(color.Green), Shown(color.Blue));
    }

    private static int ToPercent(byte value) => ((value * 100) + 127) / 255;

    /// <summary>Six rows, separated by colour.</summary>
    private sealed class Band(int width, int colors)
    {
        private readonly byte[]?[] rows = new byte[colors][];
        private readonly bool[] isUsed = new bool[colors];

        public void Read(ReadOnlySpan<int> pixels)
        {
            for (int color = 0; color < colors; color++)
            {
                if (isUsed[color])
                {
                    Array.Clear(rows[color]!);
                    isUsed[color] = false;
                }
            }

            for (int i = 0; i < pixels.Length; i++)
            {
                int color = pixels[i];
                if (color >= 0)
                {
                    isUsed[color] = true;
                    (rows[color] ??= new byte[width])[i % width] |= (byte)(1 << (i / width));
                }
            }
        }

        public void Write(StringBuilder text)
        {
            bool isFirst = true;
            for (int color = 0; color < colors; color++)
            {
                if (isUsed[color])
                {
                    // $ returns to the left edge, for the next colour of the same rows.
                    text.Append(CultureInfo.InvariantCulture, $"{(isFirst ? "" : "$")}#{color}");
                    WriteRow(text, rows[color]);
                    isFirst = false;
                }
            }
        }

        private static void WriteRow(StringBuilder text, ReadOnlySpan<byte> row)
        {
            row = row[..(row.LastIndexOfAnyExcept((byte)0) + 1)];
            while (!row.IsEmpty)
            {
                int run = row.IndexOfAnyExcept(row[0]);
                run = run < 0 ? row.Length : run;
                char sixel = (char)('?' + row[0]);
                if (run < MinRun)
                {
                    text.Append(sixel, run);
                }
                else
                {
                    text.Append(CultureInfo.InvariantCulture, $"!{run}{sixel}");
                }

                row = row[run..];
            }
        }
    }
}
