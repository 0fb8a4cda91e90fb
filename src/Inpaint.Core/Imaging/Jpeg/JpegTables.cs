namespace Inpaint.Imaging.Jpeg;

/// <summary>The tables that segments of a JPEG define for those that follow.</summary>
internal sealed class JpegTables
{
    private readonly int[]?[] quantization = new int[]?[4];
    private readonly JpegHuffmanTable?[] dc = new JpegHuffmanTable?[4];
    private readonly JpegHuffmanTable?[] ac = new JpegHuffmanTable?[4];

    /// <summary>Where the k-th coefficient of the zigzag order stands in natural order.</summary>
    public static ReadOnlySpan<byte> ZigZag =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <summary>Units between restart markers; 0 when there are none.</summary>
    public int RestartInterval { get; private set; }

    /// <summary>A quantization table in natural order.</summary>
    public int[]? Quantization(int index) => quantization[index];

    /// <summary>A table for DC coefficients.</summary>
    public JpegHuffmanTable? Dc(int index) => dc[index];

    /// <summary>A table for AC coefficients.</summary>
    public JpegHuffmanTable? Ac(int index) => ac[index];

    /// <summary>Reads a DQT segment.</summary>
    public void ReadQuantization(ByteSource source, int length)
    {
        while (length > 0)
        {
            int head = source.ReadByte();
            int bytes = (head >> 4) + 1;
            length -= 1 + (JpegComponent.BlockLength * bytes);
            if (bytes > 2 || (head & 15) > 3 || length < 0)
            {
                throw source.Broken("its quantization tables are damaged");
            }

            int[] table = new int[JpegComponent.BlockLength];
            for (int k = 0; k < table.Length; k++)
            {
                table[ZigZag[k]] = bytes == 1 ? source.ReadByte() : source.ReadUInt16();
            }

            quantization[head & 15] = table;
        }
    }

    /// <summary>Reads a DHT segment.</summary>
    public void ReadHuffman(ByteSource source, int length)
    {
        Span<byte> counts = stackalloc byte[16];
        while (length > 0)
        {
            int head = source.ReadByte();
            source.ReadExactly(counts);
            int total = 0;
            foreach (byte count in counts)
            {
                total += count;
            }

            length -= 17 + total;
            if ((head >> 4) > 1 || (head & 15) > 3 || total > 256 || length < 0)
            {
                throw source.Broken("its Huffman tables are damaged");
            }

            JpegHuffmanTable table = JpegHuffmanTable.Create(counts, source.ReadBlock(total))
                ?? throw source.Broken("its Huffman tables are no prefix codes");
            (head >> 4 == 0 ? dc : ac)[head & 15] = table;
        }
    }

    /// <summary>Reads a DRI segment.</summary>
    public void ReadRestartInterval(ByteSource source, int length)
    {
        if (length != 2)
        {
            throw source.Broken("its restart interval is damaged");
        }

        RestartInterval = source.ReadUInt16();
    }
}
