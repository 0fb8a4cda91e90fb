using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Inpaint.Imaging.Jpeg;

/// <summary>The cosine transform of 8x8 blocks, the reverse of <see cref="JpegInverseDct"/> with the same constants, and the quantization of what it gives.</summary>
internal static class JpegForwardDct
{
    private const int ConstantBits = 13;
    private const int MiddleBits = 2;

    /// <summary>Transforms and quantizes a block.</summary>
    /// <param name="samples">The block's first sample.</param>
    /// <param name="stride">Samples from row to row.</param>
    /// <param name="divisors">What <see cref="Divisors"/> made of the quantization table.</param>
    /// <param name="coefficients">Receives 64 coefficients in transposed order: column by column.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transform(ReadOnlySpan<byte> samples, int stride, ReadOnlySpan<float> divisors, Span<int> coefficients)
    {
        var rows = new JpegBlockRows
        {
            R0 = Load(samples),
            R1 = Load(samples[stride..]),
            R2 = Load(samples[(2 * stride)..]),
            R3 = Load(samples[(3 * stride)..]),
            R4 = Load(samples[(4 * stride)..]),
            R5 = Load(samples[(5 * stride)..]),
            R6 = Load(samples[(6 * stride)..]),
            R7 = Load(samples[(7 * stride)..]),
        };
        OneDimension(ref rows, ConstantBits - MiddleBits);
        rows.Transpose();
        OneDimension(ref rows, ConstantBits + MiddleBits);
        Quantize(rows.R0, divisors, coefficients, 0);
        Quantize(rows.R1, divisors, coefficients, 8);
        Quantize(rows.R2, divisors, coefficients, 16);
        Quantize(rows.R3, divisors, coefficients, 24);
        Quantize(rows.R4, divisors, coefficients, 32);
        Quantize(rows.R5, divisors, coefficients, 40);
        Quantize(rows.R6, divisors, coefficients, 48);
        Quantize(rows.R7, divisors, coefficients, 56);
    }

    /// <summary>What to multiply coefficients with to quantize them, in transposed order; the transform leaves them eight times too large.</summary>
    /// <param name="quantization">The table in natural order.</param>
    public static float[] Divisors(ReadOnlySpan<int> quantization)
    {
        float[] divisors = new float[JpegComponent.BlockLength];
        for (int i = 0; i < divisors.Length; i++)
        {
            divisors[(i % 8 * 8) + (i / 8)] = 1f / (8 * quantization[i]);
        }

        return divisors;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Load(ReadOnlySpan<byte> samples)
    {
        Vector128<ushort> words = Vector128.WidenLower(Vector128.CreateScalar(MemoryMarshal.Read<ulong>(samples)).AsByte());
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(words);
        return Vector256.Create(low, high).AsInt32() - Vector256.Create(128);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quantize(Vector256<int> row, ReadOnlySpan<float> divisors, Span<int> coefficients, int at)
    {
        Vector256<float> value = Vector256.ConvertToSingle(row) * Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(divisors), (nuint)at);
        Vector256<float> half = (value & Vector256.Create(-0f)) | Vector256.Create(0.5f);
        Vector256.ConvertToInt32(value + half).StoreUnsafe(ref MemoryMarshal.GetReference(coefficients), (nuint)at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OneDimension(ref JpegBlockRows r, int descale)
    {
        Vector256<int> rounding = Vector256.Create(1 << (descale - 1));
        Vector256<int> s0 = r.R0 + r.R7;
        Vector256<int> s1 = r.R1 + r.R6;
        Vector256<int> s2 = r.R2 + r.R5;
        Vector256<int> s3 = r.R3 + r.R4;
        Vector256<int> d0 = r.R0 - r.R7;
        Vector256<int> d1 = r.R1 - r.R6;
        Vector256<int> d2 = r.R2 - r.R5;
        Vector256<int> d3 = r.R3 - r.R4;

        Vector256<int> outer = s0 + s3;
        Vector256<int> inner = s1 + s2;
        Vector256<int> outerDifference = s0 - s3;
        Vector256<int> innerDifference = s1 - s2;
        Vector256<int> rotation = ((innerDifference + outerDifference) * 4433) + rounding;
        r.R0 = (((outer + inner) << ConstantBits) + rounding) >> descale;
        r.R4 = (((outer - inner) << ConstantBits) + rounding) >> descale;
        r.R2 = (rotation + (outerDifference * 6270)) >> descale;
        r.R6 = (rotation - (innerDifference * 15137)) >> descale;

        Vector256<int> z30 = (d3 + d0) * -7373;
        Vector256<int> z21 = (d2 + d1) * -20995;
        Vector256<int> z31 = d3 + d1;
        Vector256<int> z20 = d2 + d0;
        Vector256<int> common = ((z31 + z20) * 9633) + rounding;
        z31 = common - (z31 * 16069);
        z20 = common - (z20 * 3196);
        r.R7 = ((d3 * 2446) + z30 + z31) >> descale;
        r.R5 = ((d2 * 16819) + z21 + z20) >> descale;
        r.R3 = ((d1 * 25172) + z21 + z31) >> descale;
        r.R1 = ((d0 * 12299) + z30 + z20) >> descale;
    }
}
