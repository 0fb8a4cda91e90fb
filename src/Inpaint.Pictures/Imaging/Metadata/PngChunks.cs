using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Inpaint.Imaging.Metadata;

/// <summary>Reads the chunks of a PNG file and verifies their checksums.</summary>
internal sealed class PngChunkReader(ByteSource source)
{
    private uint crc;

    /// <summary>The eight bytes that every PNG begins with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The file.</summary>
    public ByteSource Source { get; } = source;

    /// <summary>The current chunk's type as a big-endian number.</summary>
    public uint Type { get; private set; }

    /// <summary>The bytes of the current chunk's content that have not been read.</summary>
    public int Left { get; private set; }

    /// <summary>Whether a reader that does not know the chunk may skip it (lower-case first letter).</summary>
    public bool IsAncillary => (Type & 0x20000000) != 0;

    /// <summary>The type as text.</summary>
    public string TypeName
    {
        get
        {
            ReadOnlySpan<byte> letters = [(byte)(Type >> 24), (byte)(Type >> 16), (byte)(Type >> 8), (byte)Type];
            return Encoding.ASCII.GetString(letters);
        }
    }

    /// <summary>Moves to the next chunk; the current one must have been read to its end.</summary>
    public void Next()
    {
        uint length = Source.ReadUInt32();
        if (length > int.MaxValue)
        {
            throw Source.Broken("a chunk claims more than 2 GiB", Source.Offset - 4);
        }

        Span<byte> type = stackalloc byte[4];
        Source.ReadExactly(type);
        foreach (byte letter in type)
        {
            if (!char.IsAsciiLetter((char)letter))
            {
                throw Source.Broken("a chunk's type is not four letters", Source.Offset - 4);
            }
        }

        Type = ((uint)type[0] << 24) | ((uint)type[1] << 16) | ((uint)type[2] << 8) | type[3];
        Left = (int)length;
        crc = Crc32.Append(Crc32.Seed, type);
    }

    /// <summary>Reads content of the current chunk, as much as fits; 0 when none is left.</summary>
    public int Read(Span<byte> target)
    {
        if (Left == 0 || target.IsEmpty)
        {
            return 0;
        }

        int count = Source.Read(target[..Math.Min(target.Length, Left)]);
        if (count == 0)
        {
            throw Source.Broken($"the file is truncated within its {TypeName} chunk");
        }

        crc = Crc32.Append(crc, target[..count]);
        Left -= count;
        return count;
    }

    /// <summary>Reads the whole content of the current chunk.</summary>
    /// <returns>The content; null when the checksum of an ancillary chunk is wrong, which affects that chunk only.</returns>
    public byte[]? ReadContent()
    {
        byte[] content = Source.ReadBlock(Left);
        crc = Crc32.Append(crc, content);
        Left = 0;
        return End() ? content : null;
    }

    /// <summary>Skips the rest of the current chunk, without verifying it.</summary>
    public void Skip()
    {
        Source.Skip(Left + 4L);
        Left = 0;
    }

    /// <summary>Reads the checksum at the end of the current chunk.</summary>
    /// <returns>False when it is wrong and the chunk is ancillary.</returns>
    public bool End()
    {
        long offset = Source.Offset;
        if (Source.ReadUInt32() == Crc32.Finish(crc))
        {
            return true;
        }

        return IsAncillary ? false : throw Source.Broken($"the checksum of its {TypeName} chunk is wrong", offset);
    }
}

/// <summary>Writes chunks: length, type, content, checksum.</summary>
internal static class PngChunkWriter
{
    /// <summary>Writes a chunk whose content is given in up to three parts.</summary>
    public static void Write(Stream stream, string type, ReadOnlySpan<byte> content, ReadOnlySpan<byte> more = default, ReadOnlySpan<byte> last = default)
    {
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(head, checked(content.Length + more.Length + last.Length));
        Encoding.ASCII.GetBytes(type, head[4..]);
        stream.Write(head);
        stream.Write(content);
        stream.Write(more);
        stream.Write(last);

        uint crc = Crc32.Append(Crc32.Seed, head[4..]);
        crc = Crc32.Append(Crc32.Append(Crc32.Append(crc, content), more), last);
        BinaryPrimitives.WriteUInt32BigEndian(head, Crc32.Finish(crc));
        stream.Write(head[..4]);
    }
}

/// <summary>The checksum of PNG chunks (ISO 3309, polynomial 0xEDB88320), eight bytes at a time. The framework has it only in another package.</summary>
internal static class Crc32
{
    /// <summary>The initial state.</summary>
    public const uint Seed = 0xFFFFFFFF;

    private static readonly uint[] Tables = BuildTables();

    /// <summary>Adds bytes to a running checksum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        uint[] t = Tables;
        if (BitConverter.IsLittleEndian)
        {
            foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
            {
                uint low = (uint)word ^ state;
                uint high = (uint)(word >> 32);
                state = t[0x700 + (low & 0xFF)] ^ t[0x600 + ((low >> 8) & 0xFF)] ^ t[0x500 + ((low >> 16) & 0xFF)] ^ t[0x400 + (low >> 24)]
                    ^ t[0x300 + (high & 0xFF)] ^ t[0x200 + ((high >> 8) & 0xFF)] ^ t[0x100 + ((high >> 16) & 0xFF)] ^ t[high >> 24];
            }

            bytes = bytes[(bytes.Length & ~7)..];
        }

        foreach (byte b in bytes)
        {
            state = t[(state ^ b) & 0xFF] ^ (state >> 8);
        }

        return state;
    }

    /// <summary>The checksum of a final state.</summary>
    public static uint Finish(uint state) => ~state;

    private static uint[] BuildTables()
    {
        uint[] tables = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            }

            tables[i] = value;
        }

        for (int i = 256; i < tables.Length; i++)
        {
            uint before = tables[i - 256];
            tables[i] = tables[before & 0xFF] ^ (before >> 8);
        }

        return tables;
    }
}
