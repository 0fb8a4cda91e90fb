using System.Buffers.Binary;

namespace Inpaint.Imaging.Metadata;

/// <summary>The marker codes of JPEG (ITU-T T.81, table B.1): the byte after 0xFF.</summary>
internal static class JpegMarker
{
    public const int Restart0 = 0xD0;
    public const int Restart7 = 0xD7;
    public const int StartOfImage = 0xD8;
    public const int EndOfImage = 0xD9;
    public const int StartOfScan = 0xDA;
    public const int App0 = 0xE0;
    public const int App1 = 0xE1;
    public const int App2 = 0xE2;
    public const int App13 = 0xED;
    public const int Comment = 0xFE;
    public const int Temporary = 0x01;

    /// <summary>The beginning of an APP1 segment with EXIF.</summary>
    public static ReadOnlySpan<byte> ExifHead => "Exif\0\0"u8;

    /// <summary>The beginning of an APP1 segment with XMP.</summary>
    public static ReadOnlySpan<byte> XmpHead => "http://ns.adobe.com/xap/1.0/\0"u8;

    /// <summary>The beginning of an APP13 segment with Photoshop's image resources.</summary>
    public static ReadOnlySpan<byte> ImageResourcesHead => "Photoshop 3.0\0"u8;

    /// <summary>Whether the marker has no length and no content.</summary>
    public static bool IsStandalone(int marker) => marker is Temporary or (>= Restart0 and <= EndOfImage);

    /// <summary>Reads up to the next marker, skipping fill bytes.</summary>
    /// <returns>The marker's code.</returns>
    public static int ReadNext(ByteSource source)
    {
        // Some encoders leave stray bytes between segments; every decoder skips them.
        int value = source.ReadByte();
        while (true)
        {
            while (value != 0xFF)
            {
                value = source.ReadByte();
            }

            while (value == 0xFF)
            {
                value = source.ReadByte();
            }

            if (value != 0)
            {
                return value;
            }
        }
    }

    /// <summary>Reads a segment's length.</summary>
    /// <returns>The length of the content that follows.</returns>
    public static int ReadLength(ByteSource source)
    {
        int length = source.ReadUInt16();
        return length >= 2 ? length - 2 : throw source.Broken($"a segment claims a length of {length}", source.Offset - 2);
    }

    /// <summary>
    /// Removes stray bytes between segments. Decoders skip them with a warning, like that of damage in the picture itself, at which decoding stops here.
    /// </summary>
    /// <returns>A copy; the file itself when there are none before its first scan.</returns>
    public static byte[] WithoutStrayBytes(byte[] file)
    {
        List<Range> strays = [];
        for (int at = 2; at < file.Length;)
        {
            int marker = at;
            while (marker + 1 < file.Length && (file[marker] != 0xFF || file[marker + 1] is 0 or 0xFF))
            {
                marker++;
            }

            if (marker > at)
            {
                strays.Add(at..marker);
            }

            if (marker + 4 > file.Length || file[marker + 1] is StartOfScan or EndOfImage)
            {
                break;
            }

            at = marker + 2 + (IsStandalone(file[marker + 1]) ? 0 : BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(marker + 2)));
        }

        if (strays.Count == 0)
        {
            return file;
        }

        using MemoryStream clean = new(file.Length);
        int kept = 0;
        foreach (Range stray in strays)
        {
            clean.Write(file, kept, stray.Start.Value - kept);
            kept = stray.End.Value;
        }

        clean.Write(file, kept, file.Length - kept);
        return clean.ToArray();
    }

    /// <summary>Writes a segment: marker, length, content in up to two parts.</summary>
    public static void WriteSegment(Stream stream, int marker, ReadOnlySpan<byte> content, ReadOnlySpan<byte> more = default)
    {
        Span<byte> head = [0xFF, (byte)marker, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], checked((ushort)(content.Length + more.Length + 2)));
        stream.Write(head);
        stream.Write(content);
        stream.Write(more);
    }
}

/// <summary>Finds JPEG files inside other data: cameras and programs store previews in undocumented places.</summary>
internal static class JpegStreams
{
    // A JPEG file begins with a table or an application segment.
    private const int QuantizationTable = 0xDB;
    private const int LastApplication = 0xEF;

    /// <summary>Whether a JPEG begins somewhere in the bytes.</summary>
    public static bool AreIn(ReadOnlySpan<byte> bytes) => NextStart(bytes, 0) >= 0;

    /// <summary>Finds all, each as far as it can be parsed.</summary>
    public static List<(int Start, int Length)> Find(ReadOnlySpan<byte> bytes)
    {
        List<(int, int)> found = [];
        for (int start = 0; (start = NextStart(bytes, start)) >= 0;)
        {
            int end = EndOf(bytes, start);
            found.Add((start, end - start));
            start = end;
        }

        return found;
    }

    private static int NextStart(ReadOnlySpan<byte> bytes, int from)
    {
        for (int at = from; at + 4 <= bytes.Length; at++)
        {
            int next = bytes[(at + 1)..].IndexOf([(byte)JpegMarker.StartOfImage, (byte)0xFF]);
            if (next < 0 || (at += next) + 4 > bytes.Length)
            {
                return -1;
            }

            // Some cameras (Minolta) write another first byte.
            int marker = bytes[at + 3];
            bool isFirst = marker is QuantizationTable or (>= JpegMarker.App0 and <= LastApplication) or JpegMarker.Comment or 0xC0 or 0xC4 or 0xDD;
            if (bytes[at] == 0xFF ? isFirst : marker == QuantizationTable && at + 4 < bytes.Length && bytes[at + 4] == 0)
            {
                return at;
            }
        }

        return -1;
    }

    private static int EndOf(ReadOnlySpan<byte> bytes, int start)
    {
        int at = start + 2;
        while (at + 2 <= bytes.Length && bytes[at] == 0xFF)
        {
            int marker = bytes[at + 1];
            if (marker == JpegMarker.EndOfImage)
            {
                return at + 2;
            }

            if (marker == 0xFF || JpegMarker.IsStandalone(marker))
            {
                at += marker == 0xFF ? 1 : 2;
                continue;
            }

            if (marker < 0xC0 || at + 4 > bytes.Length)
            {
                return at;
            }

            at = Math.Min(bytes.Length, at + 2 + BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]));
            if (marker == JpegMarker.StartOfScan)
            {
                // Samples continue until the next marker; 0 or a restart after 0xFF is not one.
                while (at < bytes.Length && (bytes[at] != 0xFF || (at + 1 < bytes.Length && bytes[at + 1] is 0 or (>= JpegMarker.Restart0 and <= JpegMarker.Restart7))))
                {
                    at++;
                }
            }
        }

        return Math.Min(at, bytes.Length);
    }
}
