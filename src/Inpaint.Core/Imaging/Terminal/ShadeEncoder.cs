using System.Text;

namespace Inpaint.Imaging.Terminal;

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
