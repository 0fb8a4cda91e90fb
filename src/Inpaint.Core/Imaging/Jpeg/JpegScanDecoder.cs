using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Jpeg;

/// <summary>Walks through the blocks of a scan, in units of all its components or block by block if there is one only, and minds restart markers.</summary>
internal abstract class JpegScanDecoder(ByteSource source, JpegFrame frame, JpegScan scan, int restartInterval)
{
    protected ByteSource Source { get; } = source;

    protected JpegScan Scan { get; } = scan;

    protected JpegBitReader Bits { get; } = new(source);

    /// <summary>Reads the whole scan; afterwards the source stands before the marker that ends it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Decode(CancellationToken cancellationToken)
    {
        foreach (JpegComponent component in Scan.Components)
        {
            component.LastDc = 0;
        }

        // A scan of one component has no units and no filling: its blocks come row by row as far as the picture goes.
        bool isSingle = Scan.Components.Length == 1;
        int wide = isSingle ? Scan.Components[0].BlocksWide : frame.UnitsWide;
        int high = isSingle ? Scan.Components[0].BlocksHigh : frame.UnitsHigh;
        int untilRestart = restartInterval;
        int restarts = 0;
        for (int y = 0; y < high; y++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int x = 0; x < wide; x++)
            {
                if (restartInterval > 0 && untilRestart-- == 0)
                {
                    Restart(restarts++ & 7);
                    untilRestart = restartInterval - 1;
                }

                if (isSingle)
                {
                    DecodeBlock(0, x, y);
                }
                else
                {
                    DecodeUnit(x, y);
                }

                Bits.CheckEnough();
            }
        }

        Bits.Reset();
    }

    /// <summary>Reads one block.</summary>
    /// <param name="index">Which of the scan's components.</param>
    /// <param name="x">The block's column.</param>
    /// <param name="y">The block's row.</param>
    protected abstract void DecodeBlock(int index, int x, int y);

    /// <summary>Forgets what does not reach over a restart marker.</summary>
    protected virtual void OnRestart()
    {
    }

    /// <summary>Reads the change of a DC coefficient and returns the coefficient.</summary>
    protected int ReadDc(JpegComponent component, JpegHuffmanTable table)
    {
        int size = Bits.ReadSymbol(table);
        if (size > 15)
        {
            throw Source.Broken($"a DC coefficient of {size} bits does not exist");
        }

        component.LastDc += Bits.ReadSigned(size);
        return component.LastDc;
    }

    /// <summary>The error for a run that leads beyond the last coefficient.</summary>
    protected InpaintException TooManyCoefficients() => Source.Broken("a block has more coefficients than 64");

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DecodeUnit(int unitX, int unitY)
    {
        for (int i = 0; i < Scan.Components.Length; i++)
        {
            JpegComponent component = Scan.Components[i];
            for (int v = 0; v < component.V; v++)
            {
                for (int h = 0; h < component.H; h++)
                {
                    DecodeBlock(i, (unitX * component.H) + h, (unitY * component.V) + v);
                }
            }
        }
    }

    private void Restart(int expected)
    {
        Bits.Restart(expected);
        foreach (JpegComponent component in Scan.Components)
        {
            component.LastDc = 0;
        }

        OnRestart();
    }
}
