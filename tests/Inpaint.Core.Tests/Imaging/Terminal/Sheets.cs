using Inpaint.Imaging;

namespace Inpaint.Tests.Imaging.Terminal;

/// <summary>Sheets as the encoders get them: 8-bit RGBA, opaque or empty.</summary>
internal static class Sheets
{
    /// <summary>Every kind of gradient, opaque.</summary>
    public static Raster Waves(int width, int height) => RasterLayout.Convert(TestPictures.Waves(width, height, 3), channels: 4, bitDepth: 8);

    /// <summary>A few flat colours in patches of 3 by 2.</summary>
    public static Raster Patches(int width, int height, int colors)
    {
        Raster sheet = new(width, height, 4);
        for (int i = 0; i < width * height; i++)
        {
            int number = ((i % width / 3) + (i / width / 2 * 7)) % colors;
            (byte red, byte green, byte blue) = ((byte)(number * 67), (byte)(number * 31), (byte)(255 - (number * 11)));
            ((byte[])[red, green, blue, 255]).CopyTo(sheet.Data, 4 * i);
        }

        return sheet;
    }

    /// <summary>The mean of a channel over a square of 8 by 8 pixels, which is what the eye makes of dither.</summary>
    public static double Mean(int left, int top, Func<int, int, int> sample)
    {
        int sum = 0;
        for (int i = 0; i < 64; i++)
        {
            sum += sample(left + (i % 8), top + (i / 8));
        }

        return sum / 64.0;
    }
}
