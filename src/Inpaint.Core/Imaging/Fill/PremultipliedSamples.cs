using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Inpaint.Imaging.Fill;

/// <summary>Reads and writes pixels as four floats from 0 to 1, colour multiplied by alpha and alpha in the last channel.</summary>
internal static class PremultipliedSamples
{
    /// <summary>Reads a pixel; unused lanes are 0.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="x">Column.</param>
    /// <param name="y">Row.</param>
    /// <param name="range">The largest sample value.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<float> Read(Raster picture, int x, int y, float range)
    {
        int channels = picture.Channels;
        int first = ((y * picture.Width) + x) * channels;
        Span<float> lanes = stackalloc float[4];
        lanes.Clear();
        if (picture.BitDepth == 16)
        {
            ReadOnlySpan<ushort> samples = picture.AsUInt16().Slice(first, channels);
            for (int channel = 0; channel < channels; channel++)
            {
                lanes[channel] = samples[channel];
            }
        }
        else
        {
            ReadOnlySpan<byte> samples = picture.Data.AsSpan(first, channels);
            for (int channel = 0; channel < channels; channel++)
            {
                lanes[channel] = samples[channel];
            }
        }

        Vector128<float> value = Vector128.Create<float>(lanes) / range;
        if (!picture.HasAlpha)
        {
            return value;
        }

        float alpha = value.GetElement(channels - 1);
        return (value * alpha).WithElement(channels - 1, alpha);
    }

    /// <summary>Writes a pixel. A transparent one loses its colour.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(Raster picture, int x, int y, float range, Vector128<float> value)
    {
        int channels = picture.Channels;
        int first = ((y * picture.Width) + x) * channels;
        if (picture.HasAlpha)
        {
            float alpha = Math.Clamp(value.GetElement(channels - 1), 0, 1);
            value = alpha > 0 ? (value / alpha).WithElement(channels - 1, alpha) : Vector128<float>.Zero;
        }

        value = Vector128.Min(Vector128.Max(value, Vector128<float>.Zero), Vector128<float>.One) * range;
        for (int channel = 0; channel < channels; channel++)
        {
            float sample = MathF.Round(value.GetElement(channel));
            if (picture.BitDepth == 16)
            {
                picture.AsUInt16()[first + channel] = (ushort)sample;
            }
            else
            {
                picture.Data[first + channel] = (byte)sample;
            }
        }
    }
}
