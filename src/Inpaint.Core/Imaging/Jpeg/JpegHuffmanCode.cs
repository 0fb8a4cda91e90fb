namespace Inpaint.Imaging.Jpeg;

/// <summary>A Huffman code for writing.</summary>
internal sealed class JpegHuffmanCode
{
    private readonly ushort[] codes = new ushort[256];
    private readonly byte[] lengths = new byte[256];

    /// <param name="counts">Number of codes of the lengths 1 to 16.</param>
    /// <param name="symbols">What they stand for, shortest first.</param>
    public JpegHuffmanCode(byte[] counts, byte[] symbols)
    {
        Counts = counts;
        Symbols = symbols;
        int code = 0;
        int index = 0;
        for (int length = 1; length <= 16; length++)
        {
            for (int i = 0; i < counts[length - 1]; i++, code++, index++)
            {
                codes[symbols[index]] = (ushort)code;
                lengths[symbols[index]] = (byte)length;
            }

            code <<= 1;
        }
    }

    /// <summary>Number of codes of the lengths 1 to 16, as the file gives them.</summary>
    public byte[] Counts { get; }

    /// <summary>What the codes stand for, as the file gives it.</summary>
    public byte[] Symbols { get; }

    /// <summary>The code of a symbol.</summary>
    public int Code(int symbol) => codes[symbol];

    /// <summary>Bits of a symbol's code.</summary>
    public int Length(int symbol) => lengths[symbol];
}
