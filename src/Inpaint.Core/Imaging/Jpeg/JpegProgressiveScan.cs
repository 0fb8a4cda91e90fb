using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Jpeg;

/// <summary>Reads a scan of a progressive picture (T.81 annex G): some coefficients of every block, or one more bit of them.</summary>
internal sealed class JpegProgressiveScan(ByteSource source, JpegFrame frame, JpegScan scan, int restartInterval)
    : JpegScanDecoder(source, frame, scan, restartInterval)
{
    // Blocks, the present one included, in which nothing new comes.
    private int emptyBlocks;

    protected override void OnRestart() => emptyBlocks = 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void DecodeBlock(int index, int x, int y)
    {
        JpegComponent component = Scan.Components[index];
        Span<short> coefficients = component.Coefficients.AsSpan(
            ((y * component.PaddedBlocksWide) + x) * JpegComponent.BlockLength,
            JpegComponent.BlockLength);
        if (Scan.First == 0)
        {
            if (!Scan.IsRefinement)
            {
                coefficients[0] = (short)(ReadDc(component, Scan.Dc[index]!) << Scan.Shift);
            }
            else if (Bits.ReadBits(1) != 0)
            {
                coefficients[0] |= (short)(1 << Scan.Shift);
            }
        }
        else if (Scan.IsRefinement)
        {
            Refine(coefficients, Scan.Ac[index]!);
        }
        else
        {
            ReadFirst(coefficients, Scan.Ac[index]!);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadFirst(Span<short> coefficients, JpegHuffmanTable table)
    {
        if (emptyBlocks > 0)
        {
            emptyBlocks--;
            return;
        }

        for (int k = Scan.First; k <= Scan.Last; k++)
        {
            int symbol = Bits.ReadSymbol(table);
            int run = symbol >> 4;
            int size = symbol & 15;
            if (size == 0 && run < 15)
            {
                emptyBlocks = ReadEmptyBlocks(run) - 1;
                return;
            }

            k += run;
            if (k > Scan.Last && size != 0)
            {
                throw TooManyCoefficients();
            }

            if (size != 0)
            {
                coefficients[JpegTables.ZigZag[k]] = (short)(Bits.ReadSigned(size) << Scan.Shift);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Refine(Span<short> coefficients, JpegHuffmanTable table)
    {
        int k = Scan.First;
        for (; k <= Scan.Last && emptyBlocks == 0; k++)
        {
            int symbol = Bits.ReadSymbol(table);
            int run = symbol >> 4;
            int size = symbol & 15;
            int value = 0;
            if (size == 0 && run < 15)
            {
                emptyBlocks = ReadEmptyBlocks(run);
                break;
            }

            if (size != 0)
            {
                value = Bits.ReadBits(1) != 0 ? 1 << Scan.Shift : -(1 << Scan.Shift);
            }

            // The run counts coefficients that are still zero; those passed on the way that are not get their next bit.
            k = RefineUntil(coefficients, k, run);
            if (value != 0)
            {
                if (k > Scan.Last)
                {
                    throw TooManyCoefficients();
                }

                coefficients[JpegTables.ZigZag[k]] = (short)value;
            }
        }

        if (emptyBlocks > 0)
        {
            RefineUntil(coefficients, k, int.MaxValue);
            emptyBlocks--;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int RefineUntil(Span<short> coefficients, int k, int zeros)
    {
        int bit = 1 << Scan.Shift;
        for (; k <= Scan.Last; k++)
        {
            ref short coefficient = ref coefficients[JpegTables.ZigZag[k]];
            if (coefficient == 0)
            {
                if (zeros-- == 0)
                {
                    break;
                }
            }
            else if (Bits.ReadBits(1) != 0 && (coefficient & bit) == 0)
            {
                coefficient += (short)(coefficient > 0 ? bit : -bit);
            }
        }

        return k;
    }

    private int ReadEmptyBlocks(int size) => (1 << size) + (size > 0 ? Bits.ReadBits(size) : 0);
}
