namespace Inpaint.Imaging.Terminal;

/// <summary>
/// Replaces colours by those of a palette. The error of each pixel is diffused to its neighbours (Floyd and Steinberg 1976), every other row from right to left, so that
/// surfaces keep their mean colour and gradients show no banding.
/// </summary>
internal sealed class ColorDither
{
    // Nearest colours are cached by the upper 6 bits of each channel.
    private const int Bits = 6;

    private readonly PixelColor[] palette;
    private readonly short[] nearest = new short[1 << (3 * Bits)];

    /// <summary>Prepares a palette of 1 to 256 colours.</summary>
    public ColorDither(PixelColor[] palette)
    {
        this.palette = palette;
        Array.Fill(nearest, (short)-1);
    }

    /// <summary>Replaces the colours of a sheet.</summary>
    /// <param name="sheet">8-bit RGBA, each pixel opaque or fully transparent.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The palette index of each pixel; -1 for a transparent one.</returns>
    public int[] Apply(Raster sheet, CancellationToken cancellationToken)
    {
        int width = sheet.Width;
        int[] numbers = new int[width * sheet.Height];

        // In sixteenths, three for each pixel, with a pixel of margin on both sides.
        int[] carried = new int[3 * (width + 2)];
        int[] next = new int[3 * (width + 2)];
        for (int y = 0; y < sheet.Height; y++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int step = (y & 1) == 0 ? 1 : -1;
            ReadOnlySpan<byte> row = sheet.Row(y);
            for (int i = 0, x = step > 0 ? 0 : width - 1; i < width; i++, x += step)
            {
                ReadOnlySpan<byte> pixel = row.Slice(4 * x, 4);
                numbers[(y * width) + x] = pixel[3] == 0 ? -1 : Take(pixel, carried, next, 3 * (x + 1), 3 * step);
            }

            (carried, next) = (next, carried);
            Array.Clear(next);
        }

        return numbers;
    }

    private int Take(ReadOnlySpan<byte> pixel, Span<int> carried, Span<int> next, int at, int ahead)
    {
        Span<int> wanted = stackalloc int[3];
        for (int c = 0; c < 3; c++)
        {
            wanted[c] = Math.Clamp(pixel[c] + (carried[at + c] / 16), 0, 255);
        }

        int number = Nearest(wanted);
        PixelColor taken = palette[number];
        for (int c = 0; c < 3; c++)
        {
            int error = wanted[c] - (c == 0 ? taken.Red : c == 1 ? taken.Green : taken.Blue);
            carried[at + ahead + c] += 7 * error;
            next[at - ahead + c] += 3 * error;
            next[at + c] += 5 * error;
            next[at + ahead + c] += error;
        }

        return number;
    }

    private int Nearest(ReadOnlySpan<int> color)
    {
        const int Shift = 8 - Bits;
        int key = ((color[0] >> Shift) << (2 * Bits)) | ((color[1] >> Shift) << Bits) | (color[2] >> Shift);
        if (nearest[key] >= 0)
        {
            return nearest[key];
        }

        int best = 0;
        int least = int.MaxValue;
        for (int i = 0; i < palette.Length && least > 0; i++)
        {
            int red = color[0] - palette[i].Red;
            int green = color[1] - palette[i].Green;
            int blue = color[2] - palette[i].Blue;

            // The eye sees green best and blue least.
            int distance = (3 * red * red) + (6 * green * green) + (blue * blue);
            if (distance < least)
            {
                (best, least) = (i, distance);
            }
        }

        nearest[key] = (short)best;
        return best;
    }
}
