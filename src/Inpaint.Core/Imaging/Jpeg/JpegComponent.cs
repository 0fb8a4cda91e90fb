namespace Inpaint.Imaging.Jpeg;

/// <summary>One colour component of a JPEG: its sampling and, as they become known, its coefficients and samples.</summary>
internal sealed class JpegComponent
{
    /// <summary>Samples of a block's side.</summary>
    public const int BlockSize = 8;

    /// <summary>Coefficients of a block.</summary>
    public const int BlockLength = 64;

    public required int Id { get; init; }

    /// <summary>Horizontal sampling factor, 1 to 4.</summary>
    public required int H { get; init; }

    /// <summary>Vertical sampling factor, 1 to 4.</summary>
    public required int V { get; init; }

    /// <summary>Which quantization table.</summary>
    public required int QuantizationIndex { get; init; }

    /// <summary>Columns of samples that belong to the picture.</summary>
    public int Width { get; private set; }

    /// <summary>Rows of samples that belong to the picture.</summary>
    public int Height { get; private set; }

    /// <summary>Blocks across that hold samples of the picture: what a scan of this component alone brings.</summary>
    public int BlocksWide { get; private set; }

    /// <summary>Blocks down that hold samples of the picture.</summary>
    public int BlocksHigh { get; private set; }

    /// <summary>Blocks across with those that only fill up the last unit.</summary>
    public int PaddedBlocksWide { get; private set; }

    /// <summary>Blocks down with those that only fill up the last unit.</summary>
    public int PaddedBlocksHigh { get; private set; }

    /// <summary>Bytes from one row of samples to the next.</summary>
    public int Stride => PaddedBlocksWide * BlockSize;

    /// <summary>The decoded samples, padded to whole blocks.</summary>
    public byte[] Samples { get; private set; } = [];

    /// <summary>The coefficients of all blocks in natural order; only for progressive pictures, which fill them in several scans.</summary>
    public short[] Coefficients { get; private set; } = [];

    /// <summary>Whether a scan has brought (some of) this component.</summary>
    public bool WasScanned { get; set; }

    /// <summary>The quantization table in natural order as it stood when the component was first scanned.</summary>
    public int[]? Quantization { get; set; }

    /// <summary>The last DC coefficient, from which the next one is told.</summary>
    public int LastDc { get; set; }

    /// <summary>Works out the component's extent in a frame.</summary>
    public void Lay(JpegFrame frame)
    {
        Width = DivideUp(frame.Width * H, frame.MaxH);
        Height = DivideUp(frame.Height * V, frame.MaxV);
        BlocksWide = DivideUp(Width, BlockSize);
        BlocksHigh = DivideUp(Height, BlockSize);
        PaddedBlocksWide = frame.UnitsWide * H;
        PaddedBlocksHigh = frame.UnitsHigh * V;
    }

    /// <summary>Makes room for samples, and for coefficients if asked.</summary>
    public void Allocate(bool withCoefficients)
    {
        int length = checked(PaddedBlocksWide * PaddedBlocksHigh * BlockLength);
        Samples = new byte[length];
        Coefficients = withCoefficients ? new short[length] : [];
    }

    /// <summary>Forgets the coefficients, once they have become samples.</summary>
    public void DropCoefficients() => Coefficients = [];

    private static int DivideUp(int value, int divisor) => (value + divisor - 1) / divisor;
}
