using System.Text;

namespace Inpaint.Imaging.Metadata;

/// <summary>Reads metadata from the application segments of a JPEG.</summary>
internal sealed class JpegMetadataReader
{
    private readonly List<PictureText> texts = [];
    private readonly byte[]?[] profileParts = new byte[]?[256];
    private int profileCount;
    private byte[]? exif;
    private byte[]? xmp;
    private byte[]? imageResources;
    private (int X, int Y)? pixelsPerMetre;
    private int room = PictureLimits.MaxMetadataBytes;

    /// <summary>Reads the segments before the first scan. Errors in them are ignored here and reported by the decoder.</summary>
    /// <param name="source">The file, at its beginning.</param>
    public static PictureMetadata Read(ByteSource source)
    {
        JpegMetadataReader metadata = new();
        try
        {
            source.Skip(2);
            for (int marker; (marker = JpegMarker.ReadNext(source)) is not (JpegMarker.StartOfScan or JpegMarker.EndOfImage);)
            {
                if (JpegMarker.IsStandalone(marker))
                {
                    continue;
                }

                int length = JpegMarker.ReadLength(source);
                if (marker is JpegMarker.App0 or JpegMarker.App1 or JpegMarker.App2 or JpegMarker.App13 or JpegMarker.Comment)
                {
                    metadata.Add(marker, source.ReadBlock(length));
                }
                else
                {
                    source.Skip(length);
                }
            }
        }
        catch (InpaintException)
        {
            // Truncated within a segment: those before it are complete.
        }

        return metadata.Build();
    }

    private void Add(int marker, byte[] content)
    {
        if (content.Length > room)
        {
            return;
        }

        room -= content.Length;
        ReadOnlySpan<byte> bytes = content;
        switch (marker)
        {
            case JpegMarker.App0 when bytes.StartsWith("JFIF\0"u8):
                ReadDensity(bytes);
                break;
            case JpegMarker.App1 when bytes.StartsWith(JpegMarker.ExifHead):
                AddExif(content[JpegMarker.ExifHead.Length..]);
                break;
            case JpegMarker.App1 when bytes.StartsWith(JpegMarker.XmpHead):
                xmp ??= content[JpegMarker.XmpHead.Length..];
                break;
            case JpegMarker.App2 when bytes.StartsWith("ICC_PROFILE\0"u8) && content.Length > 14:
                profileParts[content[12]] ??= content[14..];
                profileCount = content[13];
                break;
            case JpegMarker.App13 when bytes.StartsWith(JpegMarker.ImageResourcesHead):
                // What is larger than a segment continues in the next one.
                imageResources = [.. imageResources ?? [], .. content[JpegMarker.ImageResourcesHead.Length..]];
                break;
            case JpegMarker.Comment:
                texts.Add(new PictureText("Comment", Decode(bytes)));
                break;
        }
    }

    private PictureMetadata Build() => new()
    {
        IccProfile = JoinProfile(),
        Exif = exif,
        Xmp = xmp,
        ImageResources = imageResources,
        PixelsPerMetre = pixelsPerMetre,
        Texts = texts,
    };

    // What is larger than a segment continues in the next one, which does not begin like a TIFF structure. Of two blocks the first counts.
    private void AddExif(byte[] content)
    {
        bool isBlock = content.AsSpan().StartsWith("II*\0"u8) || content.AsSpan().StartsWith("MM\0*"u8);
        exif = exif is null ? content : isBlock ? exif : [.. exif, .. content];
    }

    private byte[]? JoinProfile()
    {
        // Parts are numbered from 1; without one of them the profile is unusable.
        IEnumerable<byte[]?> parts = profileParts.Skip(1).Take(profileCount);
        return profileCount > 0 && parts.All(p => p is not null) ? [.. parts.SelectMany(p => p!)] : null;
    }

    // "JFIF", 0, version (2), unit, horizontal and vertical density (2 each).
    private void ReadDensity(ReadOnlySpan<byte> content)
    {
        if (content.Length < 12)
        {
            return;
        }

        int x = (content[8] << 8) | content[9];
        int y = (content[10] << 8) | content[11];
        double perMetre = content[7] switch { 1 => 1 / 0.0254, 2 => 100, _ => 0 };
        if (perMetre > 0 && x > 0 && y > 0)
        {
            pixelsPerMetre = ((int)Math.Round(x * perMetre), (int)Math.Round(y * perMetre));
        }
    }

    // The format does not define the encoding; most are ASCII or UTF-8, the rest is read as Latin-1.
    private static string Decode(ReadOnlySpan<byte> content)
    {
        content = content.TrimEnd((byte)0);
        string text = Encoding.UTF8.GetString(content);
        return text.Contains('\uFFFD', StringComparison.Ordinal) ? Encoding.Latin1.GetString(content) : text;
    }
}

/// <summary>Writes metadata as application segments.</summary>
internal static class JpegMetadataWriter
{
    // A segment's length has 16 bits and counts itself.
    private const int MaxContent = 65533;

    /// <summary>Writes everything that fits into segments; PNG's colour chunks have no equivalent in JPEG.</summary>
    public static void Write(Stream stream, PictureMetadata metadata)
    {
        WriteJfif(stream, metadata.PixelsPerMetre);
        WriteInParts(stream, JpegMarker.App1, JpegMarker.ExifHead, metadata.Exif);
        WriteIfFits(stream, JpegMarker.App1, JpegMarker.XmpHead, metadata.Xmp);
        WriteProfile(stream, metadata.IccProfile);
        WriteInParts(stream, JpegMarker.App13, JpegMarker.ImageResourcesHead, metadata.ImageResources);
        foreach (PictureText text in metadata.Texts)
        {
            string comment = text.Keyword == "Comment" ? text.Text : $"{text.Keyword}: {text.Text}";
            WriteIfFits(stream, JpegMarker.Comment, [], Encoding.UTF8.GetBytes(comment));
        }
    }

    private static void WriteIfFits(Stream stream, int marker, ReadOnlySpan<byte> head, byte[]? content)
    {
        if (content is not null && head.Length + content.Length <= MaxContent)
        {
            JpegMarker.WriteSegment(stream, marker, head, content);
        }
    }

    private static void WriteJfif(Stream stream, (int X, int Y)? pixelsPerMetre)
    {
        int x = ToDotsPerInch(pixelsPerMetre?.X);
        int y = ToDotsPerInch(pixelsPerMetre?.Y);
        bool isKnown = x > 0 && y > 0;
        JpegMarker.WriteSegment(
            stream,
            JpegMarker.App0,
            "JFIF\0"u8,
            isKnown ? [1, 1, 1, (byte)(x >> 8), (byte)x, (byte)(y >> 8), (byte)y, 0, 0] : [1, 1, 0, 0, 1, 0, 1, 0, 0]);
    }

    private static int ToDotsPerInch(int? perMetre)
    {
        double dots = Math.Round((perMetre ?? 0) * 0.0254);
        return dots <= ushort.MaxValue ? (int)dots : 0;
    }

    private static void WriteInParts(Stream stream, int marker, ReadOnlySpan<byte> head, byte[]? content)
    {
        for (int at = 0; at < (content?.Length ?? 0); at += MaxContent - head.Length)
        {
            JpegMarker.WriteSegment(stream, marker, head, content.AsSpan(at, Math.Min(MaxContent - head.Length, content!.Length - at)));
        }
    }

    private static void WriteProfile(Stream stream, byte[]? profile)
    {
        const int MaxPart = MaxContent - 14;
        int parts = ((profile?.Length ?? 0) + MaxPart - 1) / MaxPart;
        if (parts > 255)
        {
            return;
        }

        for (int i = 0; i < parts; i++)
        {
            ReadOnlySpan<byte> head = [.. "ICC_PROFILE\0"u8, (byte)(i + 1), (byte)parts];
            int at = i * MaxPart;
            JpegMarker.WriteSegment(stream, JpegMarker.App2, head, profile.AsSpan(at, Math.Min(MaxPart, profile!.Length - at)));
        }
    }
}
