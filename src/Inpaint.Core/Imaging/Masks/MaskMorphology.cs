namespace Inpaint.Imaging.Masks;

/// <summary>Changes a mask as a whole. Every operation returns a new mask of the same size.</summary>
internal static class MaskMorphology
{
    /// <summary>The largest radius, in pixels.</summary>
    public const int MaxRadius = 10000;

    /// <summary>Swaps what is repainted and what is kept.</summary>
    public static Mask Invert(Mask mask) => new(mask.Width, mask.Height, [.. mask.Coverage.Select(c => (byte)(255 - c))]) { WasBinary = mask.WasBinary };

    /// <summary>Adds every pixel within a distance of what is repainted. Soft edges become hard ones.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="radius">The distance in pixels, 0 to <see cref="MaxRadius"/>.</param>
    public static Mask Grow(Mask mask, int radius)
    {
        CheckRadius(radius);
        int[] distances = DistanceField.Squared(mask, toCovered: true, radius);
        return new Mask(mask.Width, mask.Height, [.. distances.Select(d => d == DistanceField.Unreachable ? (byte)0 : (byte)255)]);
    }

    /// <summary>Takes away every pixel within a distance of what is kept. The picture's border does not count as kept, so that nothing is taken away there. Soft edges become hard ones.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="radius">The distance in pixels, 0 to <see cref="MaxRadius"/>.</param>
    public static Mask Shrink(Mask mask, int radius)
    {
        CheckRadius(radius);
        int[] distances = DistanceField.Squared(mask, toCovered: false, radius);
        return new Mask(mask.Width, mask.Height, [.. distances.Select(d => d == DistanceField.Unreachable ? (byte)255 : (byte)0)]);
    }

    /// <summary>Softens the edges inwards and outwards: three box blurs, which together are nearly a Gaussian of half the radius as its standard deviation.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="radius">How far the softening reaches, in pixels, 0 to <see cref="MaxRadius"/>.</param>
    public static Mask Feather(Mask mask, int radius)
    {
        CheckRadius(radius);
        byte[] coverage = [.. mask.Coverage];

        // Together the three boxes reach as far as the radius says.
        for (int pass = 0; pass < 3; pass++)
        {
            int box = (radius + pass) / 3;
            coverage = BoxBlur.Apply(coverage, mask.Width, mask.Height, box);
        }

        return new Mask(mask.Width, mask.Height, coverage);
    }

    /// <summary>
    /// Softens the edges inwards only, for blending: what was kept stays kept to the last pixel, and from there the coverage rises smoothly to full at the given depth.
    /// </summary>
    /// <param name="mask">The mask.</param>
    /// <param name="depth">How many pixels the rise takes, 0 (a hard edge) to <see cref="MaxRadius"/>.</param>
    public static Mask FeatherInward(Mask mask, int depth)
    {
        CheckRadius(depth);
        if (depth == 0)
        {
            return mask;
        }

        int[] distances = DistanceField.Squared(mask, toCovered: false, depth);
        byte[] coverage = new byte[distances.Length];
        for (int i = 0; i < coverage.Length; i++)
        {
            int squared = distances[i];
            if (squared == DistanceField.Unreachable)
            {
                coverage[i] = 255;
            }
            else if (squared > 0)
            {
                double t = Math.Min(1, Math.Sqrt(squared) / (depth + 1));
                coverage[i] = (byte)Math.Round(255 * t * t * (3 - (2 * t)));
            }
        }

        return new Mask(mask.Width, mask.Height, coverage);
    }

    private static void CheckRadius(int radius)
    {
        if (radius is < 0 or > MaxRadius)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"{radius} is not a radius for a mask: it takes 0 to {MaxRadius} pixels.");
        }
    }
}
