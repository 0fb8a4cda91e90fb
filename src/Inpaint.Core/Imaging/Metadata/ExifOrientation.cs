using System.Buffers.Binary;

namespace Inpaint.Imaging.Metadata;

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

    /// <summary>The orientation that an EXIF block gives; <see cref="Normal"/> when it gives none that exists.</summary>
    /// <param name="exif">A TIFF structure; null for none.</param>
    public static int Read(ReadOnlySpan<byte> exif)
    {
        int at = FindDigit(exif);
        return at >= 0 && exif[at] is >= 1 and <= 8 ? exif[at] : Normal;
    }

    /// <summary>The EXIF block of a picture whose rows have been turned as it asked: a copy that no longer asks.</summary>
    /// <param name="exif">A TIFF structure.</param>
    public static byte[] WithNormal(byte[] exif)
    {
        byte[] copy = [.. exif];
        if (FindDigit(exif) is >= 0 and int at)
        {
            copy[at] = Normal;
        }

        return copy;
    }

    /// <summary>Whether width and height change places.</summary>
    /// <param name="orientation">EXIF orientation.</param>
    public static bool SwapsSides(int orientation) => orientation >= 5;

    // The value stands in the last four bytes of its entry, as a number of 16 bits or, against the rules, of 32: one byte of it is not 0.
    private static int FindDigit(ReadOnlySpan<byte> exif)
    {
        bool isLittleEndian = exif.StartsWith("II*\0"u8);
        if (exif.Length < 8 || (!isLittleEndian && !exif.StartsWith("MM\0*"u8)))
        {
            return -1;
        }

        int Short(ReadOnlySpan<byte> at) => isLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);
        uint directory = isLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]) : BinaryPrimitives.ReadUInt32BigEndian(exif[4..]);
        int entries = directory <= exif.Length - 2 ? Short(exif[(int)directory..]) : 0;
        for (long at = directory + 2L; entries > 0 && at + 12 <= exif.Length; at += 12, entries--)
        {
            ReadOnlySpan<byte> entry = exif.Slice((int)at, 12);
            if (Short(entry) == Tag)
            {
                return (int)at + 8 + (isLittleEndian ? 0 : Short(entry[2..]) == 4 ? 3 : 1);
            }
        }

        return -1;
    }
}
