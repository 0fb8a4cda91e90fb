using System.Runtime.InteropServices;

namespace Inpaint.Imaging.Terminal;

/// <summary>
/// Chooses a palette for a picture: the box of all its colours is split where it varies most, again and again, until there are enough boxes (Heckbert 1982, split at the
/// mean instead of the median, which leaves less error). A picture with few colours keeps them.
/// </summary>
internal static class ColorQuantizer
{
    // Colours are counted by the upper 5 bits of each channel; their means are exact.
    private const int Bits = 5;

    /// <summary>Chooses a palette.</summary>
    /// <param name="sheet">8-bit RGBA, each pixel opaque or fully transparent.</param>
    /// <param name="count">The maximum number of colours.</param>
    /// <returns>At least one colour.</returns>
    public static PixelColor[] Choose(Raster sheet, int count)
    {
        if (Own(sheet, count) is { } few)
        {
            return few;
        }

        Bin[] bins = Count(sheet);
        List<Box> boxes = [Box.Of(bins)];
        while (boxes.Count < count)
        {
            int widest = 0;
            for (int i = 1; i < boxes.Count; i++)
            {
                widest = boxes[i].Error > boxes[widest].Error ? i : widest;
            }

            if (boxes[widest].Error <= 0)
            {
                break;
            }

            (boxes[widest], Box other) = boxes[widest].Cut();
            boxes.Add(other);
        }

        return [.. boxes.Select(b => b.Mean)];
    }

    /// <summary>The picture's own colours; null when there are too many.</summary>
    private static PixelColor[]? Own(Raster sheet, int count)
    {
        HashSet<PixelColor> colors = [];
        for (int i = 0; i < sheet.Data.Length; i += 4)
        {
            if (sheet.Data[i + 3] != 0 && colors.Add(new PixelColor(sheet.Data[i], sheet.Data[i + 1], sheet.Data[i + 2])) && colors.Count > count)
            {
                return null;
            }
        }

        return colors.Count == 0 ? [default] : [.. colors];
    }

    private static Bin[] Count(Raster sheet)
    {
        const int Shift = 8 - Bits;
        Bin[] bins = new Bin[1 << (3 * Bits)];
        for (int i = 0; i < sheet.Data.Length; i += 4)
        {
            if (sheet.Data[i + 3] != 0)
            {
                (int red, int green, int blue) = (sheet.Data[i], sheet.Data[i + 1], sheet.Data[i + 2]);
                ref Bin bin = ref bins[((red >> Shift) << (2 * Bits)) | ((green >> Shift) << Bits) | (blue >> Shift)];
                bin = new Bin(bin.Pixels + 1, bin.Red + red, bin.Green + green, bin.Blue + blue);
            }
        }

        return [.. bins.Where(b => b.Pixels > 0)];
    }

    /// <summary>Pixels of about one colour, with the sums of their channels.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Bin(long Pixels, long Red, long Green, long Blue)
    {
        public double Channel(int channel) => (double)(channel switch { 0 => Red, 1 => Green, _ => Blue }) / Pixels;
    }

    /// <summary>Some bins, and how far their pixels are from their mean.</summary>
    private sealed record Box(Bin[] Bins, double[] Means, int Channel, double Error)
    {
        public PixelColor Mean => new((byte)Math.Round(Means[0]), (byte)Math.Round(Means[1]), (byte)Math.Round(Means[2]));

        public static Box Of(Bin[] bins)
        {
            double pixels = bins.Sum(b => (double)b.Pixels);
            double[] means = [bins.Sum(b => (double)b.Red) / pixels, bins.Sum(b => (double)b.Green) / pixels, bins.Sum(b => (double)b.Blue) / pixels];
            double[] errors = new double[3];
            for (int channel = 0; channel < 3; channel++)
            {
                foreach (Bin bin in bins)
                {
                    double off = bin.Channel(channel) - means[channel];
                    errors[channel] += bin.Pixels * off * off;
                }
            }

            int worst = errors[0] >= errors[1] && errors[0] >= errors[2] ? 0 : errors[1] >= errors[2] ? 1 : 2;

            // Bins whose sums differ by rounding alone are not worth a cut, and might not be divided by one.
            return new Box(bins, means, worst, bins.Length > 1 && errors[worst] > 1e-6 * pixels ? errors[worst] : 0);
        }

        public (Box Lower, Box Upper) Cut()
        {
            double mean = Means[Channel];
            return (Of([.. Bins.Where(b => b.Channel(Channel) <= mean)]), Of([.. Bins.Where(b => b.Channel(Channel) > mean)]));
        }
    }
}

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
