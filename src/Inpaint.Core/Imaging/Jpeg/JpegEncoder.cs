using System.Buffers.Binary;
using System.Threading.Tasks;

namespace Inpaint.Imaging.Jpeg;

/// <summary>
/// Writes baseline JPEG. Each row of units ends with a restart marker, so that the rows do not depend on each other: all cores help, and the bytes are the same on any
/// number of them.
/// </summary>
internal static class JpegEncoder
{
    /// <summary>Largest side that the format can say.</summary>
    public const int MaxSide = 65535;

    // Above this quality, colours at half the resolution would be the worst loss.
    private const int FullChromaQuality = 90;

    /// <summary>Writes a picture with its metadata. 16-bit samples are rounded to 8, transparency is laid over white.</summary>
    /// <param name="raster">The picture.</param>
    /// <param name="stream">Where to.</param>
    /// <param name="quality">1 to 100, on libjpeg's scale.</param>
    /// <param name="halvesChroma">Whether colour has half the resolution (4:2:0); null: below a quality of 90.</param>
    /// <param name="cancellationToken">Ends the work; the stream then holds a broken file.</param>
    /// <exception cref="InpaintException">ImageTooLarge: more than 65535 pixels on a side.</exception>
    public static void Encode(Raster raster, Stream stream, int quality = 90, bool? halvesChroma = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        if (raster.Width > MaxSide || raster.Height > MaxSide)
        {
            throw new InpaintException(
                InpaintErrorId.ImageTooLarge,
                $"A picture of {raster.Width}x{raster.Height} pixels cannot be a JPEG, which ends at {MaxSide}. Save it as PNG.");
        }

        bool isGray = raster.ColorChannels == 1;
        bool halves = !isGray && (halvesChroma ?? quality < FullChromaQuality);
        int[] luma = JpegStandardTables.Quantization(isChrominance: false, quality);
        int[] chroma = JpegStandardTables.Quantization(isChrominance: true, quality);
        int unitSize = halves ? 16 : 8;

        stream.Write([0xFF, JpegMarker.StartOfImage]);
        JpegMetadataWriter.Write(stream, raster.Metadata);
        WriteQuantization(stream, 0, luma);
        if (!isGray)
        {
            WriteQuantization(stream, 1, chroma);
        }

        WriteFrame(stream, raster, halves);
        WriteHuffman(stream, 0x00, JpegStandardTables.LuminanceDc);
        WriteHuffman(stream, 0x10, JpegStandardTables.LuminanceAc);
        if (!isGray)
        {
            WriteHuffman(stream, 0x01, JpegStandardTables.ChrominanceDc);
            WriteHuffman(stream, 0x11, JpegStandardTables.ChrominanceAc);
        }

        int unitsWide = (raster.Width + unitSize - 1) / unitSize;
        WriteSegment(stream, JpegMarker.RestartInterval, [(byte)(unitsWide >> 8), (byte)unitsWide]);
        WriteSegment(stream, JpegMarker.StartOfScan, isGray ? [1, 1, 0, 0, 63, 0] : [3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0]);
        float[] lumaDivisors = JpegForwardDct.Divisors(luma);
        float[] chromaDivisors = JpegForwardDct.Divisors(chroma);
        WriteRows(stream, (raster.Height + unitSize - 1) / unitSize, () => new JpegBandEncoder(raster, halves, lumaDivisors, chromaDivisors), cancellationToken);
        stream.Write([0xFF, JpegMarker.EndOfImage]);
    }

    /// <summary>Writes a segment: marker, length, content in up to two parts.</summary>
    internal static void WriteSegment(Stream stream, int marker, ReadOnlySpan<byte> content, ReadOnlySpan<byte> more = default)
    {
        Span<byte> head = [0xFF, (byte)marker, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], checked((ushort)(content.Length + more.Length + 2)));
        stream.Write(head);
        stream.Write(content);
        stream.Write(more);
    }

    private static void WriteRows(Stream stream, int rows, Func<JpegBandEncoder> makeEncoder, CancellationToken cancellationToken)
    {
        byte[][] wave = new byte[Math.Min(rows, 16 * Environment.ProcessorCount)][];
        for (int first = 0; first < rows; first += wave.Length)
        {
            int offset = first;
            int count = Math.Min(wave.Length, rows - first);
            Parallel.For(
                0,
                count,
                new ParallelOptions { CancellationToken = cancellationToken },
                makeEncoder,
                (i, _, encoder) =>
                {
                    wave[i] = encoder.Encode(offset + i);
                    return encoder;
                },
                _ => { });

            for (int i = 0; i < count; i++)
            {
                stream.Write(wave[i]);
                if (first + i < rows - 1)
                {
                    stream.Write([0xFF, (byte)(JpegMarker.Restart0 + ((first + i) & 7))]);
                }
            }
        }
    }

    private static void WriteQuantization(Stream stream, byte index, int[] table)
    {
        byte[] content = new byte[1 + table.Length];
        content[0] = index;
        for (int k = 0; k < table.Length; k++)
        {
            content[k + 1] = (byte)table[JpegTables.ZigZag[k]];
        }

        WriteSegment(stream, JpegMarker.QuantizationTables, content);
    }

    private static void WriteHuffman(Stream stream, byte target, JpegHuffmanCode code) =>
        WriteSegment(stream, JpegMarker.HuffmanTables, [target, .. code.Counts], code.Symbols);

    private static void WriteFrame(Stream stream, Raster raster, bool halves)
    {
        byte sampling = halves ? (byte)0x22 : (byte)0x11;
        ReadOnlySpan<byte> size = [8, (byte)(raster.Height >> 8), (byte)raster.Height, (byte)(raster.Width >> 8), (byte)raster.Width];
        ReadOnlySpan<byte> components = raster.ColorChannels == 1 ? [1, 1, 0x11, 0] : [3, 1, sampling, 0, 2, 0x11, 1, 3, 0x11, 1];
        WriteSegment(stream, JpegMarker.StartOfFrameBaseline, size, components);
    }
}
