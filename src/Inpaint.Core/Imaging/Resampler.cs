using System.Numerics;
using System.Runtime.CompilerServices;

namespace Inpaint.Imaging;

/// <summary>
/// Scales pictures with a Lanczos kernel of three lobes, columns and rows apart. Colours are weighted by their alpha, so that transparent ones do not bleed. Each sample
/// is summed in a fixed order: the result does not depend on the number of cores.
/// </summary>
internal static class Resampler
{
    // Rows of the result that one task makes: enough that the source rows that neighbours share, and scale twice, are few.
    private const int RowsPerPart = 128;

    /// <summary>The picture in another size, with its metadata; itself when it has that size already.</summary>
    public static Raster Resize(Raster raster, int width, int height, CancellationToken cancellationToken = default)
    {
        if (raster.Width == width && raster.Height == height)
        {
            return raster;
        }

        var resized = new Raster(width, height, raster.Channels, raster.BitDepth) { Metadata = raster.Metadata };
        var across = new ResamplingWeights(raster.Width, width);
        var down = new ResamplingWeights(raster.Height, height);
        int parts = (height + RowsPerPart - 1) / RowsPerPart;
        Parallel.For(0, parts, new ParallelOptions { CancellationToken = cancellationToken }, part =>
        {
            int first = part * RowsPerPart;
            ResizeRows(raster, resized, across, down, first, Math.Min(height, first + RowsPerPart));
        });
        return resized;
    }

    private static void ResizeRows(Raster from, Raster to, ResamplingWeights across, ResamplingWeights down, int first, int end)
    {
        int samples = to.Width * to.Channels;
        float[] source = new float[from.Width * from.Channels];
        float[] sum = new float[samples];

        // Source rows scaled across, kept as long as the rows to come need them: each has its place by its number.
        float[][] ring = new float[down.Taps][];
        int next = down.Start(first);
        for (int y = first; y < end; y++)
        {
            int start = down.Start(y);
            for (next = Math.Max(next, start); next < start + down.Taps; next++)
            {
                Load(from, next, source);
                ScaleAcross(source, ring[next % down.Taps] ??= new float[samples], across, from.Channels);
            }

            ReadOnlySpan<float> weights = down.Of(y);
            Array.Clear(sum);
            for (int tap = 0; tap < weights.Length; tap++)
            {
                if (weights[tap] != 0)
                {
                    AddScaled(ring[(start + tap) % down.Taps], weights[tap], sum);
                }
            }

            Store(sum, to, y);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScaleAcross(ReadOnlySpan<float> from, Span<float> to, ResamplingWeights across, int channels)
    {
        int width = to.Length / channels;
        for (int x = 0; x < width; x++)
        {
            ReadOnlySpan<float> weights = across.Of(x);
            int start = across.Start(x) * channels;
            for (int c = 0; c < channels; c++)
            {
                float sum = 0;
                for (int tap = 0, at = start + c; tap < weights.Length; tap++, at += channels)
                {
                    sum += weights[tap] * from[at];
                }

                to[(x * channels) + c] = sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddScaled(ReadOnlySpan<float> row, float weight, Span<float> sum)
    {
        int i = 0;
        var factor = new Vector<float>(weight);
        for (; i <= sum.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> product = new Vector<float>(row[i..]) * factor;
            (new Vector<float>(sum[i..]) + product).CopyTo(sum[i..]);
        }

        for (; i < sum.Length; i++)
        {
            sum[i] += row[i] * weight;
        }
    }

    // Colours times alpha, both as stored.
    private static void Load(Raster raster, int y, Span<float> target)
    {
        if (raster.BitDepth == 16)
        {
            ReadOnlySpan<ushort> row = raster.RowUInt16(y);
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = row[i];
            }
        }
        else
        {
            ReadOnlySpan<byte> row = raster.Row(y);
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = row[i];
            }
        }

        if (raster.HasAlpha)
        {
            float white = (1 << raster.BitDepth) - 1;
            for (int i = 0; i < target.Length; i += raster.Channels)
            {
                float opacity = target[i + raster.Channels - 1] / white;
                for (int c = 0; c < raster.Channels - 1; c++)
                {
                    target[i + c] *= opacity;
                }
            }
        }
    }

    private static void Store(Span<float> row, Raster raster, int y)
    {
        float white = (1 << raster.BitDepth) - 1;
        if (raster.HasAlpha)
        {
            for (int i = 0; i < row.Length; i += raster.Channels)
            {
                float opacity = row[i + raster.Channels - 1] / white;
                for (int c = 0; c < raster.Channels - 1 && opacity > 0; c++)
                {
                    row[i + c] /= opacity;
                }
            }
        }

        if (raster.BitDepth == 16)
        {
            Span<ushort> target = raster.RowUInt16(y);
            for (int i = 0; i < row.Length; i++)
            {
                target[i] = (ushort)(Math.Clamp(row[i], 0, white) + 0.5f);
            }
        }
        else
        {
            Span<byte> target = raster.Row(y);
            for (int i = 0; i < row.Length; i++)
            {
                target[i] = (byte)(Math.Clamp(row[i], 0, white) + 0.5f);
            }
        }
    }
}
