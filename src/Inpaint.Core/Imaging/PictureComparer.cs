using Inpaint.Files;
using Inpaint.Imaging.Masks;

namespace Inpaint.Imaging;

/// <summary>Compares pictures pixel by pixel: the proof that what was to be kept was kept.</summary>
public static class PictureComparer
{
    /// <summary>Compares two pictures of one size. Gray compares with colour of equal channels as equal, and 8 bits with 16 of the same value. Colour profiles count: pictures with different ones are compared in sRGB.</summary>
    /// <param name="reference">The picture to compare with, usually the original.</param>
    /// <param name="difference">The picture to compare, usually the result.</param>
    /// <param name="mask">What was allowed to change; null: nothing.</param>
    /// <param name="maskMode">What marks that part in the mask.</param>
    /// <param name="picture">A picture of the differences to be written; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How they differ.</returns>
    /// <exception cref="InpaintException">
    /// ImageNotFound, ImageUnsupported, ImageTooLarge: of a picture. InvalidParameter: the pictures differ in size, or one of them would be written over. MaskSizeMismatch: mask and pictures do.
    /// OutputExists, OutputWriteFailed: of the picture of the differences.
    /// </exception>
    public static PictureComparison Compare(
        PictureSource reference,
        PictureSource difference,
        PictureSource? mask = null,
        MaskMode maskMode = MaskMode.White,
        DifferencePicture? picture = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(difference);
        if (picture is not null)
        {
            DemandElsewhere(picture, reference, difference, mask);
        }

        Raster before = LocalPictures.Decode(reference, cancellationToken);
        Raster after = LocalPictures.Decode(difference, cancellationToken);
        if (before.Width != after.Width || before.Height != after.Height)
        {
            throw new InpaintException(
                InpaintErrorId.InvalidParameter,
                $"{difference.Name} is {after.Width}x{after.Height}, {reference.Name} is {before.Width}x{before.Height}. Only pictures of one size can be compared pixel by pixel.")
            {
                RecommendedAction = "Bring one of them to the size of the other first; a service may have returned the picture in a size of its own.",
            };
        }

        Mask? allowed = mask is null ? null : MaskReader.FromRaster(LocalPictures.Decode(mask, cancellationToken), mask.Name, maskMode);
        if (allowed is not null && (allowed.Width != before.Width || allowed.Height != before.Height))
        {
            throw new InpaintException(InpaintErrorId.MaskSizeMismatch, $"{mask!.Name} is {allowed.Width}x{allowed.Height}, {reference.Name} is {before.Width}x{before.Height}. The mask must have the size of the pictures.")
            {
                RecommendedAction = "Give the mask that the result was made with.",
            };
        }

        if (!Pictures.HaveSameColors(before, after))
        {
            // Equal samples would be different colours.
            (before, after) = (Pictures.ToSrgb(before, cancellationToken), Pictures.ToSrgb(after, cancellationToken));
        }

        RasterComparison found = RasterComparison.Compare(before, after, allowed);
        cancellationToken.ThrowIfCancellationRequested();
        if (picture is not null)
        {
            Raster shown = RasterComparison.DifferencePicture(before, after, picture.Gain);
            PictureFileWriter.Write(
                picture.Path,
                stream => Pictures.Encode(shown, PictureFormats.OfName(picture.Path), stream, Pictures.LosslessQuality, cancellationToken),
                picture.Overwrite,
                picture.Force,
                cancellationToken);
        }

        return new PictureComparison
        {
            Reference = reference.ToString(),
            Difference = difference.ToString(),
            Mask = mask?.ToString(),
            Width = before.Width,
            Height = before.Height,
            KeptPixels = found.KeptPixels,
            ChangedPixels = found.ChangedPixels,
            ChangedShare = found.ChangedShare,
            LargestDifference = found.LargestDifference,
            MeanDifference = found.MeanDifference,
            BitDepth = found.BitDepth,
            DifferencePath = picture?.Path,
        };
    }

    /// <summary>Finds what can be found before anything is compared: that a picture of the differences cannot be written where it shall be. Writes nothing.</summary>
    /// <param name="picture">The picture of the differences.</param>
    /// <param name="reference">The picture to compare with.</param>
    /// <param name="difference">The picture to compare.</param>
    /// <param name="mask">The mask, if any.</param>
    /// <exception cref="InpaintException">InvalidParameter: it would replace one of them, or is named as another format; OutputExists, OutputWriteFailed.</exception>
    public static void Check(DifferencePicture picture, PictureSource reference, PictureSource difference, PictureSource? mask)
    {
        ArgumentNullException.ThrowIfNull(picture);
        DemandElsewhere(picture, reference, difference, mask);
        PictureFileWriter.DemandFree(picture.Path, picture.Overwrite, picture.Force);
    }

    private static void DemandElsewhere(DifferencePicture picture, PictureSource reference, PictureSource difference, PictureSource? mask)
    {
        if (new[] { reference, difference, mask }.Any(source => PathIdentity.WouldReplace(picture.Path, source?.FilePath)))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{picture.Path}' is one of the pictures that are compared, which the picture of the differences must not replace.")
            {
                RecommendedAction = "Choose another -DifferencePath.",
            };
        }
    }
}
