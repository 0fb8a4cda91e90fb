using System.Text;
using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Results;

/// <summary>Embeds in a JPEG how it was made: as XMP, and as a comment in JSON. Everything from the tables to the end of the file is copied byte for byte.</summary>
internal static class JpegMetadataEmbedder
{
    // A segment's length has 16 bits and counts itself.
    private const int MaxSegmentLength = 65_533;

    /// <summary>In characters, each of which may take six bytes when it is escaped.</summary>
    private const int MaxPromptInComment = 8_000;

    /// <summary>Copies a file and embeds the metadata.</summary>
    /// <returns>Whether there was room for all of it; a prompt that is too long is truncated.</returns>
    /// <exception cref="InpaintException">ImageUnsupported: the segments cannot be parsed.</exception>
    public static bool Embed(FileStream source, Stream target, InpaintImage image)
    {
        Head head = ReadHead(source, image.Url);
        byte[]? xmp = XmpPacket.Make(head.Xmp, image, MaxSegmentLength - JpegMarker.XmpHead.Length, out bool isWhole);
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

    /// <summary>Reads the existing metadata, up to the first scan. JFIF and EXIF readers expect their segments first, so that new ones are inserted after them.</summary>
    private static Head ReadHead(FileStream source, string name)
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
                head.Add(marker, bytes.ReadBlock(length), (start, bytes.Offset));
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
        if (json.Length <= MaxSegmentLength)
        {
            return json;
        }

        isWhole = false;

        // Truncated JSON is invalid; the long part is the prompt.
        string prompt = image.Origin.Prompt ?? "";
        return MetadataWriter.ToJson(image with { Origin = image.Origin with { Prompt = prompt[..Math.Min(prompt.Length, MaxPromptInComment)] + "…" } }, isIndented: false);
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

    /// <summary>The metadata before the first scan.</summary>
    private sealed class Head
    {
        /// <summary>Where new segments are inserted.</summary>
        public long Insertion { get; set; } = 2;

        public byte[]? Xmp { get; private set; }

        public List<(long Start, long End)> XmpSegments { get; } = [];

        public List<(long Start, long End)> OwnComments { get; } = [];

        public void Add(int marker, byte[] content, (long Start, long End) segment)
        {
            if (marker == JpegMarker.Comment && Encoding.UTF8.GetString(content).StartsWith(EmbeddedMetadata.CommentStart, StringComparison.Ordinal))
            {
                OwnComments.Add(segment);
            }
            else if (marker == JpegMarker.App1 && content.AsSpan().StartsWith(JpegMarker.XmpHead))
            {
                // There should be only one; readers use the first.
                Xmp ??= content[JpegMarker.XmpHead.Length..];
                XmpSegments.Add(segment);
            }
        }
    }
}
