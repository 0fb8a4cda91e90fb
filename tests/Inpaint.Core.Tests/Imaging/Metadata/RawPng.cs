using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Inpaint.Tests.Imaging.Metadata;

/// <summary>Writes PNG files of any layout from stored sample values, independently of the product's encoder.</summary>
internal sealed class RawPng
{
    private static readonly (int X, int Y, int Dx, int Dy)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required int ColorType { get; init; }

    public required int BitDepth { get; init; }

    public bool Interlaced { get; init; }

    public byte[]? Palette { get; init; }

    public byte[]? Transparency { get; init; }

    /// <summary>Content of further chunks, written before the samples.</summary>
    public List<(string Type, byte[] Content)> Chunks { get; } = [];

    /// <summary>Bytes in each IDAT chunk.</summary>
    public int IdatSize { get; init; } = 8192;

    /// <summary>Stored samples, row by row.</summary>
    public required int[] Samples { get; init; }

    public int Channels => ColorType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    public static int[] RandomSamples(int width, int height, int channels, int bitDepth, int seed)
    {
        var random = new Random(seed);
        int[] samples = new int[width * height * channels];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = random.Next(1 << bitDepth);
        }

        return samples;
    }

    public static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int k = 0; k < 8; k++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }

    public static byte[] Chunk(string type, byte[] content)
    {
        byte[] chunk = new byte[content.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        content.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(content.Length + 8), Crc(chunk.AsSpan(4, content.Length + 4)));
        return chunk;
    }

    public byte[] ToBytes()
    {
        var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] ihdr = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(ihdr, Width);
        BinaryPrimitives.WriteInt32BigEndian(ihdr.AsSpan(4), Height);
        ihdr[8] = (byte)BitDepth;
        ihdr[9] = (byte)ColorType;
        ihdr[12] = Interlaced ? (byte)1 : (byte)0;
        file.Write(Chunk("IHDR", ihdr));
        if (Palette is not null)
        {
            file.Write(Chunk("PLTE", Palette));
        }

        if (Transparency is not null)
        {
            file.Write(Chunk("tRNS", Transparency));
        }

        foreach ((string type, byte[] content) in Chunks)
        {
            file.Write(Chunk(type, content));
        }

        byte[] packed = Compress();
        for (int at = 0; at < packed.Length; at += IdatSize)
        {
            file.Write(Chunk("IDAT", packed[at..Math.Min(packed.Length, at + IdatSize)]));
        }

        file.Write(Chunk("IEND", []));
        return file.ToArray();
    }

    private byte[] Compress()
    {
        var target = new MemoryStream();
        using (var zlib = new ZLibStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            if (!Interlaced)
            {
                WritePass(zlib, 0, 0, 1, 1);
            }
            else
            {
                foreach ((int x, int y, int dx, int dy) in Adam7)
                {
                    WritePass(zlib, x, y, dx, dy);
                }
            }
        }

        return target.ToArray();
    }

    // The filters come in turn, so that each meets each kind of row above.
    private void WritePass(Stream target, int x0, int y0, int dx, int dy)
    {
        int columns = (Width - x0 + dx - 1) / dx;
        if (columns <= 0)
        {
            return;
        }

        int step = Math.Max(1, Channels * BitDepth / 8);
        byte[] above = new byte[((columns * Channels * BitDepth) + 7) / 8];
        int filter = 0;
        for (int y = y0; y < Height; y += dy)
        {
            byte[] row = PackRow(x0, y, dx, above.Length);
            target.WriteByte((byte)filter);
            for (int i = 0; i < row.Length; i++)
            {
                int a = i >= step ? row[i - step] : 0;
                int b = above[i];
                int c = i >= step ? above[i - step] : 0;
                int predicted = filter switch { 1 => a, 2 => b, 3 => (a + b) / 2, 4 => Paeth(a, b, c), _ => 0 };
                target.WriteByte((byte)(row[i] - predicted));
            }

            above = row;
            filter = (filter + 1) % 5;
        }
    }

    private static int Paeth(int a, int b, int c)
    {
        int p = a + b - c;
        int[] candidates = [a, b, c];
        return candidates.MinBy(candidate => Math.Abs(p - candidate));
    }

    private byte[] PackRow(int x0, int y, int dx, int length)
    {
        byte[] row = new byte[length];
        int bit = 0;
        for (int x = x0; x < Width; x += dx)
        {
            for (int c = 0; c < Channels; c++)
            {
                int value = Samples[(((y * Width) + x) * Channels) + c];
                for (int k = BitDepth - 1; k >= 0; k--, bit++)
                {
                    row[bit / 8] |= (byte)(((value >> k) & 1) << (7 - (bit % 8)));
                }
            }
        }

        return row;
    }
}
