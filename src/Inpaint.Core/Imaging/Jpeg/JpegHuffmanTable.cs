using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Jpeg;

/// <summary>A Huffman code for reading: short codes are looked up, long ones found by comparing (T.81 annex F.2.2.3).</summary>
internal sealed class JpegHuffmanTable
{
    /// <summary>Bits that the lookup covers.</summary>
    public const int LookupBits = 9;

    private readonly ushort[] lookup = new ushort[1 << LookupBits];

    // For codes of each length, left-aligned to 16 bits: the first value beyond them, and what to add to find the symbol.
    private readonly int[] limits = new int[18];
    private readonly int[] offsets = new int[17];
    private readonly byte[] symbols;

    /// <param name="counts">Number of codes of the lengths 1 to 16.</param>
    /// <param name="symbols">What they stand for, shortest first.</param>
    private JpegHuffmanTable(ReadOnlySpan<byte> counts, byte[] symbols)
    {
        this.symbols = symbols;
        int code = 0;
        int index = 0;
        for (int length = 1; length <= 16; length++)
        {
            offsets[length] = index - code;
            for (int i = 0; i < counts[length - 1]; i++, code++, index++)
            {
                if (length <= LookupBits)
                {
                    int shift = LookupBits - length;
                    lookup.AsSpan(code << shift, 1 << shift).Fill((ushort)((length << 8) | symbols[index]));
                }
            }

            limits[length] = code << (16 - length);
            code <<= 1;
        }

        limits[17] = int.MaxValue;
    }

    /// <summary>Builds a table.</summary>
    /// <returns>Null when the counts are not those of a prefix code.</returns>
    public static JpegHuffmanTable? Create(ReadOnlySpan<byte> counts, byte[] symbols)
    {
        int code = 0;
        for (int length = 1; length <= 16; length++)
        {
            code += counts[length - 1];
            if (code > 1 << length)
            {
                return null;
            }

            code <<= 1;
        }

        return new JpegHuffmanTable(counts, symbols);
    }

    /// <summary>Finds the symbol that the next bits begin with.</summary>
    /// <param name="next">The next 16 bits.</param>
    /// <param name="length">Bits of the symbol's code; 0 when there is no such code.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Find(int next, out int length)
    {
        int entry = lookup[next >> (16 - LookupBits)];
        if (entry != 0)
        {
            length = entry >> 8;
            return entry & 0xFF;
        }

        length = LookupBits + 1;
        while (next >= limits[length])
        {
            length++;
        }

        if (length > 16)
        {
            length = 0;
            return 0;
        }

        return symbols[(next >> (16 - length)) + offsets[length]];
    }
}
