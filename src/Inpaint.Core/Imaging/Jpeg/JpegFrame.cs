namespace Inpaint.Imaging.Jpeg;

/// <summary>What the frame header (SOF) says.</summary>
internal sealed class JpegFrame
{
    private JpegFrame(int width, int height, bool isProgressive, JpegComponent[] components)
    {
        Width = width;
        Height = height;
        IsProgressive = isProgressive;
        Components = components;
        MaxH = components.Max(c => c.H);
        MaxV = components.Max(c => c.V);
        UnitsWide = (width + (JpegComponent.BlockSize * MaxH) - 1) / (JpegComponent.BlockSize * MaxH);
        UnitsHigh = (height + (JpegComponent.BlockSize * MaxV) - 1) / (JpegComponent.BlockSize * MaxV);
        foreach (JpegComponent component in components)
        {
            component.Lay(this);
        }
    }

    public int Width { get; }

    public int Height { get; }

    public bool IsProgressive { get; }

    public JpegComponent[] Components { get; }

    /// <summary>Largest horizontal sampling factor.</summary>
    public int MaxH { get; }

    /// <summary>Largest vertical sampling factor.</summary>
    public int MaxV { get; }

    /// <summary>Interleaved units (MCUs) across.</summary>
    public int UnitsWide { get; }

    /// <summary>Interleaved units (MCUs) down.</summary>
    public int UnitsHigh { get; }

    /// <summary>Blocks of all components, filling included.</summary>
    public long Blocks => Components.Sum(c => (long)c.PaddedBlocksWide * c.PaddedBlocksHigh);

    /// <summary>Reads the segment; the source stands after its length.</summary>
    public static JpegFrame Read(ByteSource source, int marker, int length)
    {
        if (marker is not (JpegMarker.StartOfFrameBaseline or JpegMarker.StartOfFrameExtended or JpegMarker.StartOfFrameProgressive))
        {
            throw source.Broken($"{Name(marker)} JPEG is not supported");
        }

        if (length < 6)
        {
            throw source.Broken("its frame header is too short");
        }

        int precision = source.ReadByte();
        int height = source.ReadUInt16();
        int width = source.ReadUInt16();
        int count = source.ReadByte();
        if (precision != 8)
        {
            throw source.Broken($"its samples have {precision} bits; JPEG is supported with 8");
        }

        if (width == 0 || height == 0)
        {
            throw source.Broken($"its size of {width}x{height} is not possible");
        }

        if (count is not (1 or 3 or 4) || length != 6 + (3 * count))
        {
            throw source.Broken($"its frame has {count} components");
        }

        var components = new JpegComponent[count];
        for (int i = 0; i < count; i++)
        {
            int id = source.ReadByte();
            int sampling = source.ReadByte();
            int table = source.ReadByte();
            if ((sampling >> 4) is < 1 or > 4 || (sampling & 15) is < 1 or > 4 || table > 3)
            {
                throw source.Broken("its sampling factors or quantization table do not exist");
            }

            // The factors are relative: a lone component has one block to the unit whatever it says.
            components[i] = new JpegComponent
            {
                Id = id,
                H = count == 1 ? 1 : sampling >> 4,
                V = count == 1 ? 1 : sampling & 15,
                QuantizationIndex = table,
            };
        }

        return new JpegFrame(width, height, marker == JpegMarker.StartOfFrameProgressive, components);
    }

    private static string Name(int marker) => marker switch
    {
        0xC3 or 0xC7 => "lossless",
        >= 0xC9 => "arithmetically coded",
        _ => "hierarchical",
    };
}
