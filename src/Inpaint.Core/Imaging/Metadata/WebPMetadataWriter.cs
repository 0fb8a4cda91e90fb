using System.Buffers.Binary;

namespace Inpaint.Imaging.Metadata;

/// <summary>Puts EXIF into a WebP as it was: the library rebuilds it, and begins it as in a JPEG, where it has a name before it.</summary>
internal static class WebPMetadataWriter
{
    // A name and a length; the file's head says "WEBP" as well.
    private const int ChunkHead = 8;
    private const int FileHead = 12;

    /// <summary>Where a file ends, by what its head says.</summary>
    /// <param name="written">What there is of it.</param>
    /// <returns>Its length; null as long as it is not whole.</returns>
    public static int? FindEnd(ReadOnlySpan<byte> written) =>
        written.Length >= FileHead && written.Length >= ChunkHead + BinaryPrimitives.ReadUInt32LittleEndian(written[4..]) ? written.Length : null;

    /// <summary>Writes a file with another EXIF block.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="file">The file as the library has written it.</param>
    /// <param name="exif">The block in place of the one that the file has; null for none.</param>
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
