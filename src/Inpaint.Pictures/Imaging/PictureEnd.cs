using System.Buffers;
using System.Buffers.Binary;

namespace Inpaint.Imaging;

/// <summary>
/// Distinguishes a complete picture file from a truncated one by the end that its format requires. A truncated response may have no length that would reveal it, and decoders
/// accept some truncated files, or read only the first frame. Pixels are not decoded, so damage in the middle is not detected.
/// </summary>
internal static class PictureEnd
{
    /// <summary>Looks for the end.</summary>
    /// <param name="file">The file, seekable.</param>
    /// <param name="format">The format that its first bytes indicate.</param>
    /// <returns>False when it is certainly truncated.</returns>
    public static bool IsThere(Stream file, PictureFormat format)
    {
        try
        {
            return format switch
            {
                PictureFormat.Png => HoldsLastChunk(file),
                PictureFormat.Jpeg => HoldsEndOfImage(file),
                PictureFormat.WebP => file.Length >= 8L + RiffLength(file),
                PictureFormat.Gif => HasGifTrailer(new BufferedStream(file)),
                PictureFormat.Avif => HoldsAllBoxes(file),
                _ => true,
            };
        }
        catch (EndOfStreamException)
        {
            return false;
        }
    }

    /// <summary>Follows the chunks of a PNG to the one that ends it; anything may follow.</summary>
    private static bool HoldsLastChunk(Stream file)
    {
        const int Signature = 8;
        const int AroundContent = 12;
        Span<byte> head = stackalloc byte[8];
        for (long at = Signature; at + AroundContent <= file.Length; at += AroundContent + BinaryPrimitives.ReadUInt32BigEndian(head))
        {
            file.Position = at;
            file.ReadExactly(head);
            if (head[4..].SequenceEqual("IEND"u8))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Follows the segments of a JPEG to its first scan, because a thumbnail in one of them has its own end marker, and looks for the end after it; anything may follow.</summary>
    private static bool HoldsEndOfImage(Stream file)
    {
        const int StartOfScan = 0xDA;
        Span<byte> head = stackalloc byte[4];
        for (file.Position = 2; ;)
        {
            file.ReadExactly(head);
            if (head[0] != 0xFF)
            {
                // Not a segment; the decoder reports what is wrong.
                return true;
            }

            file.Position += head[1] == 0xFF ? -3 : BinaryPrimitives.ReadUInt16BigEndian(head[2..]) - 2;
            if (head[1] == StartOfScan)
            {
                break;
            }
        }

        using IMemoryOwner<byte> buffer = MemoryPool<byte>.Shared.Rent(1 << 14);
        Span<byte> piece = buffer.Memory.Span;
        bool isMarker = false;
        for (int count; (count = file.Read(piece)) > 0; isMarker = piece[count - 1] == 0xFF)
        {
            if ((isMarker && piece[0] == 0xD9) || piece[..count].IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>RIFF says at byte 4 how many bytes follow byte 8.</summary>
    private static uint RiffLength(Stream file)
    {
        Span<byte> length = stackalloc byte[4];
        file.Position = 4;
        file.ReadExactly(length);
        return BinaryPrimitives.ReadUInt32LittleEndian(length);
    }

    /// <summary>Follows the blocks of a GIF (GIF89a, section 12) to the one that ends it.</summary>
    private static bool HasGifTrailer(Stream file)
    {
        const int Trailer = 0x3B;
        const int Extension = 0x21;
        const int Frame = 0x2C;
        file.Position = 0;
        Span<byte> head = stackalloc byte[13];
        file.ReadExactly(head);
        SkipColors(file, head[10]);
        while (true)
        {
            switch (file.ReadByte())
            {
                case Trailer:
                    return true;
                case Extension:
                    file.Position += 1;
                    break;
                case Frame:
                    Span<byte> frame = head[..9];
                    file.ReadExactly(frame);
                    SkipColors(file, frame[8]);
                    file.Position += 1;
                    break;
                case -1:
                    return false;
                default:
                    // Not a block; decoders skip it or report what is wrong.
                    continue;
            }

            for (int length; (length = file.ReadByte()) > 0;)
            {
                file.Position += length;
            }
        }
    }

    private static void SkipColors(Stream file, int flags) => file.Position += (flags & 0x80) != 0 ? 3 << ((flags & 7) + 1) : 0;

    /// <summary>Follows the outer boxes of an ISO media file (ISO/IEC 14496-12, section 4.2): a length, which counts itself, and a type.</summary>
    private static bool HoldsAllBoxes(Stream file)
    {
        Span<byte> head = stackalloc byte[16];
        for (long at = 0; at < file.Length;)
        {
            file.Position = at;
            file.ReadExactly(head[..8]);
            long length = BinaryPrimitives.ReadUInt32BigEndian(head);
            if (length == 1)
            {
                file.ReadExactly(head[8..]);
                length = BinaryPrimitives.ReadInt64BigEndian(head[8..]);
            }

            // 0 means up to the end of the file; any other impossible length is for the decoder to report.
            if (length < 8)
            {
                return true;
            }

            if (length > file.Length - at)
            {
                return false;
            }

            at += length;
        }

        return true;
    }
}
