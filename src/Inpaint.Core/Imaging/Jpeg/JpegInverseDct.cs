using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Inpaint.Imaging.Jpeg;

/// <summary>
/// The inverse cosine transform of 8x8 blocks after Loeffler, Ligtenberg and Moschytz (1989) in 13-bit fixed point, columns first. With these constants and roundings
/// the samples are those of libjpeg's accurate integer method. All eight columns (then rows) are done at once.
/// </summary>
internal static class JpegInverseDct
{
    private const int ConstantBits = 13;

    // Extra bits that the result of the first pass keeps.
    private const int MiddleBits = 2;

    /// <summary>Turns dequantized coefficients into samples.</summary>
    /// <param name="coefficients">64 coefficients in natural order.</param>
    /// <param name="samples">Where the block's first sample goes.</param>
    /// <param name="stride">Bytes from row to row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transform(ReadOnlySpan<int> coefficients, Span<byte> samples, int stride)
    {
        JpegBlockRows rows = JpegBlockRows.Load(coefficients);
        OneDimension(ref rows, ConstantBits - MiddleBits);
        rows.Transpose();
        OneDimension(ref rows, ConstantBits + MiddleBits + 3);
        rows.Transpose();
        Store(rows.R0, samples);
        Store(rows.R1, samples[stride..]);
        Store(rows.R2, samples[(2 * stride)..]);
        Store(rows.R3, samples[(3 * stride)..]);
        Store(rows.R4, samples[(4 * stride)..]);
        Store(rows.R5, samples[(5 * stride)..]);
        Store(rows.R6, samples[(6 * stride)..]);
        Store(rows.R7, samples[(7 * stride)..]);
    }

    /// <summary>The block of a DC coefficient alone: one value all over.</summary>
    public static void Fill(int dc, Span<byte> samples, int stride)
    {
        // What the two passes above come to when everything else is zero.
        byte value = (byte)Math.Clamp((((dc << MiddleBits) + (1 << (MiddleBits + 2))) >> (MiddleBits + 3)) + 128, 0, 255);
        for (int y = 0; y < JpegComponent.BlockSize; y++)
        {
            samples.Slice(y * stride, JpegComponent.BlockSize).Fill(value);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OneDimension(ref JpegBlockRows r, int descale)
    {
        // Even part: cosines of multiples of pi/8.
        Vector256<int> rotation = (r.R2 + r.R6) * 4433;
        Vector256<int> even2 = rotation - (r.R6 * 15137);
        Vector256<int> even3 = rotation + (r.R2 * 6270);
        Vector256<int> even0 = (r.R0 + r.R4) << ConstantBits;
        Vector256<int> even1 = (r.R0 - r.R4) << ConstantBits;
        Vector256<int> rounding = Vector256.Create(1 << (descale - 1));
        Vector256<int> a0 = even0 + even3 + rounding;
        Vector256<int> a3 = even0 - even3 + rounding;
        Vector256<int> a1 = even1 + even2 + rounding;
        Vector256<int> a2 = even1 - even2 + rounding;

        // Odd part: cosines of odd multiples of pi/16, with the common products taken out.
        Vector256<int> s73 = r.R7 + r.R3;
        Vector256<int> s51 = r.R5 + r.R1;
        Vector256<int> common = (s73 + s51) * 9633;
        Vector256<int> s71 = (r.R7 + r.R1) * -7373;
        Vector256<int> s53 = (r.R5 + r.R3) * -20995;
        s73 = common - (s73 * 16069);
        s51 = common - (s51 * 3196);
        Vector256<int> b0 = (r.R7 * 2446) + s71 + s73;
        Vector256<int> b1 = (r.R5 * 16819) + s53 + s51;
        Vector256<int> b2 = (r.R3 * 25172) + s53 + s73;
        Vector256<int> b3 = (r.R1 * 12299) + s71 + s51;

        r.R0 = (a0 + b3) >> descale;
        r.R7 = (a0 - b3) >> descale;
        r.R1 = (a1 + b2) >> descale;
        r.R6 = (a1 - b2) >> descale;
        r.R2 = (a2 + b1) >> descale;
        r.R5 = (a2 - b1) >> descale;
        r.R3 = (a3 + b0) >> descale;
        r.R4 = (a3 - b0) >> descale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<int> row, Span<byte> target)
    {
        Vector256<int> level = Vector256.Max(Vector256<int>.Zero, Vector256.Min(Vector256.Create(255), row + Vector256.Create(128)));
        Vector128<ushort> words = Vector128.Narrow(level.GetLower().AsUInt32(), level.GetUpper().AsUInt32());
        Vector64<byte> bytes = Vector64.Narrow(words.GetLower(), words.GetUpper());
        MemoryMarshal.Write(target, bytes.AsUInt64().ToScalar());
    }
}
