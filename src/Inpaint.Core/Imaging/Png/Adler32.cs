using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Png;

/// <summary>The checksum at the end of a zlib stream (RFC 1950), with the means to join those of two parts.</summary>
internal static class Adler32
{
    private const uint Base = 65521;

    // The most bytes whose sums cannot overflow 32 bits before the remainder is taken.
    private const int Run = 5552;

    /// <summary>The checksum of some bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        uint a = 1;
        uint b = 0;
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> run = bytes[..Math.Min(bytes.Length, Run)];
            foreach (byte value in run)
            {
                a += value;
                b += a;
            }

            a %= Base;
            b %= Base;
            bytes = bytes[run.Length..];
        }

        return (b << 16) | a;
    }

    /// <summary>The checksum of two parts one after the other.</summary>
    /// <param name="first">Checksum of the first part; 1 for nothing.</param>
    /// <param name="second">Checksum of the second part.</param>
    /// <param name="secondLength">Bytes of the second part.</param>
    public static uint Combine(uint first, uint second, long secondLength)
    {
        ulong a1 = first & 0xFFFF;
        ulong b1 = first >> 16;
        ulong a2 = second & 0xFFFF;
        ulong b2 = second >> 16;

        // The second part began with a = 1 instead of a1: every one of its bytes added a1 - 1 too little to b.
        ulong excess = (a1 + Base - 1) % Base;
        ulong a = (a2 + excess) % Base;
        ulong b = (b1 + b2 + (excess * ((ulong)secondLength % Base))) % Base;
        return (uint)((b << 16) | a);
    }
}
