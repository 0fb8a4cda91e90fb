using System.Buffers.Binary;

namespace Inpaint.Imaging;

/// <summary>
/// Reads the size of an AVIF picture from its meta box: the primary item's image spatial extents (ispe), with sides swapped when it is to be rotated by a quarter (irot).
/// ISO/IEC 14496-12 and 23008-12.
/// </summary>
internal static class AvifHeaderReader
{
    private const int MaxMetaBytes = 1 << 20;
    private const int MaxTopLevelBoxes = 64;

    /// <summary>Reads the header; the source stands at the file's beginning.</summary>
    public static PictureHeader Read(ByteSource source)
    {
        for (int i = 0; i < MaxTopLevelBoxes; i++)
        {
            long size = source.ReadUInt32();
            uint type = source.ReadUInt32();
            size -= 8;
            if (size == 1 - 8)
            {
                size = ((long)source.ReadUInt32() << 32) + source.ReadUInt32() - 16;
            }

            if (size < 0)
            {
                break;
            }

            if (type == Name("meta"u8))
            {
                return size is >= 4 and <= MaxMetaBytes ? ReadMeta(source, source.ReadBlock((int)size)) : throw source.Broken($"its meta box claims {size} bytes");
            }

            source.Skip(size);
        }

        throw source.Broken("it has no meta box");
    }

    private static PictureHeader ReadMeta(ByteSource source, byte[] meta)
    {
        ReadOnlySpan<byte> boxes = meta.AsSpan(4);
        ReadOnlySpan<byte> properties = Find(boxes, "iprp"u8);
        ReadOnlySpan<byte> container = Find(properties, "ipco"u8);
        uint primary = ReadPrimary(Find(boxes, "pitm"u8));
        List<int> own = ReadAssociations(Find(properties, "ipma"u8), primary);

        int index = 0;
        (long Width, long Height)? size = null;
        bool isTurned = false;
        while (Next(ref container, out uint type, out ReadOnlySpan<byte> content))
        {
            index++;
            if (!own.Contains(index))
            {
                continue;
            }

            if (type == Name("ispe"u8) && content.Length >= 12)
            {
                size = (BinaryPrimitives.ReadUInt32BigEndian(content[4..]), BinaryPrimitives.ReadUInt32BigEndian(content[8..]));
            }
            else if (type == Name("irot"u8) && content.Length >= 1)
            {
                isTurned = (content[0] & 1) != 0;
            }
        }

        if (size is not { Width: > 0 and <= int.MaxValue, Height: > 0 and <= int.MaxValue } found)
        {
            throw source.Broken("its meta box gives no size");
        }

        return isTurned
            ? new PictureHeader(PictureFormat.Avif, (int)found.Height, (int)found.Width)
            : new PictureHeader(PictureFormat.Avif, (int)found.Width, (int)found.Height);
    }

    // Version and flags (4 bytes), then the item's id: 16 bits in version 0, else 32.
    private static uint ReadPrimary(ReadOnlySpan<byte> pitm) => pitm switch
    {
        { Length: >= 8 } when pitm[0] > 0 => BinaryPrimitives.ReadUInt32BigEndian(pitm[4..]),
        { Length: >= 6 } when pitm[0] == 0 => BinaryPrimitives.ReadUInt16BigEndian(pitm[4..]),
        _ => 0,
    };

    // Version and flags, number of items; for each its id, number of properties, and their 1-based indices of 7 or 15 bits under an "essential" bit.
    private static List<int> ReadAssociations(ReadOnlySpan<byte> ipma, uint item)
    {
        var indices = new List<int>();
        if (ipma.Length < 8)
        {
            return indices;
        }

        int idBytes = ipma[0] == 0 ? 2 : 4;
        int indexBytes = (ipma[3] & 1) != 0 ? 2 : 1;
        ReadOnlySpan<byte> rest = ipma[8..];
        while (rest.Length > idBytes)
        {
            uint id = idBytes == 2 ? BinaryPrimitives.ReadUInt16BigEndian(rest) : BinaryPrimitives.ReadUInt32BigEndian(rest);
            int count = rest[idBytes];
            rest = rest[(idBytes + 1)..];
            if (rest.Length < count * indexBytes)
            {
                break;
            }

            if (id == item)
            {
                for (int i = 0; i < count; i++)
                {
                    indices.Add(indexBytes == 2 ? BinaryPrimitives.ReadUInt16BigEndian(rest[(2 * i)..]) & 0x7FFF : rest[i] & 0x7F);
                }
            }

            rest = rest[(count * indexBytes)..];
        }

        return indices;
    }

    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> boxes, ReadOnlySpan<byte> name)
    {
        while (Next(ref boxes, out uint type, out ReadOnlySpan<byte> content))
        {
            if (type == Name(name))
            {
                return content;
            }
        }

        return [];
    }

    private static bool Next(scoped ref ReadOnlySpan<byte> boxes, out uint type, out ReadOnlySpan<byte> content)
    {
        type = 0;
        content = [];
        if (boxes.Length < 8)
        {
            return false;
        }

        uint size = BinaryPrimitives.ReadUInt32BigEndian(boxes);
        if (size < 8 || size > boxes.Length)
        {
            return false;
        }

        type = Name(boxes[4..]);
        content = boxes[8..(int)size];
        boxes = boxes[(int)size..];
        return true;
    }

    private static uint Name(ReadOnlySpan<byte> letters) => BinaryPrimitives.ReadUInt32BigEndian(letters);
}
