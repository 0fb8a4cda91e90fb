using Inpaint.Imaging;

namespace Inpaint.Tests.Requests;

/// <summary>Small pictures and masks as files in memory.</summary>
internal static class TestPictures
{
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
