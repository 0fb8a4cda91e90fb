using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Inpaint.Imaging.Fill;

/// <summary>Sums of squared differences between patches of four-lane pixels: integers, so that every instruction set gives the same result.</summary>
internal static unsafe class PatchDistance
{
    // Most candidates are far worse than the current match, which half a patch shows.
    private const int Half = (FillLevel.PatchSize + 1) / 2;

    /// <summary>The distance between two whole patches.</summary>
    /// <param name="a">Top left pixel of one patch.</param>
    /// <param name="b">Top left pixel of the other.</param>
    /// <param name="stride">Pixels from one row to the next, in both.</param>
    /// <param name="limit">The limit of interest: for larger distances any number not below it may be returned.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Between(uint* a, uint* b, int stride, int limit = int.MaxValue)
    {
        if (!Avx2.IsSupported)
        {
            return BetweenPortable(a, b, stride);
        }

        Vector256<int> sum = RowsBetween(a, b, stride, Half);
        int half = Vector256.Sum(sum);
        if (half >= limit)
        {
            return half;
        }

        return half + Vector256.Sum(RowsBetween(a + (Half * stride), b + (Half * stride), stride, FillLevel.PatchSize - Half));
    }

    /// <summary>The distance where some pixels of the first patch do not count.</summary>
    /// <param name="patch">The first patch: rows of eight pixels, of which the last is unused.</param>
    /// <param name="counts">All bits set where the patch's pixel counts, none where it does not, the eighth of each row included.</param>
    /// <param name="b">Top left pixel of the other patch.</param>
    /// <param name="stride">Pixels from one row of the other patch to the next.</param>
    /// <param name="limit">The limit of interest: for larger distances any number not below it may be returned.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Partial(uint* patch, uint* counts, uint* b, int stride, int limit = int.MaxValue)
    {
        if (!Avx2.IsSupported)
        {
            return PartialPortable(patch, counts, b, stride);
        }

        int half = PartialRows(patch, counts, b, stride, Half);
        return half >= limit
            ? half
            : half + PartialRows(patch + (Half * 8), counts + (Half * 8), b + (Half * stride), stride, FillLevel.PatchSize - Half);
    }

    /// <summary>As <see cref="Between"/>, without AVX2.</summary>
    public static int BetweenPortable(uint* a, uint* b, int stride)
    {
        Vector128<byte> keep = Vector128.Create(uint.MaxValue, uint.MaxValue, uint.MaxValue, 0).AsByte();
        Vector128<uint> sum = Vector128<uint>.Zero;
        for (int row = 0; row < FillLevel.PatchSize; row++)
        {
            byte* left = (byte*)(a + (row * stride));
            byte* right = (byte*)(b + (row * stride));
            sum += SquareSum(AbsoluteDifference(Vector128.Load(left), Vector128.Load(right)));
            sum += SquareSum(AbsoluteDifference(Vector128.Load(left + 16), Vector128.Load(right + 16)) & keep);
        }

        return (int)Vector128.Sum(sum);
    }

    /// <summary>As <see cref="Partial"/>, without AVX2.</summary>
    public static int PartialPortable(uint* patch, uint* counts, uint* b, int stride)
    {
        Vector128<uint> sum = Vector128<uint>.Zero;
        for (int row = 0; row < FillLevel.PatchSize; row++)
        {
            byte* left = (byte*)(patch + (row * 8));
            byte* right = (byte*)(b + (row * stride));
            byte* keep = (byte*)(counts + (row * 8));
            sum += SquareSum(AbsoluteDifference(Vector128.Load(left), Vector128.Load(right)) & Vector128.Load(keep));
            sum += SquareSum(AbsoluteDifference(Vector128.Load(left + 16), Vector128.Load(right + 16)) & Vector128.Load(keep + 16));
        }

        return (int)Vector128.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PartialRows(uint* patch, uint* counts, uint* b, int stride, int rows)
    {
        Vector256<int> sum = Vector256<int>.Zero;
        for (int row = 0; row < rows; row++)
        {
            Vector256<byte> left = Vector256.Load((byte*)(patch + (row * 8)));
            Vector256<byte> right = Vector256.Load((byte*)(b + (row * stride)));
            Vector256<byte> keep = Vector256.Load((byte*)(counts + (row * 8)));
            sum += SquareSum(Avx2.Or(Avx2.SubtractSaturate(left, right), Avx2.SubtractSaturate(right, left)) & keep);
        }

        return Vector256.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> RowsBetween(uint* a, uint* b, int stride, int rows)
    {
        Vector256<byte> keep = Vector256.Create(uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, 0).AsByte();
        Vector256<int> sum = Vector256<int>.Zero;
        for (int row = 0; row < rows; row++)
        {
            Vector256<byte> left = Vector256.Load((byte*)(a + (row * stride)));
            Vector256<byte> right = Vector256.Load((byte*)(b + (row * stride)));
            sum += SquareSum(Avx2.Or(Avx2.SubtractSaturate(left, right), Avx2.SubtractSaturate(right, left)) & keep);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> SquareSum(Vector256<byte> difference)
    {
        Vector256<short> low = Avx2.UnpackLow(difference, Vector256<byte>.Zero).AsInt16();
        Vector256<short> high = Avx2.UnpackHigh(difference, Vector256<byte>.Zero).AsInt16();
        return Avx2.MultiplyAddAdjacent(low, low) + Avx2.MultiplyAddAdjacent(high, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> AbsoluteDifference(Vector128<byte> left, Vector128<byte> right) =>
        Vector128.Max(left, right) - Vector128.Min(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> SquareSum(Vector128<byte> difference)
    {
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(difference);
        (Vector128<uint> first, Vector128<uint> second) = Vector128.Widen(low * low);
        (Vector128<uint> third, Vector128<uint> fourth) = Vector128.Widen(high * high);
        return first + second + third + fourth;
    }
}
