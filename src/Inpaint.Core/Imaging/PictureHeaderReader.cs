using Inpaint.Imaging.Jpeg;
using Inpaint.Imaging.Png;

namespace Inpaint.Imaging;

/// <summary>Reads format and size of a picture file from its head, by content alone and without decoding pixels.</summary>
internal static class PictureHeaderReader
{
    /// <summary>Reads a picture's header.</summary>
    /// <param name="stream">The file, from the stream's present position; read (or skipped) as far as the size, and left there.</param>
    /// <param name="name">The file's name for messages.</param>
    /// <exception cref="InpaintException">ImageUnsupported: not a picture of a known format (the message says what it looks like), or broken.</exception>
    public static PictureHeader Read(Stream stream, string name)
    {
        var source = new ByteSource(stream, name, bufferSize: 4096);
        ReadOnlySpan<byte> head = source.Peek(PictureSniffer.HeadLength);
        return PictureSniffer.Detect(head) switch
        {
            PictureFormat.Png => ReadPng(source),
            PictureFormat.Jpeg => JpegHeaderReader.Read(source),
            PictureFormat.WebP => ReadWebP(source),
            PictureFormat.Gif => ReadGif(source),
            PictureFormat.Avif => AvifHeaderReader.Read(source),
            _ => throw NotAPicture(name, head),
        };
    }

    /// <summary>The error for content that is no picture of a known format.</summary>
    public static InpaintException NotAPicture(string name, ReadOnlySpan<byte> head) =>
        new(InpaintErrorId.ImageUnsupported, $"{name} {PictureSniffer.Describe(head)}; a PNG, JPEG, WebP, GIF or AVIF picture is needed.")
        {
            RecommendedAction = "Check that it is the right file and arrived whole; other kinds of pictures are converted to PNG or JPEG by most programs.",
        };

    private static PictureHeader ReadPng(ByteSource source)
    {
        PngHeader header = PngHeader.Read(new PngChunkReader(source));
        return new PictureHeader(PictureFormat.Png, header.Width, header.Height);
    }

    // Signature (6 bytes), then width and height of the logical screen, low byte first.
    private static PictureHeader ReadGif(ByteSource source)
    {
        source.Skip(6);
        int width = ReadUInt16LittleEndian(source);
        int height = ReadUInt16LittleEndian(source);
        return Make(source, PictureFormat.Gif, width, height);
    }

    // RIFF container; the first chunk is VP8 (lossy), VP8L (lossless) or VP8X (extended). Google, "WebP Container Specification"; RFC 6386 section 9.1 for VP8.
    private static PictureHeader ReadWebP(ByteSource source)
    {
        source.Skip(12);
        Span<byte> type = stackalloc byte[4];
        source.ReadExactly(type);
        source.Skip(4);
        if (type.SequenceEqual("VP8X"u8))
        {
            source.Skip(4);
            return Make(source, PictureFormat.WebP, ReadUInt24LittleEndian(source) + 1, ReadUInt24LittleEndian(source) + 1);
        }

        if (type.SequenceEqual("VP8L"u8))
        {
            if (source.ReadByte() != 0x2F)
            {
                throw source.Broken("its lossless WebP frame has no signature");
            }

            int bits = ReadUInt16LittleEndian(source) | (ReadUInt16LittleEndian(source) << 16);
            return Make(source, PictureFormat.WebP, (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1);
        }

        if (!type.SequenceEqual("VP8 "u8))
        {
            throw source.Broken("its first WebP chunk is of no known type", 12);
        }

        // The three bytes of the frame tag; its lowest bit is 0 for a key frame.
        bool isKeyFrame = (ReadUInt24LittleEndian(source) & 1) == 0;
        if (!isKeyFrame || ReadUInt24LittleEndian(source) != 0x2A019D)
        {
            throw source.Broken("its WebP frame has no start code");
        }

        return Make(source, PictureFormat.WebP, ReadUInt16LittleEndian(source) & 0x3FFF, ReadUInt16LittleEndian(source) & 0x3FFF);
    }

    private static PictureHeader Make(ByteSource source, PictureFormat format, int width, int height) =>
        width > 0 && height > 0 ? new PictureHeader(format, width, height) : throw source.Broken($"its size of {width}x{height} is not possible");

    private static int ReadUInt16LittleEndian(ByteSource source)
    {
        int low = source.ReadByte();
        return low | (source.ReadByte() << 8);
    }

    private static int ReadUInt24LittleEndian(ByteSource source)
    {
        int low = ReadUInt16LittleEndian(source);
        return low | (source.ReadByte() << 16);
    }
}
