using System.Buffers.Binary;

namespace Inpaint.Imaging;

/// <summary>How the stored rows of a picture lie in the picture as it is to be seen (EXIF 2.32, tag 0x0112), values 1 to 8.</summary>
internal static class ExifOrientation
{
    /// <summary>Stored as seen.</summary>
    public const int Normal = 1;

    private const ushort Tag = 0x0112;

    /// <summary>The orientation that an EXIF block gives; <see cref="Normal"/> when it gives none that exists.</summary>
    /// <param name="exif">A TIFF structure.</param>
    public static int Read(ReadOnlySpan<byte> exif)
    {
        int at = FindValue(exif, out bool isLittleEndian);
        if (at < 0)
        {
            return Normal;
        }

        int value = ReadUInt16(exif[at..], isLittleEndian);
        return value is >= 1 and <= 8 ? value : Normal;
    }

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
    public static byte[] WithNormal(byte[] exif)
    {
        int at = FindValue(exif, out bool isLittleEndian);
        if (at < 0)
        {
            return exif;
        }

        byte[] copy = [.. exif];
        copy[at] = isLittleEndian ? (byte)Normal : (byte)0;
        copy[at + 1] = isLittleEndian ? (byte)0 : (byte)Normal;
        return copy;
    }

    /// <summary>Whether width and height change places.</summary>
    public static bool SwapsSides(int orientation) => orientation >= 5;

    /// <summary>Turns and mirrors a picture so that its rows lie as it is to be seen.</summary>
    public static Raster Apply(Raster raster, int orientation)
    {
        if (orientation == Normal)
        {
            return raster;
        }

        bool swaps = SwapsSides(orientation);
        (int width, int height) = swaps ? (raster.Height, raster.Width) : (raster.Width, raster.Height);
        var turned = new Raster(width, height, raster.Channels, raster.BitDepth) { Metadata = raster.Metadata };
        int pixel = raster.BytesPerPixel;
        byte[] from = raster.Data;
        bool fromRight = orientation is 2 or 3 or 7 or 8;
        bool fromBottom = orientation is 3 or 4 or 6 or 7;
        for (int y = 0; y < height; y++)
        {
            Span<byte> target = turned.Row(y);
            for (int x = 0; x < width; x++)
            {
                (int column, int row) = swaps ? (y, x) : (x, y);
                column = fromRight ? raster.Width - 1 - column : column;
                row = fromBottom ? raster.Height - 1 - row : row;
                int source = (row * raster.Stride) + (column * pixel);
                int at = x * pixel;
                for (int i = 0; i < pixel; i++)
                {
                    target[at + i] = from[source + i];
                }
            }
        }

        return turned;
    }

    private static int FindValue(ReadOnlySpan<byte> exif, out bool isLittleEndian)
    {
        isLittleEndian = exif.StartsWith("II*\0"u8);
        if (exif.Length < 8 || (!isLittleEndian && !exif.StartsWith("MM\0*"u8)))
        {
            return -1;
        }

        uint directory = isLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]) : BinaryPrimitives.ReadUInt32BigEndian(exif[4..]);
        if (directory > exif.Length - 2)
        {
            return -1;
        }

        int entries = ReadUInt16(exif[(int)directory..], isLittleEndian);
        for (int i = 0; i < entries; i++)
        {
            long at = directory + 2 + (12L * i);
            if (at + 12 > exif.Length)
            {
                return -1;
            }

            // Type 3 is a 16-bit number, held in the first two of the entry's four value bytes.
            ReadOnlySpan<byte> entry = exif.Slice((int)at, 12);
            if (ReadUInt16(entry, isLittleEndian) == Tag && ReadUInt16(entry[2..], isLittleEndian) == 3)
            {
                return (int)at + 8;
            }
        }

        return -1;
    }

    private static ushort ReadUInt16(ReadOnlySpan<byte> bytes, bool isLittleEndian) =>
        isLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
