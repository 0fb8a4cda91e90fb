using System.Globalization;
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
