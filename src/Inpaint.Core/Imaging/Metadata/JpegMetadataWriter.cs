using System.Text;

namespace Inpaint.Imaging.Metadata;

/// <summary>Writes metadata as application segments.</summary>
internal static class JpegMetadataWriter
{
    // A segment's length has 16 bits and counts itself.
    private const int MaxContent = 65533;

    /// <summary>Writes all that fits a segment; PNG's colour chunks have no place in a JPEG.</summary>
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
