using Inpaint.Imaging;

namespace Inpaint.Tests.Imaging;

/// <summary>Pictures made by formula: smooth waves in every channel with a little seeded noise.</summary>
internal static class TestPictures
{
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
}
