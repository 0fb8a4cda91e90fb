using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Jpeg;

/// <summary>Reads the entropy-coded part of a scan bit by bit: stuffed zeros are dropped, and it stops before the marker that ends it.</summary>
internal sealed class JpegBitReader(ByteSource source)
{
    private ulong bits;
    private int count;

    // Bits beyond the data that have been made up so that looking ahead is possible; using one of them means that the data ended too early.
    private int madeUp;
    private bool atMarker;

    /// <summary>Decodes one symbol.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadSymbol(JpegHuffmanTable table)
    {
        if (count < 32)
        {
            Fill();
        }

        int symbol = table.Find((int)(bits >> (count - 16)) & 0xFFFF, out int length);
        if (length == 0)
        {
            throw source.Broken("its compressed samples hold a code that does not exist");
        }

        count -= length;
        return symbol;
    }

    /// <summary>Reads the signed number whose category a symbol gave (T.81 tables F.1 and F.2). Only directly after <see cref="ReadSymbol"/>, which has seen to it that the bits are there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadSigned(int size)
    {
        if (size == 0)
        {
            return 0;
        }

        count -= size;
        int value = (int)(bits >> count) & ((1 << size) - 1);

        // A leading 0 stands for a negative number.
        return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
    }

    /// <summary>Reads up to 16 bits as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int ReadBits(int size)
    {
        if (count < size)
        {
            Fill();
        }

        count -= size;
        return (int)(bits >> count) & ((1 << size) - 1);
    }

    /// <summary>Refuses data that ended before what has been read from it.</summary>
    public void CheckEnough()
    {
        if (count < madeUp)
        {
            throw source.Broken("its compressed samples end too early");
        }
    }

    /// <summary>Begins anew after a restart marker, which must come next.</summary>
    /// <param name="expected">Which of the eight markers it must be, 0 to 7.</param>
    public void Restart(int expected)
    {
        Reset();
        long offset = source.Offset;
        int marker = JpegMarker.ReadNext(source);
        if (marker != JpegMarker.Restart0 + expected)
        {
            throw source.Broken($"restart marker {expected} is missing", offset);
        }
    }

    /// <summary>Drops the bits left over at the end of a scan or restart interval.</summary>
    public void Reset()
    {
        bits = 0;
        count = 0;
        madeUp = 0;
        atMarker = false;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Fill()
    {
        while (count <= 32)
        {
            ReadOnlySpan<byte> window = source.Window;
            if (window.Length >= 4 && !atMarker)
            {
                uint word = BinaryPrimitives.ReadUInt32BigEndian(window);
                bool hasMarkerByte = ((~word - 0x01010101) & word & 0x80808080) != 0;
                if (!hasMarkerByte)
                {
                    bits = (bits << 32) | word;
                    count += 32;
                    source.Advance(4);
                    return;
                }
            }

            bits = (bits << 8) | (uint)NextByte(window);
            count += 8;
        }
    }

    private int NextByte(ReadOnlySpan<byte> window)
    {
        if (atMarker || window.IsEmpty)
        {
            atMarker = true;
            madeUp += 8;
            return 0;
        }

        int value = window[0];
        if (value != 0xFF)
        {
            source.Advance(1);
            return value;
        }

        // FF 00 is a plain FF; FF FF is filling before a marker; anything else is the marker, which stays for the others to read.
        ReadOnlySpan<byte> two = source.Peek(2);
        if (two.Length == 2 && two[1] == 0)
        {
            source.Advance(2);
            return 0xFF;
        }

        atMarker = true;
        madeUp += 8;
        return 0;
    }
}
