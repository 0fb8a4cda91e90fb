using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Jpeg;

/// <summary>Reads a scan of a baseline or extended sequential picture: whole blocks, which become samples at once.</summary>
internal sealed class JpegSequentialScan(ByteSource source, JpegFrame frame, JpegScan scan, int restartInterval)
    : JpegScanDecoder(source, frame, scan, restartInterval)
{
    private readonly int[] block = new int[JpegComponent.BlockLength];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void DecodeBlock(int index, int x, int y)
    {
        JpegComponent component = Scan.Components[index];
        JpegHuffmanTable ac = Scan.Ac[index]!;
        ReadOnlySpan<int> quantization = component.Quantization;
        ReadOnlySpan<byte> zigzag = JpegTables.ZigZag;
        int[] coefficients = block;
        coefficients.AsSpan().Clear();
        coefficients[0] = ReadDc(component, Scan.Dc[index]!) * quantization[0];
        bool isFlat = true;
        for (int k = 1; k < JpegComponent.BlockLength; k++)
        {
            int symbol = Bits.ReadSymbol(ac);
            int size = symbol & 15;
            int run = symbol >> 4;
            if (size == 0)
            {
                if (run < 15)
                {
                    break;
                }

                k += 15;
                continue;
            }

            k += run;
            if (k >= JpegComponent.BlockLength)
            {
                throw TooManyCoefficients();
            }

            int at = zigzag[k];
            coefficients[at] = Bits.ReadSigned(size) * quantization[at];
            isFlat = false;
        }

        int stride = component.Stride;
        Span<byte> samples = component.Samples.AsSpan((y * stride * JpegComponent.BlockSize) + (x * JpegComponent.BlockSize));
        if (isFlat)
        {
            JpegInverseDct.Fill(coefficients[0], samples, stride);
        }
        else
        {
            JpegInverseDct.Transform(coefficients, samples, stride);
        }
    }
}
