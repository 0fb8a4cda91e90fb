namespace Inpaint.Imaging.Jpeg;

/// <summary>What a scan header (SOS) says: which components come, which coefficients of theirs, with which tables.</summary>
internal sealed class JpegScan
{
    /// <summary>The components, in the order in which their blocks come.</summary>
    public required JpegComponent[] Components { get; init; }

    /// <summary>DC tables of the components; an entry is null where the scan needs none.</summary>
    public required JpegHuffmanTable?[] Dc { get; init; }

    /// <summary>AC tables of the components; an entry is null where the scan needs none.</summary>
    public required JpegHuffmanTable?[] Ac { get; init; }

    /// <summary>First coefficient in zigzag order.</summary>
    public required int First { get; init; }

    /// <summary>Last coefficient in zigzag order.</summary>
    public required int Last { get; init; }

    /// <summary>Whether the scan adds a bit to coefficients that an earlier one brought.</summary>
    public required bool IsRefinement { get; init; }

    /// <summary>Bits by which coefficients are shifted left.</summary>
    public required int Shift { get; init; }

    /// <summary>Reads the segment; the source stands after its length.</summary>
    public static JpegScan Read(ByteSource source, int length, JpegFrame frame, JpegTables tables)
    {
        int count = source.ReadByte();
        if (count is < 1 or > 4 || length != 4 + (2 * count))
        {
            throw source.Broken("its scan header is damaged");
        }

        var components = new JpegComponent[count];
        int[] indices = new int[count];
        for (int i = 0; i < count; i++)
        {
            int id = source.ReadByte();
            indices[i] = source.ReadByte();
            components[i] = frame.Components.FirstOrDefault(c => c.Id == id && !components.Contains(c))
                ?? throw source.Broken($"a scan names component {id}, which the frame does not have");
        }

        int first = source.ReadByte();
        int last = source.ReadByte();
        int approximation = source.ReadByte();
        if (!frame.IsProgressive)
        {
            (first, last, approximation) = (0, 63, 0);
        }

        bool isPossible = first <= last && last <= 63 && (approximation & 15) <= 13
            && (!frame.IsProgressive || (first == 0 ? last == 0 : count == 1))
            && ((approximation >> 4) == 0 || (approximation >> 4) == (approximation & 15) + 1);
        int unit = components.Sum(c => c.H * c.V);
        if (!isPossible || (count > 1 && unit > 10))
        {
            throw source.Broken("its scan header is damaged");
        }

        bool isRefinement = approximation >> 4 != 0;
        bool needsDc = first == 0 && !isRefinement;
        bool needsAc = last > 0;
        return new JpegScan
        {
            Components = components,
            Dc = [.. indices.Select(i => needsDc ? Known(source, i >> 4, tables.Dc) : null)],
            Ac = [.. indices.Select(i => needsAc ? Known(source, i & 15, tables.Ac) : null)],
            First = first,
            Last = last,
            IsRefinement = isRefinement,
            Shift = approximation & 15,
        };
    }

    private static JpegHuffmanTable Known(ByteSource source, int index, Func<int, JpegHuffmanTable?> find) =>
        (index <= 3 ? find(index) : null) ?? throw source.Broken($"a scan uses Huffman table {index}, which was not given");
}
