using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Inpaint.Imaging.Jpeg;

/// <summary>The eight rows of a block as vectors, so that its columns are worked on side by side.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct JpegBlockRows
{
    public Vector256<int> R0;
    public Vector256<int> R1;
    public Vector256<int> R2;
    public Vector256<int> R3;
    public Vector256<int> R4;
    public Vector256<int> R5;
    public Vector256<int> R6;
    public Vector256<int> R7;

    /// <summary>Loads 64 values, row by row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static JpegBlockRows Load(ReadOnlySpan<int> values)
    {
        ref int first = ref MemoryMarshal.GetReference(values[..JpegComponent.BlockLength]);
        return new JpegBlockRows
        {
            R0 = Vector256.LoadUnsafe(ref first),
            R1 = Vector256.LoadUnsafe(ref first, 8),
            R2 = Vector256.LoadUnsafe(ref first, 16),
            R3 = Vector256.LoadUnsafe(ref first, 24),
            R4 = Vector256.LoadUnsafe(ref first, 32),
            R5 = Vector256.LoadUnsafe(ref first, 40),
            R6 = Vector256.LoadUnsafe(ref first, 48),
            R7 = Vector256.LoadUnsafe(ref first, 56),
        };
    }

    /// <summary>Makes columns of rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Transpose()
    {
        if (!Avx2.IsSupported)
        {
            TransposePortably();
            return;
        }

        Vector256<int> a0 = Avx2.UnpackLow(R0, R1);
        Vector256<int> a1 = Avx2.UnpackHigh(R0, R1);
        Vector256<int> a2 = Avx2.UnpackLow(R2, R3);
        Vector256<int> a3 = Avx2.UnpackHigh(R2, R3);
        Vector256<int> a4 = Avx2.UnpackLow(R4, R5);
        Vector256<int> a5 = Avx2.UnpackHigh(R4, R5);
        Vector256<int> a6 = Avx2.UnpackLow(R6, R7);
        Vector256<int> a7 = Avx2.UnpackHigh(R6, R7);
        Vector256<long> b0 = Avx2.UnpackLow(a0.AsInt64(), a2.AsInt64());
        Vector256<long> b1 = Avx2.UnpackHigh(a0.AsInt64(), a2.AsInt64());
        Vector256<long> b2 = Avx2.UnpackLow(a1.AsInt64(), a3.AsInt64());
        Vector256<long> b3 = Avx2.UnpackHigh(a1.AsInt64(), a3.AsInt64());
        Vector256<long> b4 = Avx2.UnpackLow(a4.AsInt64(), a6.AsInt64());
        Vector256<long> b5 = Avx2.UnpackHigh(a4.AsInt64(), a6.AsInt64());
        Vector256<long> b6 = Avx2.UnpackLow(a5.AsInt64(), a7.AsInt64());
        Vector256<long> b7 = Avx2.UnpackHigh(a5.AsInt64(), a7.AsInt64());
        R0 = Avx2.Permute2x128(b0, b4, 0x20).AsInt32();
        R1 = Avx2.Permute2x128(b1, b5, 0x20).AsInt32();
        R2 = Avx2.Permute2x128(b2, b6, 0x20).AsInt32();
        R3 = Avx2.Permute2x128(b3, b7, 0x20).AsInt32();
        R4 = Avx2.Permute2x128(b0, b4, 0x31).AsInt32();
        R5 = Avx2.Permute2x128(b1, b5, 0x31).AsInt32();
        R6 = Avx2.Permute2x128(b2, b6, 0x31).AsInt32();
        R7 = Avx2.Permute2x128(b3, b7, 0x31).AsInt32();
    }

    private void TransposePortably()
    {
        Span<int> values = MemoryMarshal.Cast<JpegBlockRows, int>(new Span<JpegBlockRows>(ref this));
        for (int y = 1; y < 8; y++)
        {
            for (int x = 0; x < y; x++)
            {
                (values[(y * 8) + x], values[(x * 8) + y]) = (values[(x * 8) + y], values[(y * 8) + x]);
            }
        }
    }
}
