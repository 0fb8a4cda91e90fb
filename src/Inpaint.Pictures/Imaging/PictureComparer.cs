using Inpaint.Files;
using Inpaint.Imaging.Masks;

namespace Inpaint.Imaging;

/// <summary>Compares pictures pixel by pixel, to prove that the part outside the mask is unchanged.</summary>
internal static class PictureComparer
{
    /// <summary>Compares two pictures of the same size. Gray equals colour of equal channels, and 8 bits equal 16 bits of the same value. Pictures with different colour profiles are compared in sRGB.</summary>
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
                Parameter = nameof(PictureComparison.Difference),
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
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{picture.Path}' is one of the pictures that are compared, which the difference picture must not replace. Choose another path.")
            {
                Parameter = "DifferencePath",
            };
        }
    }
}

/// <summary>How two pictures of the same size differ outside a mask.</summary>
/// <param name="KeptPixels">Pixels that the mask keeps (coverage 0); all without a mask.</param>
/// <param name="ChangedPixels">How many of them differ in any channel.</param>
/// <param name="MaxDifference">The largest difference of a channel among them, in steps of 8-bit (0 to 255) or 16-bit (0 to 65535) samples.</param>
/// <param name="TotalDifference">The sum over them of each pixel's largest difference, in the same steps.</param>
/// <param name="BitDepth">Bits of the samples that were compared.</param>
internal sealed record RasterComparison(long KeptPixels, long ChangedPixels, int MaxDifference, long TotalDifference, int BitDepth)
{
    /// <summary>The share of the kept pixels that changed, 0 to 1.</summary>
    public double ChangedShare => KeptPixels == 0 ? 0 : (double)ChangedPixels / KeptPixels;

    /// <summary>The mean over the kept pixels of each one's largest difference.</summary>
    public double MeanDifference => KeptPixels == 0 ? 0 : (double)TotalDifference / KeptPixels;

    /// <summary>Compares two pictures. Both are first converted to the layout with more channels and bits, so that gray equals RGB of equal channels.</summary>
    /// <param name="before">The original.</param>
    /// <param name="after">The other, of the same size.</param>
    /// <param name="mask">The part that was allowed to change; null for nothing.</param>
    public static RasterComparison Compare(Raster before, Raster after, Mask? mask)
    {
        (Raster a, Raster b) = ToCommonLayout(before, after, mask);
        long kept = 0;
        long changed = 0;
        int largest = 0;
        long total = 0;
        Lock gate = new();
        Parallel.For(
            0,
            a.Height,
            () => (Kept: 0L, Changed: 0L, Largest: 0, Total: 0L),
            (y, _, sum) =>
            {
                for (int x = 0; x < a.Width; x++)
                {
                    if (mask is null || mask.Coverage[(y * a.Width) + x] == 0)
                    {
                        int difference = Difference(a, b, x, y);
                        sum = (sum.Kept + 1, sum.Changed + (difference > 0 ? 1 : 0), Math.Max(sum.Largest, difference), sum.Total + difference);
                    }
                }

                return sum;
            },
            sum =>
            {
                lock (gate)
                {
                    kept += sum.Kept;
                    changed += sum.Changed;
                    largest = Math.Max(largest, sum.Largest);
                    total += sum.Total;
                }
            });
        return new RasterComparison(kept, changed, largest, total, a.BitDepth);
    }

    /// <summary>A grayscale picture of the largest difference of each pixel's channels, inside and outside any mask.</summary>
    /// <param name="before">The original.</param>
    /// <param name="after">The other, of the same size.</param>
    /// <param name="gain">The factor that makes small differences visible; at least 1.</param>
    public static Raster DifferencePicture(Raster before, Raster after, int gain = 1)
    {
        (Raster a, Raster b) = ToCommonLayout(before, after, mask: null);
        var picture = new Raster(a.Width, a.Height, 1);
        Parallel.For(0, a.Height, y =>
        {
            Span<byte> row = picture.Row(y);
            for (int x = 0; x < row.Length; x++)
            {
                int difference = Difference(a, b, x, y);
                long visible = (long)gain * (a.BitDepth == 16 ? RasterLayout.To8Bit(difference) : difference);
                row[x] = (byte)Math.Min(255, visible);
            }
        });
        return picture;
    }

    private static (Raster Before, Raster After) ToCommonLayout(Raster before, Raster after, Mask? mask)
    {
        bool sameSize = before.Width == after.Width && before.Height == after.Height;
        if (!sameSize || (mask is not null && (mask.Width != before.Width || mask.Height != before.Height)))
        {
            throw new ArgumentException("Pictures and mask must have the same size.", nameof(after));
        }

        bool hasAlpha = before.HasAlpha || after.HasAlpha;
        int channels = Math.Max(before.ColorChannels, after.ColorChannels) + (hasAlpha ? 1 : 0);
        int bitDepth = Math.Max(before.BitDepth, after.BitDepth);
        return (RasterLayout.Convert(before, channels, bitDepth), RasterLayout.Convert(after, channels, bitDepth));
    }

    private static int Difference(Raster a, Raster b, int x, int y)
    {
        int largest = 0;
        int at = ((y * a.Width) + x) * a.Channels;
        for (int c = at; c < at + a.Channels; c++)
        {
            int difference = a.BitDepth == 16 ? a.AsUInt16()[c] - b.AsUInt16()[c] : a.Data[c] - b.Data[c];
            largest = Math.Max(largest, Math.Abs(difference));
        }

        return largest;
    }
}
