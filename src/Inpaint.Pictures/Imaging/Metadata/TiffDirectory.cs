using System.Buffers.Binary;

namespace Inpaint.Imaging.Metadata;

/// <summary>An entry of a directory.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Type">The type of its values.</param>
/// <param name="Count">The number of values.</param>
/// <param name="Raw">Its twelve bytes as they are in the file, with an offset where the values do not fit.</param>
/// <param name="Start">The offset of the values in the file.</param>
/// <param name="Length">The length of the values in bytes.</param>
internal readonly record struct TiffEntry(ushort Tag, ushort Type, uint Count, byte[] Raw, int Start, int Length)
{
    /// <summary>Whether the values are in the entry itself.</summary>
    public bool IsInline => Length <= 4;
}

/// <summary>
/// Reads and writes the directories of a TIFF structure (TIFF 6.0, section 2): a TIFF file or an EXIF block. BigTIFF has another layout and is not supported.
/// </summary>
internal static class TiffDirectory
{
    /// <summary>The length of the header: byte order, a number, the offset of the first directory.</summary>
    public const int HeaderLength = 8;

    /// <summary>The length of an entry.</summary>
    public const int EntryLength = 12;

    public const ushort ByteType = 1;
    public const ushort LongType = 4;
    private const ushort ShortType = 3;
    private const ushort OffsetType = 13;

    /// <summary>Whether a file is a TIFF structure.</summary>
    public static bool IsTiff(ReadOnlySpan<byte> file) => file.Length >= HeaderLength && (file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8));

    /// <summary>Whether its numbers are little-endian.</summary>
    public static bool IsLittleEndian(ReadOnlySpan<byte> file) => file[0] == 'I';

    /// <summary>Reads the entries of a directory, without those whose values are outside the file; none when the directory is invalid.</summary>
    /// <param name="directory">The offset of the directory.</param>
    public static IReadOnlyList<TiffEntry> Read(ReadOnlySpan<byte> file, uint directory)
    {
        List<TiffEntry> entries = [];
        bool isLittleEndian = IsLittleEndian(file);
        if (directory < HeaderLength || directory > file.Length - 2)
        {
            return entries;
        }

        int count = Short(file[(int)directory..], isLittleEndian);
        for (int at = (int)directory + 2; count > 0 && at <= file.Length - EntryLength; at += EntryLength, count--)
        {
            ReadOnlySpan<byte> raw = file.Slice(at, EntryLength);
            ushort type = Short(raw[2..], isLittleEndian);
            uint values = Long(raw[4..], isLittleEndian);
            long length = (long)SizeOf(type) * values;
            long start = length <= 4 ? at + 8 : Long(raw[8..], isLittleEndian);
            if (length > 0 && start + length <= file.Length)
            {
                entries.Add(new TiffEntry(Short(raw, isLittleEndian), type, values, raw.ToArray(), (int)start, (int)length));
            }
        }

        return entries;
    }

    /// <summary>The offset of the first directory.</summary>
    public static uint First(ReadOnlySpan<byte> file) => Long(file[4..], IsLittleEndian(file));

    /// <summary>The values of an entry of whole numbers.</summary>
    public static uint[] Numbers(ReadOnlySpan<byte> file, TiffEntry entry)
    {
        uint[] numbers = new uint[entry.Type is ShortType or LongType or OffsetType ? entry.Count : 0];
        for (int i = 0; i < numbers.Length; i++)
        {
            ReadOnlySpan<byte> at = file[(entry.Start + (i * SizeOf(entry.Type)))..];
            numbers[i] = entry.Type == ShortType ? Short(at, IsLittleEndian(file)) : Long(at, IsLittleEndian(file));
        }

        return numbers;
    }

    /// <summary>Reads an entry's values, converted to a byte order.</summary>
    public static byte[] Values(ReadOnlySpan<byte> file, TiffEntry entry, bool isLittleEndian)
    {
        byte[] values = file.Slice(entry.Start, entry.Length).ToArray();
        if (isLittleEndian != IsLittleEndian(file))
        {
            // A fraction consists of two numbers.
            Swap(values, entry.Type is 5 or 10 ? 4 : SizeOf(entry.Type));
        }

        return values;
    }

    /// <summary>Reverses the bytes of each number.</summary>
    /// <param name="values">The numbers.</param>
    /// <param name="size">The bytes of each.</param>
    public static void Swap(Span<byte> values, int size)
    {
        for (int at = 0; size > 1 && at + size <= values.Length; at += size)
        {
            values.Slice(at, size).Reverse();
        }
    }

    /// <summary>Creates an entry with its values, or with their offset when they do not fit.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="type">The type of the values.</param>
    /// <param name="values">The values.</param>
    /// <param name="offset">The offset of values that do not fit.</param>
    /// <param name="isLittleEndian">The byte order of the entry and the values.</param>
    public static byte[] Entry(ushort tag, ushort type, ReadOnlySpan<byte> values, uint offset, bool isLittleEndian)
    {
        byte[] raw = new byte[EntryLength];
        WriteShort(raw, tag, isLittleEndian);
        WriteShort(raw.AsSpan(2), type, isLittleEndian);
        WriteLong(raw.AsSpan(4), (uint)(values.Length / SizeOf(type)), isLittleEndian);
        if (values.Length > 4)
        {
            WriteLong(raw.AsSpan(8), offset, isLittleEndian);
        }
        else
        {
            values.CopyTo(raw.AsSpan(8));
        }

        return raw;
    }

    /// <summary>Creates a directory that is the last one.</summary>
    public static byte[] Directory(IReadOnlyCollection<byte[]> entries, bool isLittleEndian)
    {
        byte[] directory = new byte[2 + (EntryLength * entries.Count) + 4];
        WriteShort(directory, (ushort)entries.Count, isLittleEndian);
        int at = 2;
        foreach (byte[] entry in entries.OrderBy(entry => Short(entry, isLittleEndian)))
        {
            entry.CopyTo(directory, at);
            at += EntryLength;
        }

        return directory;
    }

    /// <summary>Writes a number of 32 bits.</summary>
    public static void WriteLong(Span<byte> target, uint value, bool isLittleEndian)
    {
        if (isLittleEndian)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(target, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(target, value);
        }
    }

    /// <summary>Writes a number of 16 bits.</summary>
    public static void WriteShort(Span<byte> target, ushort value, bool isLittleEndian)
    {
        if (isLittleEndian)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(target, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(target, value);
        }
    }

    /// <summary>Reads a number of 16 bits.</summary>
    public static ushort Short(ReadOnlySpan<byte> at, bool isLittleEndian) => isLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);

    /// <summary>Reads a number of 32 bits.</summary>
    public static uint Long(ReadOnlySpan<byte> at, bool isLittleEndian) => isLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt32BigEndian(at);

    /// <summary>The bytes of one value of a type; 0 for an unknown type.</summary>
    public static int SizeOf(ushort type) => type switch { ByteType or 2 or 6 or 7 => 1, ShortType or 8 => 2, LongType or OffsetType or 9 or 11 => 4, 5 or 10 or 12 => 8, _ => 0 };
}
