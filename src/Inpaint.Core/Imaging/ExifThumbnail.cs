using System.Buffers.Binary;

namespace Inpaint.Imaging;

/// <summary>
/// The small picture in an EXIF block (EXIF 2.32, section 4.5.5: the second directory of its TIFF structure). In a picture that has been changed it would still show
/// what has gone, to file managers and to whoever looks for it.
/// </summary>
internal static class ExifThumbnail
{
    private const ushort OffsetTag = 0x0201;
    private const ushort LengthTag = 0x0202;
    private const int HeaderLength = 8;
    private const int EntryLength = 12;

    /// <summary>The block without its thumbnail.</summary>
    /// <param name="exif">A TIFF structure; null for none.</param>
    /// <returns>A copy of the same length, whose thumbnail is nulls to which nothing leads; the block itself when it has none, or cannot be followed.</returns>
    public static byte[]? Without(byte[]? exif)
    {
        if (exif is null || exif.Length < HeaderLength)
        {
            return exif;
        }

        bool isLittleEndian = exif.AsSpan().StartsWith("II*\0"u8);
        if (!isLittleEndian && !exif.AsSpan().StartsWith("MM\0*"u8))
        {
            return exif;
        }

        uint Number(long at) => isLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(exif.AsSpan((int)at)) : BinaryPrimitives.ReadUInt32BigEndian(exif.AsSpan((int)at));
        ushort Short(long at) => isLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(exif.AsSpan((int)at)) : BinaryPrimitives.ReadUInt16BigEndian(exif.AsSpan((int)at));

        // A directory is a count, its entries, and where the next one begins.
        long EndOf(uint directory) => directory >= HeaderLength && directory <= exif.Length - 2 ? directory + 2 + ((long)EntryLength * Short(directory)) : long.MaxValue;
        long next = EndOf(Number(4));
        if (next > exif.Length - 4 || Number(next) is not (> 0 and uint second) || EndOf(second) > exif.Length)
        {
            return exif;
        }

        byte[] copy = [.. exif];
        copy.AsSpan((int)next, 4).Clear();
        long offset = 0;
        long length = 0;
        for (long at = second + 2; at < EndOf(second); at += EntryLength)
        {
            offset = Short(at) == OffsetTag ? Number(at + 8) : offset;
            length = Short(at) == LengthTag ? Number(at + 8) : length;
        }

        if (offset >= HeaderLength && offset + length <= copy.Length)
        {
            copy.AsSpan((int)offset, (int)length).Clear();
        }

        return copy;
    }
}
