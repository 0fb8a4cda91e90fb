using System.Numerics;
using System.Runtime.InteropServices;
using Inpaint.Imaging.Masks;

namespace Inpaint.Imaging;

/// <summary>Composites a repainted picture over the original through a mask.</summary>
internal static class Compositor
{
    /// <summary>
    /// Blends two pictures of one size. Where the mask is 0 the samples are the original's, bit for bit; where it is 255 they are the repainted picture's; in between the
    /// two are mixed in proportion, weighted by their alpha. The result has the original's bits and metadata, and its channels, with colour or alpha added if only the
    /// repainted picture has them.
    /// </summary>
    /// <param name="original">The picture that is kept outside the mask.</param>
    /// <param name="repainted">The picture that shows inside; already scaled to the original's size (see <see cref="Pictures.Resize"/>).</param>
    /// <param name="mask">The mask, usually with edges softened by <see cref="MaskFeather.ApplyInward"/>.</param>
    public static Raster Blend(Raster original, Raster repainted, Mask mask)
    {
        if (repainted.Width != original.Width || repainted.Height != original.Height || mask.Width != original.Width || mask.Height != original.Height)
        {
            throw new ArgumentException(
                $"Original ({original.Width}x{original.Height}), repainted picture ({repainted.Width}x{repainted.Height}) and mask ({mask.Width}x{mask.Height}) differ in size.",
                nameof(repainted));
        }

        int colors = Math.Max(original.ColorChannels, repainted.ColorChannels);
        int channels = colors + (original.HasAlpha || repainted.HasAlpha ? 1 : 0);
        Raster over = RasterLayout.Convert(repainted, channels, original.BitDepth);
        Raster under = RasterLayout.Convert(original, channels, original.BitDepth);
        var blended = new Raster(original.Width, original.Height, channels, original.BitDepth, [.. under.Data]) { Metadata = original.Metadata };
        Parallel.For(0, original.Height, y =>
        {
            if (original.BitDepth == 16)
            {
                BlendRow<ushort>(MemoryMarshal.Cast<byte, ushort>(over.Row(y)), blended.RowUInt16(y), mask.Row(y), channels, blended.HasAlpha, ushort.MaxValue);
            }
            else
            {
                BlendRow<byte>(over.Row(y), blended.Row(y), mask.Row(y), channels, blended.HasAlpha, byte.MaxValue);
            }
        });
        return blended;
    }

    private static void BlendRow<T>(ReadOnlySpan<T> over, Span<T> target, ReadOnlySpan<byte> coverage, int channels, bool hasAlpha, int white)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (int x = 0; x < coverage.Length; x++)
        {
            int weight = coverage[x];
            if (weight == 0)
            {
                continue;
            }

            ReadOnlySpan<T> top = over.Slice(x * channels, channels);
            Span<T> pixel = target.Slice(x * channels, channels);
            if (weight == 255)
            {
                top.CopyTo(pixel);
            }
            else if (hasAlpha)
            {
                BlendWithAlpha(top, pixel, weight, white);
            }
            else
            {
                for (int c = 0; c < channels; c++)
                {
                    int mixed = (int.CreateTruncating(top[c]) * weight) + (int.CreateTruncating(pixel[c]) * (255 - weight));
                    pixel[c] = T.CreateTruncating((mixed + 127) / 255);
                }
            }
        }
    }

    // Colours are weighted by their opacity, because the colour of a fully transparent pixel means nothing.
    private static void BlendWithAlpha<T>(ReadOnlySpan<T> top, Span<T> pixel, int weight, int white)
        where T : unmanaged, IBinaryInteger<T>
    {
        long above = long.CreateTruncating(top[^1]) * weight;
        long below = long.CreateTruncating(pixel[^1]) * (255 - weight);
        long total = above + below;
        for (int c = 0; c < pixel.Length - 1 && total > 0; c++)
        {
            long mixed = (long.CreateTruncating(top[c]) * above) + (long.CreateTruncating(pixel[c]) * below);
            pixel[c] = T.CreateTruncating(Math.Min(white, (mixed + (total / 2)) / total));
        }

        pixel[^1] = T.CreateTruncating((total + 127) / 255);
    }
}

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
