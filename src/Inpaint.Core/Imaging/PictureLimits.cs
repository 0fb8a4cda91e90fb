namespace Inpaint.Imaging;

/// <summary>The limits of what is decoded, so that a small hostile file cannot claim a large amount of memory.</summary>
/// <param name="MaxPixels">The largest width times height; 2^28 (268 megapixels) by default.</param>
/// <param name="MaxBytes">The longest file in bytes; 2^30 (1 GiB) by default.</param>
internal sealed record PictureLimits(long MaxPixels = 1L << 28, long MaxBytes = 1L << 30)
{
    /// <summary>The longest colour profile, EXIF block, XMP packet or text that is kept; longer ones are dropped.</summary>
    public const int MaxMetadataBytes = 16 << 20;

    /// <summary>The limits when none are given.</summary>
    public static PictureLimits Default { get; } = new();

    /// <summary>Ensures that a file is not too long, before it is read.</summary>
    /// <exception cref="InpaintException">ImageTooLarge.</exception>
    public void CheckBytes(string name, long length)
    {
        if (length > MaxBytes)
        {
            throw new InpaintException(InpaintErrorId.ImageTooLarge, $"{name} has {length / 1_000_000} MB; files of more than {MaxBytes / 1_000_000} MB are not decoded. Scale the picture down first.") { Subject = name };
        }
    }

    /// <summary>Ensures that a picture is not too large to decode, before memory is allocated for it.</summary>
    /// <exception cref="InpaintException">ImageTooLarge.</exception>
    public void Check(string name, long width, long height, int bytesPerPixel)
    {
        // Each side is at most 2^32, so that the decimal product cannot overflow.
        decimal pixels = (decimal)width * height;
        if (pixels > MaxPixels || pixels * bytesPerPixel > Array.MaxLength)
        {
            throw new InpaintException(
                InpaintErrorId.ImageTooLarge,
                $"{name} has {width}x{height} pixels; more than {MaxPixels / 1_000_000} megapixels or 2 GiB of samples are not decoded. Scale the picture down first.")
            { Subject = name };
        }
    }
}
