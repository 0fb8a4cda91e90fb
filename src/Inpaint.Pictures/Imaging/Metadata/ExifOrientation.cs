namespace Inpaint.Imaging.Metadata;

/// <summary>How the stored rows of a picture are to be rotated and mirrored for display (EXIF 2.32, tag 0x0112), values 1 to 8.</summary>
internal static class ExifOrientation
{
    /// <summary>Displayed as stored.</summary>
    public const int Normal = 1;

    private const ushort Tag = 0x0112;

    /// <summary>Resets the orientation in an XMP packet, where editors write it as well, as <c>tiff:Orientation</c>.</summary>
    /// <param name="xmp">The packet, UTF-8; null for none.</param>
    /// <returns>A copy; the packet itself when it states no orientation.</returns>
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

    /// <summary>Reads the orientation of an EXIF block; <see cref="Normal"/> when it states none, or an invalid one.</summary>
    /// <param name="exif">A TIFF structure; null for none.</param>
    public static int Read(ReadOnlySpan<byte> exif)
    {
        int at = FindDigit(exif);
        return at >= 0 && exif[at] is >= 1 and <= 8 ? exif[at] : Normal;
    }

    /// <summary>Resets the orientation in a copy of an EXIF block.</summary>
    public static byte[] WithNormal(byte[] exif)
    {
        byte[] copy = [.. exif];
        if (FindDigit(exif) is >= 0 and int at)
        {
            copy[at] = Normal;
        }

        return copy;
    }

    /// <summary>Whether width and height are swapped.</summary>
    public static bool SwapsSides(int orientation) => orientation >= 5;

    /// <summary>The byte that holds the value: a number of 16 bits or, against the rules, of 8 or 32.</summary>
    private static int FindDigit(ReadOnlySpan<byte> exif)
    {
        if (!TiffDirectory.IsTiff(exif))
        {
            return -1;
        }

        TiffEntry entry = TiffDirectory.Read(exif, TiffDirectory.First(exif)).FirstOrDefault(entry => entry.Tag == Tag && entry.IsInline);
        return entry.Raw is null ? -1 : entry.Start + (TiffDirectory.IsLittleEndian(exif) ? 0 : TiffDirectory.SizeOf(entry.Type) - 1);
    }
}
