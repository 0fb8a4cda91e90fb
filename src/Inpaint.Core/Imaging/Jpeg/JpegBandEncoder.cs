using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Jpeg;

/// <summary>Encodes one row of units: the rows of pixels that they take become luma and chroma, transformed blocks, and bits.</summary>
internal sealed class JpegBandEncoder
{
    private readonly Raster raster;
    private readonly bool halvesChroma;
    private readonly float[] lumaDivisors;
    private readonly float[] chromaDivisors;
    private readonly int unitSize;
    private readonly int paddedWidth;
    private readonly byte[] pixels;
    private readonly byte[][] planes;
    private readonly byte[][] halved;
    private readonly int[] block = new int[JpegComponent.BlockLength];

    public JpegBandEncoder(Raster raster, bool halvesChroma, float[] lumaDivisors, float[] chromaDivisors)
    {
        this.raster = raster;
        this.halvesChroma = halvesChroma;
        this.lumaDivisors = lumaDivisors;
        this.chromaDivisors = chromaDivisors;
        unitSize = halvesChroma ? 16 : 8;
        paddedWidth = (raster.Width + unitSize - 1) / unitSize * unitSize;
        int components = raster.ColorChannels;
        pixels = new byte[raster.Width * components];
        planes = [.. Enumerable.Range(0, components).Select(_ => new byte[paddedWidth * unitSize])];
        halved = [.. Enumerable.Range(0, halvesChroma ? 2 : 0).Select(_ => new byte[paddedWidth / 2 * 8])];
    }

    /// <summary>Zigzag order over the transposed blocks of <see cref="JpegForwardDct"/>.</summary>
    private static readonly byte[] Order = [.. JpegTables.ZigZag.ToArray().Select(i => (byte)((i % 8 * 8) + (i / 8)))];

    /// <summary>Encodes a row of units.</summary>
    /// <param name="unitRow">Which one.</param>
    /// <returns>Its bits, filled up to a whole byte, without a marker.</returns>
    public byte[] Encode(int unitRow)
    {
        for (int y = 0; y < unitSize; y++)
        {
            // Rows and columns beyond the picture repeat its last ones, which compresses best.
            LoadRow(Math.Min((unitRow * unitSize) + y, raster.Height - 1), y);
        }

        var writer = new JpegBitWriter();
        int[] lastDc = new int[3];
        if (halvesChroma)
        {
            Halve(planes[1], halved[0]);
            Halve(planes[2], halved[1]);
        }

        for (int x = 0; x < paddedWidth; x += unitSize)
        {
            for (int y = 0; y < unitSize; y += 8)
            {
                for (int inner = 0; inner < unitSize; inner += 8)
                {
                    WriteBlock(writer, planes[0], paddedWidth, x + inner, y, isLuma: true, ref lastDc[0]);
                }
            }

            for (int c = 1; c < planes.Length; c++)
            {
                if (halvesChroma)
                {
                    WriteBlock(writer, halved[c - 1], paddedWidth / 2, x / 2, 0, isLuma: false, ref lastDc[c]);
                }
                else
                {
                    WriteBlock(writer, planes[c], paddedWidth, x, 0, isLuma: false, ref lastDc[c]);
                }
            }
        }

        writer.Finish();
        return writer.Written.ToArray();
    }

    private void WriteBlock(JpegBitWriter writer, byte[] plane, int stride, int x, int y, bool isLuma, ref int lastDc)
    {
        JpegForwardDct.Transform(plane.AsSpan((y * stride) + x), stride, isLuma ? lumaDivisors : chromaDivisors, block);
        writer.WriteBlock(
            block,
            Order,
            ref lastDc,
            isLuma ? JpegStandardTables.LuminanceDc : JpegStandardTables.ChrominanceDc,
            isLuma ? JpegStandardTables.LuminanceAc : JpegStandardTables.ChrominanceAc);
    }

    private void LoadRow(int from, int to)
    {
        RasterLayout.ToOpaque8Bit(raster, from, pixels);
        Span<byte> first = planes[0].AsSpan(to * paddedWidth, paddedWidth);
        if (planes.Length == 1)
        {
            pixels.CopyTo(first);
            first[raster.Width..].Fill(first[raster.Width - 1]);
            return;
        }

        Span<byte> second = planes[1].AsSpan(to * paddedWidth, paddedWidth);
        Span<byte> third = planes[2].AsSpan(to * paddedWidth, paddedWidth);
        ToYCbCr(pixels, first, second, third);
        foreach (byte[] plane in planes)
        {
            Span<byte> row = plane.AsSpan(to * paddedWidth, paddedWidth);
            row[raster.Width..].Fill(row[raster.Width - 1]);
        }
    }

    // ITU-R BT.601 in 16-bit fixed point, as JFIF prescribes.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ToYCbCr(ReadOnlySpan<byte> rgb, Span<byte> luma, Span<byte> blue, Span<byte> red)
    {
        const int Center = (128 << 16) + 32767;
        for (int x = 0, at = 0; at + 2 < rgb.Length; x++, at += 3)
        {
            int r = rgb[at];
            int g = rgb[at + 1];
            int b = rgb[at + 2];
            luma[x] = (byte)(((19595 * r) + (38470 * g) + (7471 * b) + 32768) >> 16);
            blue[x] = (byte)(((-11059 * r) - (21709 * g) + (32768 * b) + Center) >> 16);
            red[x] = (byte)(((32768 * r) - (27439 * g) - (5329 * b) + Center) >> 16);
        }
    }

    // Four samples become their mean; the rounding leans up and down in turn, lest everything grow brighter.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Halve(byte[] plane, byte[] target)
    {
        int width = paddedWidth / 2;
        for (int y = 0; y < 8; y++)
        {
            ReadOnlySpan<byte> upper = plane.AsSpan(2 * y * paddedWidth, paddedWidth);
            ReadOnlySpan<byte> lower = plane.AsSpan(((2 * y) + 1) * paddedWidth, paddedWidth);
            Span<byte> row = target.AsSpan(y * width, width);
            for (int x = 0; x < row.Length; x++)
            {
                row[x] = (byte)((upper[2 * x] + upper[(2 * x) + 1] + lower[2 * x] + lower[(2 * x) + 1] + 1 + (x & 1)) >> 2);
            }
        }
    }
}
