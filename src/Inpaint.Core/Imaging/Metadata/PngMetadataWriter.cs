using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Inpaint.Imaging.Metadata;

/// <summary>Writes metadata as chunks, in the order in which PNG wants them: colour first, all of it before the samples.</summary>
internal static class PngMetadataWriter
{
    /// <summary>Writes all of a picture's metadata.</summary>
    public static void Write(Stream stream, PictureMetadata metadata)
    {
        if (metadata.IccProfile is { } profile)
        {
            // "ICC profile" is the name that tools show when the profile brings none.
            byte[] head = [.. "ICC profile\0"u8, 0];
            PngChunkWriter.Write(stream, "iCCP", head, Deflate(profile));
        }

        foreach (PngColorChunk chunk in metadata.ColorChunks)
        {
            // A file must not have both an sRGB chunk and a profile.
            if (chunk.Type != "sRGB" || metadata.IccProfile is null)
            {
                PngChunkWriter.Write(stream, chunk.Type, chunk.Data);
            }
        }

        if (metadata.PixelsPerMetre is { } density)
        {
            byte[] content = new byte[9];
            BinaryPrimitives.WriteInt32BigEndian(content, density.X);
            BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(4), density.Y);
            content[8] = 1;
            PngChunkWriter.Write(stream, "pHYs", content);
        }

        if (metadata.Exif is { } exif)
        {
            PngChunkWriter.Write(stream, "eXIf", exif);
        }

        if (metadata.Xmp is { } xmp)
        {
            WriteXmp(stream, xmp);
        }

        if (metadata.ImageResources is { } resources)
        {
            WriteImageResources(stream, resources);
        }

        foreach (PictureText text in metadata.Texts)
        {
            WriteText(stream, text);
        }
    }

    // PNG has no chunk for them.
    private static void WriteImageResources(Stream stream, byte[] resources)
    {
        byte[] text = Encoding.Latin1.GetBytes(PngRawProfile.Write(PngRawProfile.ImageResources, resources));
        PngChunkWriter.Write(stream, "zTXt", [.. Encoding.Latin1.GetBytes(PngRawProfile.KeywordOf(PngRawProfile.ImageResources)), 0, 0], Deflate(text));
    }

    /// <summary>Writes one text: as tEXt, which every tool reads, if Latin-1 can say it, else as iTXt.</summary>
    public static void WriteText(Stream stream, PictureText text)
    {
        if (text.Keyword.Length is < 1 or > 79 || !text.Keyword.All(IsLatin))
        {
            throw new ArgumentException($"'{text.Keyword}' cannot be the keyword of a PNG text: 1 to 79 Latin-1 characters.", nameof(text));
        }

        byte[] keyword = Encoding.Latin1.GetBytes(text.Keyword);
        if (text.Text.All(c => c == '\n' || IsLatin(c)))
        {
            PngChunkWriter.Write(stream, "tEXt", keyword, [0], Encoding.Latin1.GetBytes(text.Text));
        }
        else
        {
            PngChunkWriter.Write(stream, "iTXt", keyword, [0, 0, 0, 0, 0], Encoding.UTF8.GetBytes(text.Text));
        }
    }

    /// <summary>Writes an XMP packet.</summary>
    public static void WriteXmp(Stream stream, byte[] packet) => PngChunkWriter.Write(stream, "iTXt", [.. "XML:com.adobe.xmp"u8, 0, 0, 0, 0, 0], packet);

    private static bool IsLatin(char c) => c is (>= ' ' and <= '~') or (>= '\u00A1' and <= '\u00FF');

    private static byte[] Deflate(byte[] content)
    {
        var target = new MemoryStream();
        using (var zlib = new ZLibStream(target, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(content);
        }

        return target.ToArray();
    }
}
