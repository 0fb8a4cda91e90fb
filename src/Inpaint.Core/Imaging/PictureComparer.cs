using Inpaint.Files;
using Inpaint.Imaging.Masks;

namespace Inpaint.Imaging;

/// <summary>Compares pictures pixel by pixel, to prove that the part outside the mask is unchanged.</summary>
public static class PictureComparer
{
    /// <summary>Compares two pictures of the same size. Gray equals colour of equal channels, and 8 bits equal 16 bits of the same value. Pictures with different colour profiles are compared in sRGB.</summary>
    /// <param name="reference">The picture to compare with, usually the original.</param>
    /// <param name="difference">The picture to compare, usually the result.</param>
    /// <param name="mask">The part that was allowed to change; null for nothing.</param>
    /// <param name="maskMode">How that part is marked in the mask.</param>
    /// <param name="picture">The picture of the differences to write; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>How they differ.</returns>
    /// <exception cref="InpaintException">
    /// ImageNotFound, ImageUnsupported, ImageTooLarge: for a picture. InvalidParameter: the pictures differ in size, or one of them would be overwritten. MaskSizeMismatch: the mask has another size.
    /// OutputExists, OutputWriteFailed: for the picture of the differences.
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
            EnsureOtherFile(picture, reference, difference, mask);
        }

        Raster before = LocalPictures.Decode(reference, cancellationToken);
        Raster after = LocalPictures.Decode(difference, cancellationToken);
        if (before.Width != after.Width || before.Height != after.Height)
        {
            throw new InpaintException(
                InpaintErrorId.InvalidParameter,
                $"{difference.Name} is {after.Width}x{after.Height}, {reference.Name} is {before.Width}x{before.Height}. Only pictures of the same size can be compared pixel by pixel.")
            {
                Subject = difference.Name,
                RecommendedAction = "Resize one of them first; the service may have returned the picture in another size.",
            };
        }

        Mask? allowed = mask is null ? null : MaskReader.FromRaster(LocalPictures.Decode(mask, cancellationToken), mask.Name, maskMode);
        if (allowed is not null && (allowed.Width != before.Width || allowed.Height != before.Height))
        {
            throw new InpaintException(InpaintErrorId.MaskSizeMismatch, $"{mask!.Name} is {allowed.Width}x{allowed.Height}, {reference.Name} is {before.Width}x{before.Height}. The mask must have the size of the pictures.")
            {
                Parameter = "Mask",
                RecommendedAction = "Use the mask that the result was made with.",
            };
        }

        if (!Pictures.HaveSameColors(before, after))
        {
            // With different profiles, equal samples are different colours.
            (before, after) = (Pictures.ToSrgb(before, cancellationToken), Pictures.ToSrgb(after, cancellationToken));
        }

        RasterComparison found = RasterComparison.Compare(before, after, allowed);
        cancellationToken.ThrowIfCancellationRequested();
        if (picture is not null)
        {
            Raster rendered = RasterComparison.DifferencePicture(before, after, picture.Gain);
            PictureFileWriter.Write(
                picture.Path,
                stream => Pictures.Encode(rendered, PictureFormats.OfName(picture.Path), stream, Pictures.LosslessQuality, cancellationToken),
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
            MaxDifference = found.MaxDifference,
            MeanDifference = found.MeanDifference,
            BitDepth = found.BitDepth,
            DifferencePath = picture?.Path,
        };
    }

    /// <summary>Checks that the picture of the differences may be written, before anything is compared. Writes nothing.</summary>
    /// <param name="picture">The picture of the differences.</param>
    /// <param name="reference">The picture to compare with.</param>
    /// <param name="difference">The picture to compare.</param>
    /// <param name="mask">The mask, if any.</param>
    /// <exception cref="InpaintException">InvalidParameter: it would replace one of the pictures, or its name is not that of a picture; OutputExists, OutputWriteFailed.</exception>
    public static void Check(DifferencePicture picture, PictureSource reference, PictureSource difference, PictureSource? mask)
    {
        ArgumentNullException.ThrowIfNull(picture);
        EnsureOtherFile(picture, reference, difference, mask);
        PictureFileWriter.EnsureWritable(picture.Path, picture.Overwrite, picture.Force);
    }

    private static void EnsureOtherFile(DifferencePicture picture, PictureSource reference, PictureSource difference, PictureSource? mask)
    {
        if (new[] { reference, difference, mask }.Any(source => PathIdentity.WouldReplace(picture.Path, source?.FilePath)))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{picture.Path}' is one of the pictures that are compared, which the picture of the differences must not replace. Choose another path.")
            {
                Parameter = "DifferencePath",
            };
        }
    }
}
