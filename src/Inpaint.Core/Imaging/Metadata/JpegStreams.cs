using System.Buffers.Binary;

namespace Inpaint.Imaging.Metadata;

/// <summary>Finds JPEG files in bytes of another kind, as cameras and programs keep previews in places that only they know.</summary>
internal static class JpegStreams
{
    // Before the scans; a file has a table or an application segment first.
    private const int QuantizationTable = 0xDB;
    private const int LastApplication = 0xEF;

    /// <summary>Whether a JPEG begins somewhere in the bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    public static bool AreIn(ReadOnlySpan<byte> bytes) => NextStart(bytes, 0) >= 0;

    /// <summary>Finds all, each as far as it can be followed.</summary>
    /// <param name="bytes">The bytes.</param>
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

            // Some cameras (Minolta's) write another first byte.
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
                // Samples go on to the next marker; a null or a restart after 0xFF is none.
                while (at < bytes.Length && (bytes[at] != 0xFF || (at + 1 < bytes.Length && bytes[at + 1] is 0 or (>= JpegMarker.Restart0 and <= JpegMarker.Restart7))))
                {
                    at++;
                }
            }
        }

        return Math.Min(at, bytes.Length);
    }
}
