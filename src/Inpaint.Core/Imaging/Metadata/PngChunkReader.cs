using System.Text;

namespace Inpaint.Imaging.Metadata;

/// <summary>Walks through the chunks of a PNG file and checks their checksums.</summary>
internal sealed class PngChunkReader(ByteSource source)
{
    private const uint Idat = 0x49444154;

    private uint crc;

    /// <summary>The eight bytes that every PNG begins with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The bytes under the chunks.</summary>
    public ByteSource Source { get; } = source;

    /// <summary>The present chunk's type as a big-endian number.</summary>
    public uint Type { get; private set; }

    /// <summary>Bytes of the present chunk's content not yet read.</summary>
    public int Left { get; private set; }

    /// <summary>Whether the present chunk holds compressed samples.</summary>
    public bool IsIdat => Type == Idat;

    /// <summary>Whether a reader that does not know the chunk may pass over it (lower case first letter).</summary>
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

    /// <summary>Goes to the next chunk; the present one must have been ended.</summary>
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

    /// <summary>Reads content of the present chunk, as much as fits; 0 when none is left.</summary>
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

    /// <summary>Reads the whole content of the present chunk and ends it.</summary>
    /// <returns>The content; null when an ancillary chunk's checksum is wrong, which spoils that chunk alone.</returns>
    public byte[]? ReadContent()
    {
        byte[] content = Source.ReadBlock(Left);
        crc = Crc32.Append(crc, content);
        Left = 0;
        return End() ? content : null;
    }

    /// <summary>Passes over what is left of the present chunk and checks nothing: nobody needs its content.</summary>
    public void Skip()
    {
        Source.Skip(Left + 4L);
        Left = 0;
    }

    /// <summary>Reads the checksum at the end of the present chunk.</summary>
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
