using Inpaint.Imaging.Masks;

namespace Inpaint.Imaging;

/// <summary>
/// Puts repainted pictures back into the picture that they were made of. Only the rectangle of the mask is blended, in place, so that the whole picture is held
/// once however large it is; a second picture takes the place of the first.
/// </summary>
internal sealed class PasteBack
{
    private readonly PixelRect part;
    private readonly PixelRect changed;
    private readonly Mask mask;
    private readonly Raster under;
    private Raster whole;

    /// <summary>Begins with the original.</summary>
    /// <param name="original">The picture; changed from here on.</param>
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
    /// <param name="width">The picture's width.</param>
    /// <param name="height">The picture's height.</param>
    /// <param name="part">The part.</param>
    /// <param name="mask">The mask's rectangle.</param>
    public static bool Fits(int width, int height, PixelRect part, PixelRect mask) =>
        !mask.IsEmpty && part.Intersect(mask) == mask && part.Intersect(new PixelRect(0, 0, width, height)) == part;

    /// <summary>Puts a picture in.</summary>
    /// <param name="repainted">The part as it was repainted, of any size.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The whole picture; the next call changes it.</returns>
    public Raster Apply(Raster repainted, CancellationToken cancellationToken = default)
    {
        // A picture without transparency does not get any: services answer with alpha that says nothing.
        Raster opaque = repainted.HasAlpha && !under.HasAlpha ? RasterLayout.Convert(repainted, repainted.ColorChannels, repainted.BitDepth) : repainted;
        Raster fitted = Pictures.Resize(Pictures.WithColorsOf(opaque, under, cancellationToken), part.Width, part.Height, cancellationToken);
        Raster over = RasterCrop.Crop(fitted, changed with { X = changed.X - part.X, Y = changed.Y - part.Y });
        Raster blended = Compositor.Blend(under, over, mask);
        if (blended.Channels > whole.Channels)
        {
            // A profile for grays says nothing about colours.
            Raster colored = RasterLayout.Convert(whole, blended.Channels, whole.BitDepth);
            whole = new Raster(colored.Width, colored.Height, colored.Channels, colored.BitDepth, colored.Data) { Metadata = colored.Metadata with { IccProfile = null } };
        }

        RasterCrop.Paste(whole, RasterLayout.Convert(blended, whole.Channels, whole.BitDepth), changed.X, changed.Y);
        return whole;
    }
}
