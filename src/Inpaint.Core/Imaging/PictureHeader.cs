namespace Inpaint;

/// <summary>What the head of a picture file says, read without decoding pixels.</summary>
/// <param name="Format">The format by content, never by file name.</param>
/// <param name="Width">Width in pixels as a viewer shows it (EXIF orientation applied).</param>
/// <param name="Height">Height in pixels as a viewer shows it (EXIF orientation applied).</param>
/// <param name="Orientation">EXIF orientation, 1 to 8; 1 when there is none.</param>
public sealed record PictureHeader(PictureFormat Format, int Width, int Height, int Orientation = 1)
{
    /// <summary>Size in megapixels (10^6 pixels).</summary>
    public double Megapixels => (double)Width * Height / 1_000_000;
}
