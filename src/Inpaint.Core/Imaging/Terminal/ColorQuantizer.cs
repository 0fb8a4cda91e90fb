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
