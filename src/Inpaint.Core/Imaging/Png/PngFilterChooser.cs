using System.Numerics;
using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Png;

/// <summary>Filters rows for writing: tries all five filters and takes the one whose bytes are smallest as signed numbers, which deflate likes best as a rule.</summary>
internal sealed class PngFilterChooser
{
    private readonly int step;

    // Row and row above, each after `step` zeros, so that the pixel left of the first exists.
    private readonly byte[] row;
    private readonly byte[] above;
    private readonly byte[][] candidates;

    /// <param name="stride">Bytes of a row.</param>
    /// <param name="step">Bytes of a pixel.</param>
    public PngFilterChooser(int stride, int step)
    {
        this.step = step;
        row = new byte[stride + step];
        above = new byte[stride + step];
        candidates = [new byte[stride], new byte[stride], new byte[stride], new byte[stride], new byte[stride]];
    }

    /// <summary>Writes the filter's number and the filtered row.</summary>
    public void Write(ReadOnlySpan<byte> samples, ReadOnlySpan<byte> samplesAbove, Span<byte> target)
    {
        samples.CopyTo(row.AsSpan(step));
        samplesAbove.CopyTo(above.AsSpan(step));
        samples.CopyTo(candidates[PngFilters.None]);
        Subtract(row.AsSpan(0, samples.Length), candidates[PngFilters.Sub]);
        Subtract(above.AsSpan(step), candidates[PngFilters.Up]);
        SubtractAverage(candidates[PngFilters.Average]);
        SubtractPrediction(candidates[PngFilters.Paeth]);

        int best = 0;
        long least = long.MaxValue;
        for (int filter = 0; filter < candidates.Length; filter++)
        {
            long weight = Weigh(candidates[filter]);
            if (weight < least)
            {
                least = weight;
                best = filter;
            }
        }

        target[0] = (byte)best;
        candidates[best].CopyTo(target[1..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Subtract(ReadOnlySpan<byte> predicted, Span<byte> target)
    {
        ReadOnlySpan<byte> x = row.AsSpan(step);
        int i = 0;
        for (; i <= target.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            (new Vector<byte>(x[i..]) - new Vector<byte>(predicted[i..])).CopyTo(target[i..]);
        }

        for (; i < target.Length; i++)
        {
            target[i] = (byte)(x[i] - predicted[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SubtractAverage(Span<byte> target)
    {
        ReadOnlySpan<byte> x = row.AsSpan(step);
        ReadOnlySpan<byte> left = row;
        ReadOnlySpan<byte> up = above.AsSpan(step);
        int i = 0;
        for (; i <= target.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            var a = new Vector<byte>(left[i..]);
            var b = new Vector<byte>(up[i..]);

            // (a + b) / 2 without a ninth bit.
            Vector<byte> mean = (a & b) + (((a ^ b) >>> 1) & new Vector<byte>(0x7F));
            (new Vector<byte>(x[i..]) - mean).CopyTo(target[i..]);
        }

        for (; i < target.Length; i++)
        {
            target[i] = (byte)(x[i] - ((left[i] + up[i]) >> 1));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SubtractPrediction(Span<byte> target)
    {
        ReadOnlySpan<byte> x = row.AsSpan(step);
        ReadOnlySpan<byte> left = row;
        ReadOnlySpan<byte> up = above.AsSpan(step);
        ReadOnlySpan<byte> upLeft = above;
        int i = 0;
        for (; i <= target.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(left[i..]), out Vector<ushort> leftLow, out Vector<ushort> leftHigh);
            Vector.Widen(new Vector<byte>(up[i..]), out Vector<ushort> upLow, out Vector<ushort> upHigh);
            Vector.Widen(new Vector<byte>(upLeft[i..]), out Vector<ushort> upLeftLow, out Vector<ushort> upLeftHigh);
            Vector<ushort> low = Predict(leftLow.As<ushort, short>(), upLow.As<ushort, short>(), upLeftLow.As<ushort, short>());
            Vector<ushort> high = Predict(leftHigh.As<ushort, short>(), upHigh.As<ushort, short>(), upLeftHigh.As<ushort, short>());
            (new Vector<byte>(x[i..]) - Vector.Narrow(low, high)).CopyTo(target[i..]);
        }

        for (; i < target.Length; i++)
        {
            target[i] = (byte)(x[i] - PngFilters.Predict(left[i], up[i], upLeft[i]));
        }
    }

    private static Vector<ushort> Predict(Vector<short> left, Vector<short> up, Vector<short> upLeft)
    {
        Vector<short> toLeft = Vector.Abs(up - upLeft);
        Vector<short> toUp = Vector.Abs(left - upLeft);
        Vector<short> toUpLeft = Vector.Abs(left + up - upLeft - upLeft);
        Vector<short> upOrCorner = Vector.ConditionalSelect(Vector.LessThanOrEqual(toUp, toUpLeft), up, upLeft);
        Vector<short> isLeft = Vector.LessThanOrEqual(toLeft, toUp) & Vector.LessThanOrEqual(toLeft, toUpLeft);
        return Vector.ConditionalSelect(isLeft, left, upOrCorner).As<short, ushort>();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Weigh(ReadOnlySpan<byte> bytes)
    {
        long sum = 0;
        int i = 0;
        while (i <= bytes.Length - Vector<byte>.Count)
        {
            // 256 rounds of two values of at most 128 fit a 16-bit lane.
            Vector<ushort> lanes = Vector<ushort>.Zero;
            for (int round = 0; round < 255 && i <= bytes.Length - Vector<byte>.Count; round++, i += Vector<byte>.Count)
            {
                var value = new Vector<byte>(bytes[i..]);
                Vector.Widen(Vector.Min(value, Vector<byte>.Zero - value), out Vector<ushort> low, out Vector<ushort> high);
                lanes += low + high;
            }

            Vector.Widen(lanes, out Vector<uint> lower, out Vector<uint> upper);
            sum += Vector.Sum(lower + upper);
        }

        for (; i < bytes.Length; i++)
        {
            sum += Math.Min((int)bytes[i], 256 - bytes[i]);
        }

        return sum;
    }
}
