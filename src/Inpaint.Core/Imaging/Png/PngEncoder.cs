using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

namespace Inpaint.Imaging.Png;

/// <summary>
/// Writes PNG. Rows are filtered and deflated in bands of fixed size that do not know each other, so that all cores help and the bytes are the same on any number of them.
/// </summary>
internal static class PngEncoder
{
    // Large enough that the window lost at each border costs less than 1 %, small enough that a few of them in flight are nothing beside the picture.
    private const int BandBytes = 1 << 20;

    /// <summary>Writes a picture with its metadata.</summary>
    /// <param name="raster">The picture; 16-bit samples stay 16-bit.</param>
    /// <param name="stream">Where to.</param>
    /// <param name="level">How hard to compress.</param>
    /// <param name="cancellationToken">Ends the work between two bands; the stream then holds a broken file.</param>
    public static void Encode(Raster raster, Stream stream, CompressionLevel level = CompressionLevel.Optimal, CancellationToken cancellationToken = default)
    {
        stream.Write(PngChunkReader.Signature);
        PngChunkWriter.Write(stream, "IHDR", Header(raster));
        PngMetadataWriter.Write(stream, raster.Metadata);
        WriteSamples(raster, stream, level, cancellationToken);
        PngChunkWriter.Write(stream, "IEND", []);
    }

    private static byte[] Header(Raster raster)
    {
        byte[] ihdr = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(ihdr, raster.Width);
        BinaryPrimitives.WriteInt32BigEndian(ihdr.AsSpan(4), raster.Height);
        ihdr[8] = (byte)raster.BitDepth;
        ihdr[9] = (byte)(raster.Channels switch
        {
            1 => PngColorType.Gray,
            2 => PngColorType.GrayAlpha,
            3 => PngColorType.Rgb,
            _ => PngColorType.Rgba,
        });
        return ihdr;
    }

    private static void WriteSamples(Raster raster, Stream stream, CompressionLevel level, CancellationToken cancellationToken)
    {
        int rowsPerBand = Math.Max(1, BandBytes / (raster.Stride + 1));
        int bands = (raster.Height + rowsPerBand - 1) / rowsPerBand;
        int wave = Math.Min(bands, 2 * Environment.ProcessorCount);
        var packed = new Band[wave];
        uint checksum = 1;
        for (int first = 0; first < bands; first += wave)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(wave, bands - first);
            int offset = first;
            Parallel.For(0, count, i =>
            {
                int top = (offset + i) * rowsPerBand;
                packed[i] = Pack(raster, top, Math.Min(rowsPerBand, raster.Height - top), level);
            });

            for (int i = 0; i < count; i++)
            {
                bool isFirst = first + i == 0;
                bool isLast = first + i == bands - 1;
                checksum = Adler32.Combine(checksum, packed[i].Checksum, packed[i].RawLength);
                WriteBand(stream, packed[i].Deflated, isFirst, isLast ? checksum : null);
            }
        }
    }

    // The zlib stream runs through all IDAT chunks: its two-byte head goes before the first band, an empty last block and its checksum after the last one.
    private static void WriteBand(Stream stream, ReadOnlySpan<byte> deflated, bool isFirst, uint? checksum)
    {
        ReadOnlySpan<byte> head = isFirst ? [0x78, 0x9C] : [];
        Span<byte> tail = stackalloc byte[6];
        if (checksum is { } value)
        {
            tail[0] = 0x03;
            tail[1] = 0x00;
            BinaryPrimitives.WriteUInt32BigEndian(tail[2..], value);
        }
        else
        {
            tail = [];
        }

        PngChunkWriter.Write(stream, "IDAT", head, deflated, tail);
    }

    private static Band Pack(Raster raster, int top, int rows, CompressionLevel level)
    {
        int stride = raster.Stride;
        byte[] filtered = new byte[rows * (stride + 1)];
        var chooser = new PngFilterChooser(stride, raster.BytesPerPixel);
        byte[] current = new byte[stride];
        byte[] above = new byte[stride];
        if (top > 0)
        {
            ToBigEndian(raster.Row(top - 1), above, raster.BitDepth);
        }

        for (int y = 0; y < rows; y++)
        {
            ToBigEndian(raster.Row(top + y), current, raster.BitDepth);
            chooser.Write(current, above, filtered.AsSpan(y * (stride + 1), stride + 1));
            (current, above) = (above, current);
        }

        var target = new MemoryStream(filtered.Length / 2);
        using (var deflate = new DeflateStream(target, level, leaveOpen: true))
        {
            deflate.Write(filtered);

            // A flush ends on a byte border without ending the stream; what disposing would add (the last block) is left out.
            deflate.Flush();
            return new Band(target.GetBuffer().AsSpan(0, (int)target.Length).ToArray(), Adler32.Compute(filtered), filtered.Length);
        }
    }

    private static void ToBigEndian(ReadOnlySpan<byte> row, Span<byte> target, int bitDepth)
    {
        if (bitDepth == 16 && BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ushort>(row), MemoryMarshal.Cast<byte, ushort>(target));
        }
        else
        {
            row.CopyTo(target);
        }
    }

    private readonly record struct Band(byte[] Deflated, uint Checksum, int RawLength);
}
