using System.Text;

namespace Inpaint.Imaging.Jpeg;

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

    /// <summary>Whether there was a JFIF segment.</summary>
    public bool HasJfif { get; private set; }

    /// <summary>The colour transform of the Adobe segment; null without one.</summary>
    public int? AdobeTransform { get; private set; }

    /// <summary>How the rows lie in the picture as it is to be seen.</summary>
    public int Orientation => exif is null ? ExifOrientation.Normal : ExifOrientation.Read(exif);

    /// <summary>Whether segments of this marker are of interest.</summary>
    public static bool Wants(int marker) =>
        marker is JpegMarker.App0 or JpegMarker.App1 or JpegMarker.App2 or JpegMarker.App13 or JpegMarker.App14 or JpegMarker.Comment;

    /// <summary>Takes a segment.</summary>
    public void Add(int marker, byte[] content)
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
                HasJfif = true;
                ReadDensity(bytes);
                break;
            case JpegMarker.App1 when bytes.StartsWith(JpegMarker.ExifHead):
                exif ??= content[JpegMarker.ExifHead.Length..];
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
            case JpegMarker.App14 when bytes.StartsWith("Adobe"u8) && content.Length >= 12:
                AdobeTransform = content[11];
                break;
            case JpegMarker.Comment:
                texts.Add(new PictureText("Comment", Decode(bytes)));
                break;
        }
    }

    /// <summary>What was found.</summary>
    /// <param name="model">The picture's colours: a profile for CMYK says nothing about the RGB that it becomes.</param>
    public PictureMetadata Build(JpegColorModel model) => new()
    {
        IccProfile = model is JpegColorModel.Cmyk or JpegColorModel.Ycck ? null : JoinProfile(),
        Exif = exif,
        Xmp = xmp,
        ImageResources = imageResources,
        PixelsPerMetre = pixelsPerMetre,
        Texts = texts,
    };

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
