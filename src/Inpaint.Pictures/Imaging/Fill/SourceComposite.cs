using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Inpaint.Imaging.Fill;

/// <summary>
/// Computes the final samples: each pixel of the hole is a copy of a source pixel, at the picture's own bit depth, plus a smooth correction that evens out the steps between copies
/// of different origin, and between copies and the known picture.
/// </summary>
/// <remarks>
/// The correction solves a screened Poisson equation: its differences across a seam compensate the mismatch there, and the screening keeps it near the seam, so that a shade
/// does not spread through the whole hole.
/// </remarks>
internal sealed class SourceComposite
{
    private const int Iterations = 60;
    private const float Overrelaxation = 1.6f;
    private const float Screening = 0.003f;

    // A mismatch far above this fraction of the sample range is an edge of the subject and is kept.
    private const float MaxStep = 0.25f;

    private const int Known = -1;
    private const int Ignored = -2;

    private readonly Raster picture;
    private readonly FillWindow window;
    private readonly FillLevel level;
    private readonly int[] sources;
    private readonly ParallelOptions parallel;
    private readonly float range;
    private readonly int[] positions;

    /// <param name="window">The part of it that the level covers.</param>
    /// <param name="level">The finest level.</param>
    /// <param name="sources">For each of the level's hole pixels the index of the pixel to copy.</param>
    public SourceComposite(Raster picture, FillWindow window, FillLevel level, int[] sources, ParallelOptions parallel)
    {
        this.picture = picture;
        this.window = window;
        this.level = level;
        this.sources = sources;
        this.parallel = parallel;
        range = picture.BitDepth == 16 ? 65535 : 255;
        positions = new int[level.Hole.Length];
        for (int position = 0; position < level.HolePixels.Length; position++)
        {
            positions[level.HolePixels[position]] = position;
        }
    }

    /// <summary>Computes premultiplied samples in four floats, 0..1, for each of the level's hole pixels.</summary>
    public Vector128<float>[] Compose()
    {
        int count = sources.Length;
        Vector128<float>[] values = new Vector128<float>[count];
        ForEachChunk(count, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (from, to) =>
        {
            for (int position = from; position < to; position++)
            {
                values[position] = Sample(sources[position]);
            }
        });

        Vector128<float>[] correction = Solve(values);
        ForEachChunk(count, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (from, to) =>
        {
            for (int position = from; position < to; position++)
            {
                values[position] += correction[position];
            }
        });
        return values;
    }

    private Vector128<float>[] Solve(Vector128<float>[] values)
    {
        int count = values.Length;
        int[] neighbours = new int[count * 4];
        Vector128<float>[] steps = new Vector128<float>[count];
        float[] scale = new float[count];
        ForEachChunk(count, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (from, to) =>
        {
            for (int position = from; position < to; position++)
            {
                Prepare(values, position, neighbours.AsSpan(position * 4, 4), out steps[position], out scale[position]);
            }
        });

        Vector128<float>[] correction = new Vector128<float>[count];
        for (int iteration = 0; iteration < 2 * Iterations; iteration++)
        {
            // Red and black pixels take turns: neighbours never change at the same time.
            int colour = iteration & 1;
            ForEachChunk(count, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (from, to) =>
            {
                for (int position = from; position < to; position++)
                {
                    int index = level.HolePixels[position];
                    if (((level.XOf(index) + level.YOf(index)) & 1) == colour)
                    {
                        Relax(correction, position, neighbours, steps[position], scale[position]);
                    }
                }
            });
        }

        return correction;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Relax(Vector128<float>[] correction, int position, int[] neighbours, Vector128<float> steps, float scale)
    {
        Vector128<float> sum = steps;
        for (int side = 0; side < 4; side++)
        {
            int neighbour = neighbours[(position * 4) + side];
            if (neighbour >= 0)
            {
                sum += correction[neighbour];
            }
        }

        correction[position] += ((sum * scale) - correction[position]) * Overrelaxation;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Prepare(Vector128<float>[] values, int position, Span<int> neighbours, out Vector128<float> steps, out float scale)
    {
        int index = level.HolePixels[position];
        int x = level.XOf(index);
        int y = level.YOf(index);
        ReadOnlySpan<int> sides = [1, -1, level.Stride, -level.Stride];
        ReadOnlySpan<bool> exists = [x + 1 < level.Width, x > 0, y + 1 < level.Height, y > 0];
        steps = Vector128<float>.Zero;
        float weight = Screening;
        for (int side = 0; side < 4; side++)
        {
            neighbours[side] = Ignored;
            if (!exists[side])
            {
                continue;
            }

            int other = index + sides[side];
            int continued = sources[position] + sides[side];
            bool inHole = level.Hole[other] != 0;
            if (inHole && sources[positions[other]] == continued)
            {
                neighbours[side] = positions[other];
                weight++;
                continue;
            }

            Vector128<float> mismatch = Vector128<float>.Zero;
            int estimates = 0;
            if (IsKnown(continued))
            {
                mismatch += (inHole ? values[positions[other]] : Sample(other)) - Sample(continued);
                estimates++;
            }

            if (inHole && IsKnown(sources[positions[other]] - sides[side]))
            {
                mismatch += Sample(sources[positions[other]] - sides[side]) - values[position];
                estimates++;
            }

            if (estimates > 0)
            {
                neighbours[side] = inHole ? positions[other] : Known;
                steps += Soften(mismatch / estimates);
                weight++;
            }
        }

        scale = 1 / weight;
    }

    private static Vector128<float> Soften(Vector128<float> mismatch)
    {
        float square = Vector128.Sum(mismatch * mismatch) / (MaxStep * MaxStep);
        return mismatch / (1 + square);
    }

    private bool IsKnown(int index) => level.InPicture(index) && level.Hole[index] == 0;

    private Vector128<float> Sample(int index) =>
        PremultipliedSamples.Read(picture, window.Left + level.XOf(index), window.Top + level.YOf(index), range);

    private void ForEachChunk(int count, Action<int, int> action)
    {
        const int Chunk = 4096;
        Parallel.For(0, (count + Chunk - 1) / Chunk, parallel, chunk => action(chunk * Chunk, Math.Min(count, (chunk + 1) * Chunk)));
    }
}

/// <summary>Reads and writes pixels as four floats from 0 to 1, colour multiplied by alpha and alpha in the last channel.</summary>
internal static class PremultipliedSamples
{
    /// <summary>Reads a pixel; unused lanes are 0.</summary>
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
