using System.Buffers.Binary;
using System.Text;

namespace Inpaint.Imaging.Metadata;

/// <summary>Writes chunks: length, type, content, checksum.</summary>
internal static class PngChunkWriter
{
    /// <summary>Writes one chunk whose content comes in up to three parts.</summary>
    public static void Write(Stream stream, string type, ReadOnlySpan<byte> content, ReadOnlySpan<byte> more = default, ReadOnlySpan<byte> last = default)
    {
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(head, checked(content.Length + more.Length + last.Length));
        Encoding.ASCII.GetBytes(type, head[4..]);
        stream.Write(head);
        stream.Write(content);
        stream.Write(more);
        stream.Write(last);

        uint crc = Crc32.Append(Crc32.Seed, head[4..]);
        crc = Crc32.Append(Crc32.Append(Crc32.Append(crc, content), more), last);
        BinaryPrimitives.WriteUInt32BigEndian(head, Crc32.Finish(crc));
        stream.Write(head[..4]);
    }
}
