using System.IO.Compression;

namespace Inpaint.Imaging.Png;

/// <summary>Inflates rows, undoes their filters and puts their pixels where they belong.</summary>
internal sealed class PngRowReader(PngHeader header, PngRowUnpacker unpacker, byte[] data, ZLibStream samples, ByteSource source)
{
    // First column, first row, and the steps between columns and rows of Adam7's passes.
    private static readonly (int X, int Y, int StepX, int StepY)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private readonly int stride = header.Width * unpacker.Channels * unpacker.BitDepth / 8;

    /// <summary>Reads the whole picture.</summary>
    public void ReadAll(CancellationToken cancellationToken)
    {
        if (header.IsInterlaced)
        {
            ReadInterlaced(cancellationToken);
        }
        else if (unpacker.IsDirect)
        {
            ReadDirect(cancellationToken);
        }
        else
        {
            ReadUnpacked(cancellationToken);
        }
    }

    // The stored bytes are the raster's bytes, but for the order of 16-bit ones, which is turned once all rows that lean on it are done.
    private void ReadDirect(CancellationToken cancellationToken)
    {
        ReadOnlySpan<byte> above = new byte[stride];
        for (int y = 0; y < header.Height; y++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<byte> row = data.AsSpan(y * stride, stride);
            ReadRow(row, above);
            above = row;
        }

        unpacker.FinishDirect(data);
    }

    private void ReadUnpacked(CancellationToken cancellationToken)
    {
        byte[] above = new byte[header.RowBytes(header.Width)];
        byte[] row = new byte[above.Length];
        for (int y = 0; y < header.Height; y++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadRow(row, above);
            unpacker.Unpack(row, data.AsSpan(y * stride, stride), header.Width);
            (above, row) = (row, above);
        }
    }

    private void ReadInterlaced(CancellationToken cancellationToken)
    {
        int pixelBytes = unpacker.Channels * unpacker.BitDepth / 8;
        byte[] unpacked = new byte[stride];
        foreach ((int x0, int y0, int stepX, int stepY) in Passes)
        {
            int width = (int)(((long)header.Width - x0 + stepX - 1) / stepX);
            if (width <= 0)
            {
                continue;
            }

            byte[] above = new byte[header.RowBytes(width)];
            byte[] row = new byte[above.Length];
            for (int y = y0; y < header.Height; y += stepY)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ReadRow(row, above);
                unpacker.Unpack(row, unpacked, width);
                Scatter(unpacked, data.AsSpan(y * stride, stride), width, x0, stepX, pixelBytes);
                (above, row) = (row, above);
            }
        }
    }

    private static void Scatter(ReadOnlySpan<byte> pixels, Span<byte> target, int count, int x0, int stepX, int pixelBytes)
    {
        for (int i = 0, at = x0 * pixelBytes; i < count; i++, at += stepX * pixelBytes)
        {
            pixels.Slice(i * pixelBytes, pixelBytes).CopyTo(target[at..]);
        }
    }

    private void ReadRow(Span<byte> row, ReadOnlySpan<byte> above)
    {
        int filter = samples.ReadByte();
        if (filter < 0 || samples.ReadAtLeast(row, row.Length, throwOnEndOfStream: false) < row.Length)
        {
            throw source.Broken("its compressed samples end too early");
        }

        if (!PngFilters.Undo(filter, row, above, header.FilterStep))
        {
            throw source.Broken($"row filter {filter} does not exist");
        }
    }
}
