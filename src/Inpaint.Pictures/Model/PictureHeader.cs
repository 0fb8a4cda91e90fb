namespace Inpaint;

/// <summary>The properties of a picture file that can be read without decoding pixels.</summary>
/// <param name="Format">The format by content, never by file name.</param>
/// <param name="Width">Width in pixels as a viewer shows it (EXIF orientation applied).</param>
/// <param name="Height">Height in pixels as a viewer shows it (EXIF orientation applied).</param>
/// <param name="Orientation">EXIF orientation, 1 to 8; 1 when there is none.</param>
public sealed record PictureHeader(PictureFormat Format, int Width, int Height, int Orientation = 1)
{
    /// <summary>Frames of an animation, or pages; 1 of a plain picture. Only the first is used.</summary>
    public int Frames { get; init; } = 1;

    /// <summary>Whether the file is CMYK, which is converted to sRGB.</summary>
    public bool IsCmyk { get; init; }

    /// <summary>Bits per sample: 8, or 16 for everything above.</summary>
    public int BitDepth { get; init; } = 8;

    /// <summary>Size in megapixels (10^6 pixels).</summary>
    public double Megapixels => (double)Width * Height / 1_000_000;
}

/// <summary>The picture formats that are recognized by their first bytes.</summary>
public enum PictureFormat : long
{
    /// <summary>None of these.</summary>
    Unknown,

    /// <summary>PNG.</summary>
    Png,

    /// <summary>JPEG.</summary>
    Jpeg,

    /// <summary>WebP.</summary>
    WebP,

    /// <summary>GIF.</summary>
    Gif,

    /// <summary>AVIF.</summary>
    Avif,

    /// <summary>TIFF.</summary>
    Tiff,
}
