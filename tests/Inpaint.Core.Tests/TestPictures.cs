using Inpaint.Imaging;

namespace Inpaint.Tests;

/// <summary>Small pictures and masks, as pixels and as files in memory.</summary>
internal static class TestPictures
{
    /// <summary>Smooth waves in every channel with a little seeded noise.</summary>
    public static Raster Waves(int width, int height, int channels, int bitDepth = 8)
    {
        var raster = new Raster(width, height, channels, bitDepth);
        var random = new Random(width + height + channels + bitDepth);
        int i = 0;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int c = 0; c < channels; c++, i++)
                {
                    double value = 0.5 + (0.25 * Math.Sin((x * 0.02) + c)) + (0.24 * Math.Cos(y * 0.03 * (c + 1))) + (random.NextDouble() * 0.008);
                    if (bitDepth == 16)
                    {
                        raster.AsUInt16()[i] = (ushort)(value * 65535);
                    }
                    else
                    {
                        raster.Data[i] = (byte)(value * 255);
                    }
                }
            }
        }

        return raster;
    }

    /// <summary>A colourful PNG.</summary>
    public static byte[] Png(int width, int height, int channels = 3, int salt = 0) =>
        Encode(Make(width, height, channels, salt), PictureFormat.Png);

    /// <summary>A colourful JPEG.</summary>
    public static byte[] Jpeg(int width, int height) => Encode(Make(width, height, 3, 0), PictureFormat.Jpeg);

    /// <summary>A mask of black and white whose right half is white.</summary>
    public static byte[] RightHalfMask(int width, int height) => GrayMask(width, height, (x, _) => x >= width / 2 ? (byte)255 : (byte)0);

    public static byte[] GrayMask(int width, int height, Func<int, int, byte> value)
    {
        Raster raster = new(width, height, 1, 8);
        for (int i = 0; i < raster.Data.Length; i++)
        {
            raster.Data[i] = value(i % width, i / width);
        }

        return Encode(raster, PictureFormat.Png);
    }

    /// <summary>An RGBA mask.</summary>
    public static byte[] AlphaMask(int width, int height, Func<int, int, (byte Gray, byte Alpha)> value)
    {
        Raster raster = new(width, height, 4, 8);
        for (int i = 0; i < width * height; i++)
        {
            (byte gray, byte alpha) = value(i % width, i / width);
            raster.Data.AsSpan(4 * i, 3).Fill(gray);
            raster.Data[(4 * i) + 3] = alpha;
        }

        return Encode(raster, PictureFormat.Png);
    }

    public static byte[] Encode(Raster raster, PictureFormat format)
    {
        MemoryStream file = new();
        Pictures.Encode(raster, format, file);
        return file.ToArray();
    }

    private static Raster Make(int width, int height, int channels, int salt)
    {
        Raster raster = new(width, height, channels, 8);
        for (int i = 0; i < raster.Data.Length; i++)
        {
            raster.Data[i] = (byte)(((i * 37) + (i / width) + salt) & 255);
        }

        return raster;
    }
}
