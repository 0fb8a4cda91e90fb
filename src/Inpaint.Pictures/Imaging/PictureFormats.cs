using System.Buffers.Binary;
using System.Text;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Imaging;

/// <summary>The properties of each format: its names, and what it supports.</summary>
internal static class PictureFormats
{
    private static readonly HashSet<string> Unsupported = new(
        [".bmp", ".heic", ".heif", ".jxl", ".jp2", ".j2k", ".ico", ".svg", ".psd", ".pdf", ".tga", ".exr", ".hdr", ".ppm", ".pgm", ".pbm", ".pnm", ".qoi", ".raw", ".dng", ".apng"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The formats that are read, for messages.</summary>
    public const string Readable = "PNG, JPEG, WebP, AVIF, GIF or TIFF";

    /// <summary>The formats that are written, for messages.</summary>
    public const string Writable = "PNG, JPEG, WebP, AVIF or TIFF";

    /// <summary>Whether pictures can be written in a format.</summary>
    public static bool CanWrite(PictureFormat format) => format is PictureFormat.Png or PictureFormat.Jpeg or PictureFormat.WebP or PictureFormat.Avif or PictureFormat.Tiff;

    /// <summary>Whether a file written in a format keeps every sample unchanged.</summary>
    public static bool IsLossless(PictureFormat format) => format is PictureFormat.Png or PictureFormat.Tiff;

    /// <summary>Whether a format supports transparency.</summary>
    public static bool HasAlpha(PictureFormat format) => format != PictureFormat.Jpeg;

    /// <summary>The longest side in pixels that a format supports.</summary>
    public static int MaxSide(PictureFormat format) => format switch
    {
        PictureFormat.Jpeg => 65_535,
        PictureFormat.WebP => 16_383,
        PictureFormat.Avif => 16_384,
        _ => int.MaxValue,
    };

    /// <summary>The extension for new files, with its dot; empty for an unknown format.</summary>
    public static string ExtensionOf(PictureFormat format) => format switch
    {
        PictureFormat.Png => ".png",
        PictureFormat.Jpeg => ".jpg",
        PictureFormat.WebP => ".webp",
        PictureFormat.Gif => ".gif",
        PictureFormat.Avif => ".avif",
        PictureFormat.Tiff => ".tif",
        _ => "",
    };

    /// <summary>The format that a file's extension names; <see cref="PictureFormat.Unknown"/> when it names none that is known here.</summary>
    public static PictureFormat OfName(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".PNG" => PictureFormat.Png,
        ".JPG" or ".JPEG" or ".JPE" or ".JFIF" => PictureFormat.Jpeg,
        ".WEBP" => PictureFormat.WebP,
        ".GIF" => PictureFormat.Gif,
        ".AVIF" => PictureFormat.Avif,
        ".TIF" or ".TIFF" => PictureFormat.Tiff,
        _ => PictureFormat.Unknown,
    };

    /// <summary>The format that a file's extension requests; <see cref="PictureFormat.Unknown"/> for a picture format that is not supported, null when it requests none.</summary>
    public static PictureFormat? RequestedBy(string name) =>
        OfName(name) is not PictureFormat.Unknown and var format ? format : Unsupported.Contains(Path.GetExtension(name)) ? PictureFormat.Unknown : null;

    /// <summary>Finds a value among those that a service knows, in any case; jpg and jpeg are the same format.</summary>
    /// <returns>The service's spelling; null when it does not know the value.</returns>
    public static string? Spelled(IReadOnlyList<string> known, string? name) =>
        known.FirstOrDefault(k => string.Equals(k, name, StringComparison.OrdinalIgnoreCase))
        ?? known.FirstOrDefault(k => OfName("." + k) is not PictureFormat.Unknown and var format && format == OfName("." + name));

    /// <summary>The media type of a format; null for an unknown one.</summary>
    public static string? MediaTypeOf(PictureFormat format) => format switch
    {
        PictureFormat.Png => "image/png",
        PictureFormat.Jpeg => "image/jpeg",
        PictureFormat.WebP => "image/webp",
        PictureFormat.Gif => "image/gif",
        PictureFormat.Avif => "image/avif",
        PictureFormat.Tiff => "image/tiff",
        _ => null,
    };
}

/// <summary>Identifies a file by its first bytes, because file names and content types may be wrong.</summary>
internal static class PictureSniffer
{
    /// <summary>How many of the first bytes are read.</summary>
    public const int HeadLength = 512;

    /// <summary>The picture format that the first bytes of a file indicate.</summary>
    public static PictureFormat Detect(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith(PngChunkReader.Signature))
        {
            return PictureFormat.Png;
        }

        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return PictureFormat.Jpeg;
        }

        if (head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8))
        {
            return PictureFormat.Gif;
        }

        if (head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual("WEBP"u8))
        {
            return PictureFormat.WebP;
        }

        if (IsTiff(head))
        {
            return IsRawTiff(head) ? PictureFormat.Unknown : PictureFormat.Tiff;
        }

        return HasBrand(head, "avif"u8) || HasBrand(head, "avis"u8) ? PictureFormat.Avif : PictureFormat.Unknown;
    }

    /// <summary>Describes content that is not a known picture format, for messages: "is empty", "looks like an HTML page".</summary>
    public static string Describe(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
        {
            return "is empty";
        }

        foreach ((byte[] start, string kind) in Signatures)
        {
            if (head.StartsWith(start))
            {
                return $"looks like {kind}";
            }
        }

        if (IsHeic(head))
        {
            return "looks like a HEIC picture";
        }

        if (IsRaw(head))
        {
            return "looks like a camera's raw file";
        }

        if (head.Length >= 8 && head[4..8].SequenceEqual("ftyp"u8))
        {
            return "looks like a video";
        }

        return DescribeText(head) ?? $"has unknown content, beginning with the bytes {Convert.ToHexString(head[..Math.Min(8, head.Length)])}";
    }

    /// <summary>What to do about content that is not a known picture format.</summary>
    public static string Advise(ReadOnlySpan<byte> head) => (IsHeic(head), IsRaw(head)) switch
    {
        (true, _) => "Convert it first: heif-convert in.heic out.png (libheif), sips -s format png in.heic --out out.png (macOS), or set the phone to take pictures as JPEG.",
        (_, true) => "Develop it first: darktable-cli in.nef out.tif, or save it as TIFF or JPEG with the camera maker's program.",
        _ => "Check that it is the right file and is complete; most programs convert other formats to PNG or JPEG.",
    };

    private static bool IsHeic(ReadOnlySpan<byte> head) => HasBrand(head, "heic"u8) || HasBrand(head, "mif1"u8) || HasBrand(head, "heix"u8);

    private static bool IsRaw(ReadOnlySpan<byte> head) =>
        head.StartsWith("FUJIFILMCCD-RAW"u8) || head.StartsWith("IIRO"u8) || head.StartsWith("IIRS"u8) || head.StartsWith("MMOR"u8) || head.StartsWith("IIU\0"u8)
        || head.StartsWith("FOVb"u8) || HasBrand(head, "crx "u8) || (IsTiff(head) && IsRawTiff(head));

    private static bool IsTiff(ReadOnlySpan<byte> head) =>
        head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8) || head.StartsWith("II+\0"u8) || head.StartsWith("MM\0+"u8);

    /// <summary>
    /// Whether a TIFF structure is a camera's raw file: its first directory holds a preview and refers to others with the photograph, or it is marked as DNG or as Canon's.
    /// </summary>
    private static bool IsRawTiff(ReadOnlySpan<byte> head)
    {
        const int NewSubfileType = 0x00FE;
        const int SubDirectories = 0x014A;
        const int DngVersion = 0xC612;
        bool isLittleEndian = head[0] == 'I';
        if (head.Length < 16 || head[8..10].SequenceEqual("CR"u8))
        {
            return head.Length >= 16;
        }

        int Short(ReadOnlySpan<byte> at) => isLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);
        uint directory = isLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) : BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        bool isPreview = false;
        bool hasOthers = false;
        for (long at = directory + 2L; directory >= 8 && at + 12 <= head.Length && at < directory + 2L + (12L * Short(head[(int)directory..])); at += 12)
        {
            ReadOnlySpan<byte> entry = head.Slice((int)at, 12);
            int tag = Short(entry);
            if (tag == DngVersion)
            {
                return true;
            }

            isPreview |= tag == NewSubfileType && (entry[isLittleEndian ? 8 : 11] & 1) != 0;
            hasOthers |= tag == SubDirectories;
        }

        return isPreview && hasOthers;
    }

    private static readonly (byte[] Start, string Kind)[] Signatures =
    [
        ([.. "%PDF-"u8], "a PDF document"),
        ([.. "PK\u0003\u0004"u8], "a ZIP archive"),
        ([0x1F, 0x8B], "gzip-compressed data"),
        ([.. "BM"u8], "a BMP picture"),
        ([.. "8BPS"u8], "a Photoshop document"),
        ([0, 0, 1, 0], "an icon"),
        ([0xFF, 0x0A], "a JPEG XL picture"),
        ([0, 0, 0, 0x0C, (byte)'J', (byte)'X', (byte)'L', (byte)' '], "a JPEG XL picture"),
        ([0, 0, 0, 0x0C, (byte)'j', (byte)'P', (byte)' ', (byte)' '], "a JPEG 2000 picture"),
        ([.. "qoif"u8], "a QOI picture"),
    ];

    // An ISO media file lists its brands in its first box: the major one, a version, then the compatible ones.
    private static bool HasBrand(ReadOnlySpan<byte> head, ReadOnlySpan<byte> brand)
    {
        if (head.Length < 16 || !head[4..8].SequenceEqual("ftyp"u8))
        {
            return false;
        }

        int end = Math.Min(head.Length, (head[0] | head[1]) != 0 ? 0 : (head[2] << 8) | head[3]);
        for (int at = 8; at + 4 <= end; at += 4)
        {
            if (at != 12 && head.Slice(at, 4).SequenceEqual(brand))
            {
                return true;
            }
        }

        return false;
    }

    private static string? DescribeText(ReadOnlySpan<byte> head)
    {
        if (head.IndexOf((byte)0) >= 0)
        {
            return null;
        }

        string text = Encoding.UTF8.GetString(head).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        if (text.Any(c => char.IsControl(c) && c is not ('\r' or '\n' or '\t')) || text.Count(c => c == '\uFFFD') > 1)
        {
            return null;
        }

        if (text.StartsWith("<!DOCTYPE html", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase))
        {
            return "looks like an HTML page";
        }

        if (text.Contains("<svg", StringComparison.OrdinalIgnoreCase))
        {
            return "looks like an SVG drawing";
        }

        return text switch
        {
            ['<', ..] => "looks like XML or HTML",
            ['{' or '[', ..] => "looks like JSON",
            _ => "looks like text",
        };
    }
}
