using Inpaint.Imaging;

namespace Inpaint.Emulator.Pictures;

/// <summary>
/// Stands in for a diffusion model. The masked part (mask at 128 or more) becomes a wave pattern that depends on seed and prompt and is mixed with the source by strength;
/// the rest is the source with every sample off by up to <see cref="Drift"/>, because a real model's pictures pass through a latent space and come back slightly changed
/// everywhere. Same input, same pixels.
/// </summary>
public static class Painter
{
    /// <summary>The largest change of a sample outside the mask.</summary>
    public const int Drift = 3;

    /// <summary>Repaints the masked part of a picture.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="mask">White where it is to be repainted; of the source's size.</param>
    /// <param name="strength">0 keeps the source, 1 ignores it.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="prompt">The prompt.</param>
    /// <returns>A new picture of the source's size.</returns>
    public static Picture Inpaint(Picture source, Picture mask, double strength, long seed, string prompt)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(mask);
        Picture painted = Generate(source.Width, source.Height, seed, prompt);
        ulong noise = Mix(unchecked((ulong)seed));
        for (int index = 0; index < source.Rgb.Length; index++)
        {
            int pixel = index / 3 * 3;
            int light = (mask.Rgb[pixel] + mask.Rgb[pixel + 1] + mask.Rgb[pixel + 2]) / 3;
            if (light >= 128)
            {
                painted.Rgb[index] = (byte)Math.Round(painted.Rgb[index] * strength + source.Rgb[index] * (1 - strength));
            }
            else
            {
                int off = (int)(Mix(noise + (ulong)index) % (2 * Drift + 1)) - Drift;
                painted.Rgb[index] = (byte)Math.Clamp(source.Rgb[index] + off, 0, 255);
            }
        }

        return painted;
    }

    /// <summary>Paints a picture from nothing.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="prompt">The prompt.</param>
    /// <returns>The picture.</returns>
    public static Picture Generate(int width, int height, long seed, string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ulong state = prompt.Aggregate(Mix(unchecked((ulong)seed)), (hash, letter) => Mix(hash ^ letter));
        double[] across = new double[3];
        double[] down = new double[3];
        for (int channel = 0; channel < 3; channel++)
        {
            across[channel] = Wave(state = Mix(state + 1));
            down[channel] = Wave(state = Mix(state + 2));
        }

        Picture picture = Picture.Black(width, height);
        for (int y = 0, at = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int channel = 0; channel < 3; channel++, at++)
                {
                    picture.Rgb[at] = (byte)(128 + 60 * Math.Sin(x * across[channel] + channel) + 60 * Math.Sin(y * down[channel] - channel));
                }
            }
        }

        return picture;
    }

    // A wave of 16 to 112 pixels: wide enough for a JPEG to keep it.
    private static double Wave(ulong random) => 2 * Math.PI / (16 + random % 97);

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value += 0x9E3779B97F4A7C15;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
