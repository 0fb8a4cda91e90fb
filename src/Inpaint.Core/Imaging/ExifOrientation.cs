using System.Buffers.Binary;

namespace Inpaint.Imaging;

/// <summary>How the stored rows of a picture lie in the picture as it is to be seen (EXIF 2.32, tag 0x0112), values 1 to 8.</summary>
internal static class ExifOrientation
{
    /// <summary>Stored as seen.</summary>
    public const int Normal = 1;

    private const ushort Tag = 0x0112;

    /// <summary>The XMP packet of a picture whose rows have been turned: editors write the orientation there as well, as <c>tiff:Orientation</c>.</summary>
    /// <param name="xmp">The packet, UTF-8; null for none.</param>
    /// <returns>A copy that no longer asks; the packet itself when it did not.</returns>
    public static byte[]? WithNormalXmp(byte[]? xmp)
    {
        ReadOnlySpan<byte> name = "tiff:Orientation"u8;
        int at = xmp.AsSpan().IndexOf(name);
        if (xmp is null || at < 0)
        {
            return xmp;
        }

        // As an attribute or as an element: ="6" or >6<.
        byte[] normal = [.. xmp];
        Span<byte> value = normal.AsSpan(at + name.Length);
        int digit = value.IndexOfAnyInRange((byte)'1', (byte)'8');
        if (digit > 0 && !value[..digit].ContainsAnyExcept("= \"'>"u8))
        {
            value[digit] = (byte)('0' + Normal);
        }

        return normal;
    }

    /// <summary>The EXIF block of a picture whose rows have been turned as it asked: a copy that no longer asks.</summary>
    /// <param name="exif">A TIFF structure.</param>
    public static byte[] WithNormal(byte[] exif)
    {
        bool isLittleEndian = exif.AsSpan().StartsWith("II*\0"u8);
        if (exif.Length < 8 || (!isLittleEndian && !exif.AsSpan().StartsWith("MM\0*"u8)))
        {
            return exif;
        }

        uint directory = isLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(exif.AsSpan(4)) : BinaryPrimitives.ReadUInt32BigEndian(exif.AsSpan(4));
        if (directory > exif.Length - 2)
        {
            return exif;
        }

        byte[] copy = [.. exif];
        int Short(ReadOnlySpan<byte> at) => isLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);
        int entries = Short(copy.AsSpan((int)directory));
        for (long at = directory + 2L; entries > 0 && at + 12 <= copy.Length; at += 12, entries--)
        {
            // The value stands in the last four bytes, as a number of 16 bits or, against the rules, of 32.
            Span<byte> entry = copy.AsSpan((int)at, 12);
            if (Short(entry) == Tag)
            {
                Span<byte> value = entry[8..];
                int last = isLittleEndian ? 0 : Short(entry[2..]) == 4 ? 3 : 1;
                value.Clear();
                value[last] = Normal;
            }
        }

        return copy;
    }

    /// <summary>Whether width and height change places.</summary>
    /// <param name="orientation">EXIF orientation.</param>
    public static bool SwapsSides(int orientation) => orientation >= 5;
}
