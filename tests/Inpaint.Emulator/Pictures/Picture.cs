using Inpaint.Imaging;

namespace Inpaint.Emulator.Pictures;

/// <summary>An 8-bit RGB picture.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Rgb">Three bytes per pixel, rows from the top without padding.</param>
public sealed record Picture(int Width, int Height, byte[] Rgb)
{
    /// <summary>Makes a black picture.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <returns>The picture.</returns>
    public static Picture Black(int width, int height) => new(width, height, new byte[width * height * 3]);

    /// <summary>Takes the nearest pixels for another size.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <returns>The picture itself when it has that size.</returns>
    public Picture Resize(int width, int height)
    {
        if (width == Width && height == Height)
        {
            return this;
        }

        Picture target = Black(width, height);
        for (int y = 0; y < height; y++)
        {
            int from = (int)((long)y * Height / height) * Width;
            for (int x = 0; x < width; x++)
            {
                Rgb.AsSpan((from + (int)((long)x * Width / width)) * 3, 3).CopyTo(target.Rgb.AsSpan((y * width + x) * 3));
            }
        }

        return target;
    }
}
