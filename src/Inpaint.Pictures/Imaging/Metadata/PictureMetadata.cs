namespace Inpaint.Imaging.Metadata;

/// <summary>The metadata of a picture that is kept when it is written again.</summary>
internal sealed record PictureMetadata
{
    /// <summary>No metadata.</summary>
    public static PictureMetadata None { get; } = new();

    /// <summary>The ICC colour profile, uncompressed.</summary>
    public byte[]? IccProfile { get; init; }

    /// <summary>EXIF as a TIFF structure, beginning with its byte order mark (<c>II</c> or <c>MM</c>).</summary>
    public byte[]? Exif { get; init; }

    /// <summary>The XMP packet, UTF-8.</summary>
    public byte[]? Xmp { get; init; }

    /// <summary>Photoshop's image resources (<c>8BIM</c> blocks), as in the APP13 segments of a JPEG; they contain IPTC, with captions, bylines and copyright.</summary>
    public byte[]? ImageResources { get; init; }

    /// <summary>Pixels per metre, horizontally and vertically.</summary>
    public (int X, int Y)? PixelsPerMetre { get; init; }

    /// <summary>Texts by keyword: PNG text chunks, JPEG comments (keyword <c>Comment</c>).</summary>
    public IReadOnlyList<PictureText> Texts { get; init; } = [];

    /// <summary>PNG's small colour chunks (gAMA, cHRM, sRGB, cICP): not applied when decoding, written back by the PNG encoder.</summary>
    public IReadOnlyList<PngColorChunk> ColorChunks { get; init; } = [];
}

/// <summary>One text of a picture's metadata.</summary>
/// <param name="Keyword">What the text is about: 1 to 79 Latin-1 characters, as PNG requires.</param>
/// <param name="Text">The text; any characters.</param>
internal sealed record PictureText(string Keyword, string Text);

/// <summary>A PNG chunk that is copied without being interpreted.</summary>
internal sealed record PngColorChunk(string Type, byte[] Data);
