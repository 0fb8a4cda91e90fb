using System.Globalization;
using System.Text;
using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Results;

/// <summary>Embeds in a PNG how it was made: as texts (<see cref="EmbeddedMetadata"/>), and as XMP. All other chunks are copied byte for byte.</summary>
internal static class PngMetadataEmbedder
{
    // Longer texts are skipped, so that they cost no memory.
    private const int MaxTextLength = 1 << 20;

    /// <summary>Copies a file and embeds the metadata.</summary>
    /// <exception cref="InpaintException">ImageUnsupported: the chunks cannot be parsed.</exception>
    public static void Embed(FileStream source, Stream target, InpaintImage image)
    {
        List<Chunk> chunks = ReadChunks(source, image.Url);
        PictureText[] texts = [.. chunks.Select(c => c.Text).OfType<PictureText>()];
        IReadOnlySet<string> replaced = EmbeddedMetadata.FindKeywords(texts);
        HashSet<string> taken = [.. texts.Select(text => text.Keyword).Where(keyword => !replaced.Contains(keyword))];
        (string Keyword, string Value)[] facts = [.. Facts(image).Select(fact => (taken.Contains(fact.Keyword) ? EmbeddedMetadata.Prefixed(fact.Keyword) : fact.Keyword, fact.Value))];
        int samples = chunks.FindIndex(c => c.Type == "IDAT");
        byte[]? xmp = XmpPacket.Make(chunks.Find(c => c.Xmp is not null)?.Xmp, image, MaxTextLength, out _);

        CopyRange(source, target, 0, PngChunkReader.Signature.Length);
        for (int i = 0; i < chunks.Count; i++)
        {
            if (i == samples)
            {
                WriteFacts(target, facts, xmp);
            }

            bool isXmpReplaced = chunks[i].Xmp is not null && xmp is not null;
            if (!isXmpReplaced && (chunks[i].Text is not { } text || !replaced.Contains(text.Keyword)))
            {
                CopyRange(source, target, chunks[i].Start, chunks[i].End);
            }
        }

        CopyRange(source, target, chunks[^1].End, source.Length);
    }

    private static void WriteFacts(Stream target, (string Keyword, string Value)[] facts, byte[]? xmp)
    {
        foreach ((string keyword, string value) in facts)
        {
            PngMetadataWriter.WriteText(target, new PictureText(keyword, value));
        }

        if (xmp is not null)
        {
            PngMetadataWriter.WriteXmp(target, xmp);
        }
    }

    private static List<Chunk> ReadChunks(FileStream source, string name)
    {
        ByteSource bytes = new(source, name);
        bytes.Skip(PngChunkReader.Signature.Length);
        PngChunkReader reader = new(bytes);
        List<Chunk> chunks = [];
        do
        {
            long start = bytes.Offset;
            reader.Next();
            string type = reader.TypeName;
            PictureMetadata? content = null;
            if (type is "tEXt" or "zTXt" or "iTXt" && reader.Left <= MaxTextLength)
            {
                PngMetadataReader metadata = new();
                if (reader.ReadContent() is { } data)
                {
                    metadata.Add(type, data);
                }

                content = metadata.Build();
            }
            else
            {
                reader.Skip();
            }

            chunks.Add(new Chunk(type, start, bytes.Offset, content?.Texts is [{ } text, ..] ? text : null, content?.Xmp));
        }
        while (chunks[^1].Type != "IEND");
        return chunks;
    }

    private static void CopyRange(FileStream source, Stream target, long start, long end)
    {
        byte[] buffer = new byte[Math.Min(64 << 10, Math.Max(1, end - start))];
        source.Position = start;
        for (long left = end - start; left > 0;)
        {
            int count = source.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
            if (count == 0)
            {
                return;
            }

            target.Write(buffer, 0, count);
            left -= count;
        }
    }

    private static IEnumerable<(string Keyword, string Value)> Facts(InpaintImage image)
    {
        ImageOrigin origin = image.Origin;
        string?[] values =
        [
            EmbeddedMetadata.Name,
            origin.Prompt,

            // As in RFC 1123, the time format that all versions of the PNG specification recommend.
            origin.CreatedAt?.ToString("R", CultureInfo.InvariantCulture),
            origin.Provider,
            origin.Model,
            origin.Seed?.ToString(CultureInfo.InvariantCulture),
            origin.JobId,
            origin.SourceName,
        ];
        foreach ((string keyword, string? value) in EmbeddedMetadata.Keywords.Zip(values))
        {
            if (!string.IsNullOrEmpty(value))
            {
                yield return (keyword, value);
            }
        }
    }

    private sealed record Chunk(string Type, long Start, long End, PictureText? Text, byte[]? Xmp);
}

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
