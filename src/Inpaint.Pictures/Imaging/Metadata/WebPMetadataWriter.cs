using System.Buffers.Binary;

namespace Inpaint.Imaging.Metadata;

/// <summary>Writes EXIF into a WebP unchanged: libvips rebuilds it, and prepends the head that it has in a JPEG.</summary>
internal static class WebPMetadataWriter
{
    // Name and length; the head of the file also has "WEBP".
    private const int ChunkHead = 8;
    private const int FileHead = 12;

    /// <summary>Finds the end of a file by the length in its head.</summary>
    /// <param name="written">What has been written so far.</param>
    /// <returns>The length; null as long as the file is incomplete.</returns>
    public static int? FindEnd(ReadOnlySpan<byte> written) =>
        written.Length >= FileHead && written.Length >= ChunkHead + BinaryPrimitives.ReadUInt32LittleEndian(written[4..]) ? written.Length : null;

    /// <summary>Writes a file with its EXIF block replaced.</summary>
    /// <param name="file">The file as libvips has written it.</param>
    /// <param name="exif">The replacement; null to keep the block of the file.</param>
    public static void Write(Stream target, ReadOnlySpan<byte> file, byte[]? exif)
    {
        using MemoryStream chunks = new();
        for (int at = FileHead; at + ChunkHead <= file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(file[(at + 4)..]);
            int end = Math.Min(file.Length, at + ChunkHead + length + (length & 1));
            if (exif is not null && file[at..].StartsWith("EXIF"u8))
            {
                chunks.Write([.. "EXIF"u8, .. LittleEndian(exif.Length), .. exif, .. exif.Length % 2 == 1 ? (byte[])[0] : []]);
            }
            else
            {
                chunks.Write(file[at..end]);
            }

            at = end;
        }

        target.Write([.. file[..4], .. LittleEndian((int)chunks.Length + FileHead - ChunkHead), .. file[ChunkHead..FileHead]]);
        chunks.WriteTo(target);
    }

    private static byte[] LittleEndian(int number)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return bytes;
    }
}
