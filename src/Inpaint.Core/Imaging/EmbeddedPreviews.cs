using System.Buffers.Binary;

namespace Inpaint.Imaging;

/// <summary>
/// The small pictures that cameras and editors put into a photograph's metadata. In a picture that has been changed they would still show what has gone, to file managers and to
/// whoever looks for it.
/// </summary>
internal static class EmbeddedPreviews
{
    // Photoshop's image resources (Adobe Photoshop File Formats Specification, "Image Resource IDs"): the thumbnail, and its form in Photoshop 4.
    private static readonly ushort[] ThumbnailResources = [1036, 1033];

    private static ReadOnlySpan<byte> ResourceSignature => "8BIM"u8;

    /// <summary>An EXIF block without its thumbnail and without the previews in maker notes and other directories.</summary>
    /// <param name="exif">A TIFF structure; null for none.</param>
    /// <returns>A copy of the same length, in which they are zeros; the block itself when it has none.</returns>
    public static byte[]? WithoutExifPreviews(byte[]? exif)
    {
        exif = ExifThumbnail.Without(exif);
        byte[]? copy = null;
        for (int at = 0; FindJpeg(exif, at) is int start; at = EndOfJpeg(exif!, start))
        {
            copy ??= [.. exif!];
            copy.AsSpan(start..EndOfJpeg(exif!, start)).Clear();
        }

        return copy ?? exif;
    }

    /// <summary>Photoshop's image resources without their thumbnails.</summary>
    /// <param name="resources">Blocks one after another; null for none.</param>
    /// <returns>The other blocks; null when there are none. What cannot be followed is left out, because it may hold one.</returns>
    public static byte[]? WithoutThumbnailResources(byte[]? resources)
    {
        if (resources is null)
        {
            return null;
        }

        using MemoryStream kept = new();
        for (int at = 0; ReadResource(resources, at) is (ushort id, int end); at = end)
        {
            if (!ThumbnailResources.Contains(id))
            {
                kept.Write(resources, at, end - at);
            }
        }

        return kept.Length == 0 ? null : kept.ToArray();
    }

    /// <summary>Whether a JPEG file begins anywhere in some bytes.</summary>
    /// <param name="content">The bytes.</param>
    public static bool HoldsJpeg(byte[] content) => FindJpeg(content, 0) is not null;

    // Signature, id (2), a name with its length before it, padded to an even length, the data's length (4), the data, padded likewise.
    private static (ushort Id, int End)? ReadResource(byte[] resources, int at)
    {
        const int NameAt = 6;
        ReadOnlySpan<byte> rest = resources.AsSpan(at);
        if (rest.Length <= NameAt || !rest.StartsWith(ResourceSignature))
        {
            return null;
        }

        int lengthAt = NameAt + Even(1 + rest[NameAt]);
        if (lengthAt + 4 > rest.Length)
        {
            return null;
        }

        long end = lengthAt + 4 + (long)BinaryPrimitives.ReadUInt32BigEndian(rest[lengthAt..]);
        return end > rest.Length ? null : (BinaryPrimitives.ReadUInt16BigEndian(rest[4..]), at + Math.Min(rest.Length, Even((int)end)));
    }

    private static int Even(int length) => length + (length & 1);

    // Some cameras write another first byte, as Minolta's do, so that the second one and the marker after it must do.
    private static int? FindJpeg(byte[]? content, int from)
    {
        for (int at = from; at + 4 <= (content?.Length ?? 0); at++)
        {
            if (content![at + 1] == 0xD8 && content[at + 2] == 0xFF && content[at + 3] is 0xDB or 0xC0 or 0xC4 or 0xFE or (>= 0xE0 and <= 0xEF))
            {
                return at;
            }
        }

        return null;
    }

    /// <summary>Follows the segments, so that a picture inside one of them does not end it; everything that follows where they cannot be followed.</summary>
    private static int EndOfJpeg(byte[] content, int start)
    {
        int at = start + 2;
        while (at + 4 <= content.Length && content[at] == 0xFF && content[at + 1] is not 0xDA and not 0xD9)
        {
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(content.AsSpan(at + 2));
        }

        int end = at < content.Length ? content.AsSpan(at).IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]) : -1;
        return end < 0 ? content.Length : at + end + 2;
    }
}
