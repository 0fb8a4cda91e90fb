using Inpaint.Imaging.Masks;

namespace Inpaint.Planning;

/// <summary>Inverts a mask for a model that repaints what is black.</summary>
internal static class MaskInverter
{
    /// <summary>Inverts a mask that is ready to be sent.</summary>
    /// <param name="mask">The mask, white to repaint; null for none.</param>
    /// <param name="model">The model that wants it so, for messages.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The same mask, black to repaint.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the mask is at a URL, where it is not read here.</exception>
    public static PictureSource? Invert(PictureSource? mask, string model, CancellationToken cancellationToken)
    {
        if (mask is null)
        {
            return null;
        }

        if (mask.IsRemote)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"{model} repaints what is black in the mask, and the remote mask {mask} cannot be inverted here. Nothing was sent.")
            {
                RecommendedAction = $"Download it first: Invoke-WebRequest {mask} -OutFile {mask.Name}",
            };
        }

        // What MaskReader calls kept becomes white.
        Mask inverted = MaskReader.FromRaster(PicturePreflight.Decode(mask, cancellationToken), mask.Name, MaskMode.Black);
        return PictureSource.FromBytes(inverted.ToPng(), Path.GetFileNameWithoutExtension(mask.Name) + ".png");
    }
}
