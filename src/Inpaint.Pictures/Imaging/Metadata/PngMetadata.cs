using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Inpaint.Imaging.Metadata;

/// <summary>Reads the metadata chunks of a PNG. A damaged one is skipped, because it does not affect the pixels.</summary>
internal sealed class PngMetadataReader
{
    private const string XmpKeyword = "XML:com.adobe.xmp";

    private readonly List<PictureText> texts = [];
    private readonly List<PngColorChunk> colorChunks = [];
    private byte[]? iccProfile;
    private byte[]? exif;
    private byte[]? xmp;
    private byte[]? imageResources;
    private (int X, int Y)? pixelsPerMetre;
    private int room = PictureLimits.MaxMetadataBytes;

    /// <summary>Reads all chunks of a file, so that a truncated one is detected.</summary>
    /// <param name="source">The file, at its beginning.</param>
    /// <exception cref="InpaintException">ImageUnsupported: it is truncated, or its chunks cannot be parsed.</exception>
    public static PictureMetadata Read(ByteSource source)
    {
        source.Skip(PngChunkReader.Signature.Length);
        PngChunkReader chunks = new(source);
        PngMetadataReader metadata = new();
        do
        {
            chunks.Next();
            if (!Wants(chunks.TypeName) || chunks.Left > PictureLimits.MaxMetadataBytes)
            {
                chunks.Skip();
            }
            else if (chunks.ReadContent() is { } content)
            {
                metadata.Add(chunks.TypeName, content);
            }
        }
        while (chunks.TypeName != "IEND");
        return metadata.Build();
    }

    /// <summary>Reads the chunks of a file that may be truncated.</summary>
    /// <returns>The metadata; null when the chunks cannot be parsed to the end.</returns>
    public static PictureMetadata? ReadHead(Stream file)
    {
        try
        {
            return Read(new ByteSource(file, ""));
        }
        catch (InpaintException)
        {
            return null;
        }
    }

    /// <summary>Whether chunks of this type are kept.</summary>
    private static bool Wants(string type) => type is "iCCP" or "eXIf" or "tEXt" or "zTXt" or "iTXt" or "pHYs" || IsColorChunk(type);

    /// <summary>Adds the content of a chunk.</summary>
    public void Add(string type, byte[] content)
    {
        if (content.Length > room)
        {
            return;
        }

        room -= content.Length;
        switch (type)
        {
            case "iCCP":
                iccProfile ??= ReadProfile(content);
                break;
            case "eXIf":
                exif ??= content;
                break;
            case "pHYs" when content.Length == 9 && content[8] == 1:
                uint x = BinaryPrimitives.ReadUInt32BigEndian(content);
                uint y = BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(4));
                pixelsPerMetre = x is > 0 and <= int.MaxValue && y is > 0 and <= int.MaxValue ? ((int)x, (int)y) : null;
                break;
            case "tEXt" or "zTXt":
                AddLatinText(content, isCompressed: type == "zTXt");
                break;
            case "iTXt":
                AddInternationalText(content);
                break;
            default:
                if (IsColorChunk(type))
                {
                    colorChunks.Add(new PngColorChunk(type, content));
                }

                break;
        }
    }

    /// <summary>Returns what was added.</summary>
    public PictureMetadata Build() => new()
    {
        IccProfile = iccProfile,
        Exif = exif,
        Xmp = xmp,
        ImageResources = imageResources,
        PixelsPerMetre = pixelsPerMetre,
        Texts = texts,
        ColorChunks = colorChunks,
    };

    private static bool IsColorChunk(string type) => type is "gAMA" or "cHRM" or "sRGB" or "cICP";

    // Keyword, 0, compression method, compressed profile.
    private byte[]? ReadProfile(byte[] content)
    {
        int end = Array.IndexOf(content, (byte)0);
        return end is >= 1 and <= 79 && end + 2 <= content.Length ? Inflate(content.AsSpan(end + 2)) : null;
    }

    // Keyword, 0, (compression method,) text in Latin-1.
    private void AddLatinText(byte[] content, bool isCompressed)
    {
        int end = Array.IndexOf(content, (byte)0);
        if (end is < 1 or > 79)
        {
            return;
        }

        byte[]? text = isCompressed ? Inflate(content.AsSpan(Math.Min(content.Length, end + 2))) : content[(end + 1)..];
        if (text is not null)
        {
            AddText(new PictureText(Encoding.Latin1.GetString(content, 0, end), Encoding.Latin1.GetString(text)));
        }
    }

    private void AddText(PictureText text)
    {
        switch (PngRawProfile.Read(text))
        {
            case ("exif" or "app1", var content) when content.AsSpan().StartsWith(JpegMarker.ExifHead):
                exif ??= content[JpegMarker.ExifHead.Length..];
                break;
            case ("exif" or "app1", var content) when content.AsSpan().StartsWith("II*\0"u8) || content.AsSpan().StartsWith("MM\0*"u8):
                exif ??= content;
                break;
            case ("xmp", var content):
                xmp ??= content;
                break;
            case ("app1", var content) when content.AsSpan().StartsWith(JpegMarker.XmpHead):
                xmp ??= content[JpegMarker.XmpHead.Length..];
                break;
            case ("icc" or "icm", var content):
                iccProfile ??= content;
                break;
            case ("iptc" or "8bim", var content) when content.AsSpan().StartsWith("8BIM"u8):
                // Some programs write both, one of which contains the other.
                imageResources = imageResources is null || imageResources.Length < content.Length ? content : imageResources;
                break;
            default:
                texts.Add(text);
                break;
        }
    }

    // Keyword, 0, compression flag, method, language, 0, translated keyword, 0, text in UTF-8.
    private void AddInternationalText(byte[] content)
    {
        int keyword = Array.IndexOf(content, (byte)0);
        if (keyword is < 1 or > 79 || keyword + 3 > content.Length)
        {
            return;
        }

        int language = Array.IndexOf(content, (byte)0, keyword + 3);
        int translated = language < 0 ? -1 : Array.IndexOf(content, (byte)0, language + 1);
        if (translated < 0)
        {
            return;
        }

        byte[]? text = content[keyword + 1] == 1 ? Inflate(content.AsSpan(translated + 1)) : content[(translated + 1)..];
        string name = Encoding.Latin1.GetString(content, 0, keyword);
        if (text is not null && name == XmpKeyword)
        {
            xmp ??= text;
        }
        else if (text is not null)
        {
            AddText(new PictureText(name, Encoding.UTF8.GetString(text)));
        }
    }

    private byte[]? Inflate(ReadOnlySpan<byte> compressed)
    {
        // RFC 1950: this bit of the second byte announces a dictionary, which PNG forbids and which makes the framework's decompressor throw another exception.
        if (compressed.Length > 1 && (compressed[1] & 0x20) != 0)
        {
            return null;
        }

        try
        {
            using var zlib = new ZLibStream(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress);
            using var inflated = new MemoryStream();
            byte[] piece = new byte[16 * 1024];
            int count;
            while ((count = zlib.Read(piece)) > 0)
            {
                if (count > room)
                {
                    return null;
                }

                room -= count;
                inflated.Write(piece, 0, count);
            }

            return inflated.Length > 0 ? inflated.ToArray() : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}

/// <summary>Writes metadata as chunks, in the order that PNG requires: colour first, and everything before the samples.</summary>
internal static class PngMetadataWriter
{
    /// <summary>Writes all of a picture's metadata.</summary>
    public static void Write(Stream stream, PictureMetadata metadata)
    {
        if (metadata.IccProfile is { } profile)
        {
            // The name that tools show when the profile has none.
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

    // PNG has no chunk for image resources.
    private static void WriteImageResources(Stream stream, byte[] resources)
    {
        byte[] text = Encoding.Latin1.GetBytes(PngRawProfile.Write(PngRawProfile.ImageResources, resources));
        PngChunkWriter.Write(stream, "zTXt", [.. Encoding.Latin1.GetBytes(PngRawProfile.KeywordOf(PngRawProfile.ImageResources)), 0, 0], Deflate(text));
    }

    /// <summary>Writes a text: as tEXt, which every tool reads, if it is Latin-1, otherwise as iTXt.</summary>
    public static void WriteText(Stream stream, PictureText text)
    {
        if (text.Keyword.Length is < 1 or > 79 || !text.Keyword.All(IsLatin))
        {
            throw new ArgumentException($"'{text.Keyword}' is not a valid keyword of a PNG text, which has 1 to 79 Latin-1 characters.", nameof(text));
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

/// <summary>
/// Metadata without a chunk of its own in PNG, stored as a text: the keyword is <c>Raw profile type</c> and the kind; the content is a line feed, the kind, a line feed, the
/// length, a line feed and hexadecimal digits. Introduced by ImageMagick; ExifTool reads and writes it.
/// </summary>
internal static class PngRawProfile
{
    /// <summary>The kind of Photoshop's image resources, which contain IPTC.</summary>
    public const string ImageResources = "iptc";

    private const string KeywordStart = "Raw profile type ";
    private const int BytesPerLine = 36;

    /// <summary>The keyword of a kind.</summary>
    public static string KeywordOf(string kind) => KeywordStart + kind;

    /// <summary>Whether a keyword is that of a raw profile.</summary>
    public static bool IsKeyword(string keyword) => keyword.StartsWith(KeywordStart, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a raw profile.</summary>
    /// <param name="text">A text of the picture.</param>
    /// <returns>Its kind in lower case, and its content; null when the text is not a raw profile, or is damaged.</returns>
    public static (string Kind, byte[] Content)? Read(PictureText text)
    {
        if (!IsKeyword(text.Keyword))
        {
            return null;
        }

        string[] parts = text.Text.TrimStart('\n').Split('\n', 3);
        bool isWhole = parts.Length == 3 && int.TryParse(parts[1], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int length) && length > 0;
        if (!isWhole)
        {
            return null;
        }

        string digits = parts[2].Replace("\n", "", StringComparison.Ordinal);
        return digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit)
            ? (text.Keyword[KeywordStart.Length..].ToLowerInvariant(), Convert.FromHexString(digits))
            : null;
    }

    /// <summary>Writes a raw profile.</summary>
    /// <returns>The text's content, with lower-case digits: Exiv2 refuses the whole file otherwise.</returns>
    public static string Write(string kind, byte[] content)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"\n{kind}\n{content.Length,8}\n");
        foreach (byte[] line in content.Chunk(BytesPerLine))
        {
            text.Append(Convert.ToHexStringLower(line)).Append('\n');
        }

        return text.ToString();
    }
}
