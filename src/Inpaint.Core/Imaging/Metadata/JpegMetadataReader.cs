using System.Text;

namespace Inpaint.Imaging.Metadata;

/// <summary>Collects what the application segments of a JPEG say.</summary>
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

    /// <summary>Reads the segments before the first scan. What is wrong with them is the decoder's to judge.</summary>
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
            // Cut off in the middle of a segment: what came before it is good.
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
                // What is larger than a segment goes on in the next one.
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

    // What is larger than a segment goes on in the next one, which does not begin as a TIFF structure does. Of two blocks the first counts.
    private void AddExif(byte[] content)
    {
        bool isBlock = content.AsSpan().StartsWith("II*\0"u8) || content.AsSpan().StartsWith("MM\0*"u8);
        exif = exif is null ? content : isBlock ? exif : [.. exif, .. content];
    }

    private byte[]? JoinProfile()
    {
        // Parts are numbered from 1; one that is missing spoils the whole.
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

    // The format does not say; most are ASCII or UTF-8, the rest is shown as Latin-1.
    private static string Decode(ReadOnlySpan<byte> content)
    {
        content = content.TrimEnd((byte)0);
        string text = Encoding.UTF8.GetString(content);
        return text.Contains('\uFFFD', StringComparison.Ordinal) ? Encoding.Latin1.GetString(content) : text;
    }
}
