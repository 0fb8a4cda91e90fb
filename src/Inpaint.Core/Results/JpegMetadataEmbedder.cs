using System.Text;
using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Results;

/// <summary>Writes down how a JPEG was made: as XMP, and as a comment in JSON. Everything from the tables to the end of the file is copied, byte for byte.</summary>
internal static class JpegMetadataEmbedder
{
    // A segment's length has 16 bits and counts itself.
    private const int LargestSegment = 65_533;

    /// <summary>In characters: one may take six bytes when it is escaped.</summary>
    private const int LongestPromptInComment = 8_000;

    /// <summary>Copies a file with what is to be said.</summary>
    /// <param name="source">The file.</param>
    /// <param name="target">Receives it.</param>
    /// <param name="image">The picture.</param>
    /// <returns>Whether there was room for all of it; of a prompt that is too long for JPEG the beginning is written.</returns>
    /// <exception cref="InpaintException">ImageUnsupported: its segments cannot be followed.</exception>
    public static bool Embed(FileStream source, Stream target, InpaintImage image)
    {
        Head head = Look(source, image.Url);
        byte[]? xmp = XmpPacket.Make(head.Xmp, image, LargestSegment - JpegMarker.XmpHead.Length, out bool isWhole);
        (long Start, long End)[] dropped = [.. xmp is null ? [] : head.XmpSegments, .. head.OwnComments];

        Copy(source, target, 0, head.Insertion, dropped);
        if (xmp is not null)
        {
            JpegMarker.WriteSegment(target, JpegMarker.App1, JpegMarker.XmpHead, xmp);
        }

        JpegMarker.WriteSegment(target, JpegMarker.Comment, [], Comment(image, ref isWhole));
        Copy(source, target, head.Insertion, source.Length, dropped);
        return isWhole;
    }

    /// <summary>Finds what is there already, up to the first scan. JFIF and EXIF readers expect their segments to come first, so that what is new goes behind them.</summary>
    private static Head Look(FileStream source, string name)
    {
        ByteSource bytes = new(source, name);
        Head head = new();
        bytes.Skip(2);
        bool isLeading = true;
        while (true)
        {
            int marker = JpegMarker.ReadNext(bytes);
            long start = bytes.Offset - 2;
            if (marker is JpegMarker.StartOfScan or JpegMarker.EndOfImage)
            {
                return head;
            }

            if (JpegMarker.IsStandalone(marker))
            {
                continue;
            }

            int length = JpegMarker.ReadLength(bytes);
            isLeading &= marker is JpegMarker.App0 or JpegMarker.App1;
            if (marker is JpegMarker.App1 or JpegMarker.Comment)
            {
                head.Note(marker, bytes.ReadBlock(length), (start, bytes.Offset));
            }
            else
            {
                bytes.Skip(length);
            }

            head.Insertion = isLeading ? bytes.Offset : head.Insertion;
        }
    }

    private static byte[] Comment(InpaintImage image, ref bool isWhole)
    {
        byte[] json = MetadataWriter.ToJson(image, isIndented: false);
        if (json.Length <= LargestSegment)
        {
            return json;
        }

        isWhole = false;

        // Half a JSON text is none; the prompt is what is long.
        string prompt = image.Origin.Prompt ?? "";
        return MetadataWriter.ToJson(image with { Origin = image.Origin with { Prompt = prompt[..Math.Min(prompt.Length, LongestPromptInComment)] + "…" } }, isIndented: false);
    }

    private static void Copy(FileStream source, Stream target, long start, long end, (long Start, long End)[] dropped)
    {
        byte[] buffer = new byte[64 << 10];
        source.Position = start;
        while (source.Position < end)
        {
            long position = source.Position;
            int inside = Array.FindIndex(dropped, d => d.Start <= position && position < d.End);
            if (inside >= 0)
            {
                source.Position = dropped[inside].End;
                continue;
            }

            long stop = dropped.Select(d => d.Start).Where(s => s > position).Append(end).Min();
            int count = source.Read(buffer, 0, (int)Math.Min(buffer.Length, Math.Min(stop, end) - position));
            if (count == 0)
            {
                return;
            }

            target.Write(buffer, 0, count);
        }
    }

    /// <summary>What stands before the first scan.</summary>
    private sealed class Head
    {
        /// <summary>Where what is new goes.</summary>
        public long Insertion { get; set; } = 2;

        public byte[]? Xmp { get; private set; }

        public List<(long Start, long End)> XmpSegments { get; } = [];

        public List<(long Start, long End)> OwnComments { get; } = [];

        public void Note(int marker, byte[] content, (long Start, long End) segment)
        {
            if (marker == JpegMarker.Comment && Encoding.UTF8.GetString(content).StartsWith(OwnNotes.CommentStart, StringComparison.Ordinal))
            {
                OwnComments.Add(segment);
            }
            else if (marker == JpegMarker.App1 && content.AsSpan().StartsWith(JpegMarker.XmpHead))
            {
                // There must be one only; readers take the first.
                Xmp ??= content[JpegMarker.XmpHead.Length..];
                XmpSegments.Add(segment);
            }
        }
    }
}
