using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Inpaint.Imaging.Metadata;

/// <summary>Collects the metadata chunks of a PNG. A damaged one is left out: it is no reason to refuse the pixels.</summary>
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

    /// <summary>Reads a whole file's chunks, so that one without its end is found as well.</summary>
    /// <param name="source">The file, at its beginning.</param>
    /// <exception cref="InpaintException">ImageUnsupported: it is cut off, or its chunks cannot be followed.</exception>
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

    /// <summary>Reads the chunks of a file that may be cut off.</summary>
    /// <param name="file">The file.</param>
    /// <returns>What its chunks say; null when they cannot be followed to the end.</returns>
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

    /// <summary>Takes a chunk.</summary>
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

    /// <summary>What was found.</summary>
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
                // Some write both, of which one holds the other.
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
        // RFC 1950: this bit of the second byte says that a dictionary comes first. PNG forbids it, and the framework's inflater fails on it in its own way.
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
