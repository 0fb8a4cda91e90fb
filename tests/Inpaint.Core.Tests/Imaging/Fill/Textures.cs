using Inpaint.Imaging;

namespace Inpaint.Tests.Imaging.Fill;

/// <summary>Pictures made from formulas, and holes to cut into them.</summary>
internal static class Textures
{
    public static Raster Create(int width, int height, int channels, int bitDepth, Func<int, int, (int Red, int Green, int Blue)> colour, int alpha = 255)
    {
        Raster picture = new(width, height, channels, bitDepth);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int red, int green, int blue) = colour(x, y);
                int[] samples = channels switch
                {
                    1 => [red],
                    2 => [red, alpha],
                    3 => [red, green, blue],
                    _ => [red, green, blue, alpha],
                };
                for (int channel = 0; channel < channels; channel++)
                {
                    int index = (((y * width) + x) * channels) + channel;
                    if (bitDepth == 16)
                    {
                        picture.AsUInt16()[index] = (ushort)(samples[channel] * 257);
                    }
                    else
                    {
                        picture.Data[index] = (byte)samples[channel];
                    }
                }
            }
        }

        return picture;
    }

    public static (int Red, int Green, int Blue) Stripes(int x, int y) => (x + (2 * y)) / 6 % 2 == 0 ? (200, 180, 150) : (60, 70, 90);

    public static (int Red, int Green, int Blue) Checkerboard(int x, int y) => ((x / 8) + (y / 8)) % 2 == 0 ? (230, 230, 220) : (30, 40, 35);

    public static (int Red, int Green, int Blue) Bricks(int x, int y)
    {
        int course = y / 10;
        int along = (x + (course % 2 * 10)) % 20;
        return y % 10 < 2 || along < 2 ? (190, 185, 180) : (150, 60 + (course % 2 * 10), 45);
    }

    /// <summary>White noise, uniform over 60 levels around a middle gray.</summary>
    public static (int Red, int Green, int Blue) Noise(int x, int y)
    {
        int gray = 98 + (int)(Hash(x, y) % 60);
        return (gray, gray + 10, gray - 10);
    }

    /// <summary>White noise that is strong in some places and nothing in others, as leaves are in light and shade.</summary>
    public static (int Red, int Green, int Blue) PatchyNoise(int x, int y)
    {
        double strength = Math.Clamp(0.5 + (2 * Smooth(x / 14.0, y / 14.0)), 0, 1);
        int gray = 128 + (int)(60 * strength * Level(x, y));
        return (gray, gray, gray);
    }

    public static byte[] Rectangle(int width, int height, int left, int top, int holeWidth, int holeHeight, byte value = 255)
    {
        byte[] coverage = new byte[width * height];
        for (int y = Math.Max(0, top); y < Math.Min(height, top + holeHeight); y++)
        {
            for (int x = Math.Max(0, left); x < Math.Min(width, left + holeWidth); x++)
            {
                coverage[(y * width) + x] = value;
            }
        }

        return coverage;
    }

    /// <summary>A copy in which the hole's samples are of one bright value, so that nothing of the truth is left to find.</summary>
    public static Raster Cut(Raster picture, byte[] coverage)
    {
        Raster cut = new(picture.Width, picture.Height, picture.Channels, picture.BitDepth, (byte[])picture.Data.Clone());
        int bytes = picture.BytesPerPixel;
        for (int index = 0; index < coverage.Length; index++)
        {
            if (coverage[index] != 0)
            {
                cut.Data.AsSpan(index * bytes, bytes).Fill(251);
            }
        }

        return cut;
    }

    /// <summary>Mean length of the gradient of the first channel over the hole.</summary>
    public static double GradientEnergy(Raster picture, byte[] coverage)
    {
        double sum = 0;
        int count = 0;
        for (int y = 0; y < picture.Height - 1; y++)
        {
            for (int x = 0; x < picture.Width - 1; x++)
            {
                if (coverage[(y * picture.Width) + x] != 0)
                {
                    double across = Sample(picture, x + 1, y) - Sample(picture, x, y);
                    double down = Sample(picture, x, y + 1) - Sample(picture, x, y);
                    sum += Math.Sqrt((across * across) + (down * down));
                    count++;
                }
            }
        }

        return sum / count;
    }

    /// <summary>Mean absolute difference of the first channel over the hole, in 8-bit steps.</summary>
    public static double MeanError(Raster picture, Raster truth, byte[] coverage)
    {
        double sum = 0;
        int count = 0;
        for (int y = 0; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width; x++)
            {
                if (coverage[(y * picture.Width) + x] != 0)
                {
                    sum += Math.Abs(Sample(picture, x, y) - Sample(truth, x, y));
                    count++;
                }
            }
        }

        return sum / count;
    }

    private static double Sample(Raster picture, int x, int y)
    {
        int index = ((y * picture.Width) + x) * picture.Channels;
        return picture.BitDepth == 16 ? picture.AsUInt16()[index] / 257.0 : picture.Data[index];
    }

    /// <summary>Random levels at whole numbers, from -0.5 to 0.5, and a smooth way from one to the next.</summary>
    private static double Smooth(double x, double y)
    {
        int column = (int)x;
        int row = (int)y;
        double right = Ease(x - column);
        double down = Ease(y - row);
        return (((Level(column, row) * (1 - right)) + (Level(column + 1, row) * right)) * (1 - down))
            + (((Level(column, row + 1) * (1 - right)) + (Level(column + 1, row + 1) * right)) * down);
    }

    private static double Ease(double share) => share * share * (3 - (2 * share));

    private static double Level(int x, int y) => ((Hash(x, y) % 1000) / 1000.0) - 0.5;

    private static uint Hash(int x, int y)
    {
        uint value = ((uint)x * 0x9E3779B1u) ^ ((uint)y * 0x85EBCA77u);
        value = (value ^ (value >> 15)) * 0x2C1B3C6Du;
        value = (value ^ (value >> 12)) * 0x297A2D39u;
        return value ^ (value >> 15);
    }
}
