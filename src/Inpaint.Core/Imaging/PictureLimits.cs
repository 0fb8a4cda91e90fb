namespace Inpaint.Imaging;

/// <summary>What a decoder agrees to take, so that a small hostile file cannot claim a large amount of memory.</summary>
/// <param name="MaxPixels">Largest width times height; 2^28 (268 megapixels) by default.</param>
/// <param name="MaxBytes">Longest file in bytes; 2^30 (1 GiB) by default.</param>
internal sealed record PictureLimits(long MaxPixels = 1L << 28, long MaxBytes = 1L << 30)
{
    /// <summary>Room for one colour profile, EXIF block, XMP packet or text; larger ones are left behind.</summary>
    public const int MaxMetadataBytes = 16 << 20;

    /// <summary>The limits when none are given.</summary>
    public static PictureLimits Default { get; } = new();

    /// <summary>Refuses a file that is too long; called before it is read.</summary>
    /// <exception cref="InpaintException">ImageTooLarge.</exception>
    public void CheckBytes(string name, long length)
    {
        if (length > MaxBytes)
        {
            throw new InpaintException(InpaintErrorId.ImageTooLarge, $"{name} has {length / 1_000_000} MB; files of more than {MaxBytes / 1_000_000} MB are not decoded. Scale the picture down first.");
        }
    }

    /// <summary>Refuses a picture that is too large to decode; called before anything of its size is allocated.</summary>
    /// <exception cref="InpaintException">ImageTooLarge.</exception>
    public void Check(string name, long width, long height, int bytesPerPixel)
    {
        // Each side is at most 2^32, so that the decimal product cannot overflow.
        decimal pixels = (decimal)width * height;
        if (pixels > MaxPixels || pixels * bytesPerPixel > Array.MaxLength)
        {
            throw new InpaintException(
                InpaintErrorId.ImageTooLarge,
                $"{name} says it has {width}x{height} pixels; more than {MaxPixels / 1_000_000} megapixels or 2 GiB of samples are not decoded. Scale the picture down first.");
        }
    }
}
