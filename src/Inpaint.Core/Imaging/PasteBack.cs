using Inpaint.Imaging.Masks;

namespace Inpaint.Imaging;

/// <summary>
/// Composites repainted pictures into the original. Only the mask's rectangle is blended, in place, so that the whole picture is held in memory once, however large it
/// is; each further picture replaces the one before.
/// </summary>
internal sealed class PasteBack
{
    private readonly PixelRect part;
    private readonly PixelRect changed;
    private readonly Mask mask;
    private readonly Raster under;
    private Raster whole;

    /// <summary>Starts with the original.</summary>
    /// <param name="original">The picture, which is changed in place.</param>
    /// <param name="part">The part of it that repainted pictures show.</param>
    /// <param name="mask">What is replaced, blended by its grays.</param>
    /// <param name="maskX">The column of the original where the mask begins.</param>
    /// <param name="maskY">The row of the original where the mask begins.</param>
    public PasteBack(Raster original, PixelRect part, Mask mask, int maskX, int maskY)
    {
        this.part = part;
        this.mask = mask;
        changed = new PixelRect(maskX, maskY, mask.Width, mask.Height);
        if (!Fits(original.Width, original.Height, part, changed))
        {
            throw new ArgumentOutOfRangeException(nameof(part), part, $"The mask {changed} must lie in the part, and the part in {original.Width}x{original.Height}.");
        }

        whole = original;
        under = RasterCrop.Crop(original, changed);
    }

    /// <summary>Whether a mask's rectangle lies in a part, and the part in a picture.</summary>
    public static bool Fits(int width, int height, PixelRect part, PixelRect mask) =>
        !mask.IsEmpty && part.Intersect(mask) == mask && part.Intersect(new PixelRect(0, 0, width, height)) == part;

    /// <summary>Composites a picture.</summary>
    /// <param name="repainted">The part as it was repainted, of any size.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The whole picture, which the next call changes.</returns>
    public Raster Apply(Raster repainted, CancellationToken cancellationToken = default)
    {
        // A picture without transparency gets none: services return alpha channels that are opaque throughout.
        Raster opaque = repainted.HasAlpha && !under.HasAlpha ? RasterLayout.Convert(repainted, repainted.ColorChannels, repainted.BitDepth) : repainted;
        Raster fitted = Pictures.Resize(Pictures.WithColorsOf(opaque, under, cancellationToken), part.Width, part.Height, cancellationToken);
        Raster over = RasterCrop.Crop(fitted, changed with { X = changed.X - part.X, Y = changed.Y - part.Y });
        Raster blended = Compositor.Blend(under, over, mask);
        if (blended.Channels > whole.Channels)
        {
            // A gray profile does not apply to colours.
            Raster colored = RasterLayout.Convert(whole, blended.Channels, whole.BitDepth);
            whole = new Raster(colored.Width, colored.Height, colored.Channels, colored.BitDepth, colored.Data) { Metadata = colored.Metadata with { IccProfile = null } };
        }

        RasterCrop.Paste(whole, RasterLayout.Convert(blended, whole.Channels, whole.BitDepth), changed.X, changed.Y);
        return whole;
    }
}
