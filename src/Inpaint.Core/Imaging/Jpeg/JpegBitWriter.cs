using System.Numerics;
using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Jpeg;

/// <summary>Writes entropy-coded data bit by bit, with a zero stuffed after every 0xFF.</summary>
internal sealed class JpegBitWriter
{
    private byte[] bytes = new byte[64 * 1024];
    private int length;
    private ulong bits;
    private int count;

    /// <summary>The whole bytes written so far.</summary>
    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, length);

    /// <summary>Writes quantized coefficients.</summary>
    /// <param name="coefficients">64 coefficients, in the order that <paramref name="order"/> refers to.</param>
    /// <param name="order">Where the k-th coefficient of the zigzag order stands.</param>
    /// <param name="lastDc">The component's DC coefficient before; becomes this block's.</param>
    /// <param name="dc">Code for the DC coefficient.</param>
    /// <param name="ac">Code for the others.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void WriteBlock(ReadOnlySpan<int> coefficients, ReadOnlySpan<byte> order, ref int lastDc, JpegHuffmanCode dc, JpegHuffmanCode ac)
    {
        int difference = coefficients[0] - lastDc;
        lastDc = coefficients[0];
        int size = Size(difference);
        Write(dc.Code(size), dc.Length(size));
        WriteSigned(difference, size);
        int run = 0;
        for (int k = 1; k < JpegComponent.BlockLength; k++)
        {
            int value = coefficients[order[k]];
            if (value == 0)
            {
                run++;
                continue;
            }

            for (; run > 15; run -= 16)
            {
                Write(ac.Code(0xF0), ac.Length(0xF0));
            }

            size = Size(value);
            int symbol = (run << 4) | size;
            Write(ac.Code(symbol), ac.Length(symbol));
            WriteSigned(value, size);
            run = 0;
        }

        if (run > 0)
        {
            Write(ac.Code(0), ac.Length(0));
        }
    }

    /// <summary>Fills the last byte up with ones.</summary>
    public void Finish()
    {
        Write(0x7F, 7);
        Flush();
        bits = 0;
        count = 0;
    }

    private static int Size(int value) => 32 - BitOperations.LeadingZeroCount((uint)Math.Abs(value));

    private void WriteSigned(int value, int size) => Write((value < 0 ? value - 1 : value) & ((1 << size) - 1), size);

    private void Write(int value, int size)
    {
        bits = (bits << size) | (uint)value;
        count += size;
        if (count >= 32)
        {
            Flush();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Flush()
    {
        if (bytes.Length - length < 16)
        {
            Array.Resize(ref bytes, bytes.Length * 2);
        }

        while (count >= 8)
        {
            count -= 8;
            byte value = (byte)(bits >> count);
            bytes[length++] = value;
            if (value == 0xFF)
            {
                bytes[length++] = 0;
            }
        }
    }
}
