namespace Inpaint.Imaging.Masks;

/// <summary>Softens the edges of masks. Every operation returns a new mask of the same size.</summary>
internal static class MaskFeather
{
    /// <summary>Softens the edges inwards and outwards: three box blurs, which together are nearly a Gaussian of half the radius as its standard deviation.</summary>
    /// <param name="radius">How far the softening reaches, in pixels, 0 to <see cref="MaskMorphology.MaxRadius"/>.</param>
    public static Mask Apply(Mask mask, int radius)
    {
        MaskMorphology.EnsureInRange(radius, nameof(MaskRecipe.Feather));
        byte[] coverage = [.. mask.Coverage];

        // The reach of the three boxes adds up to the radius.
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
    /// <param name="depth">How many pixels the rise takes, 0 (a hard edge) to <see cref="MaskMorphology.MaxRadius"/>.</param>
    public static Mask ApplyInward(Mask mask, int depth)
    {
        MaskMorphology.EnsureInRange(depth, nameof(MaskRecipe.Feather));
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
}

/// <summary>Replaces each pixel by the mean of a square around it, in time that does not depend on the square's size. Pixels beyond the border repeat the border's.</summary>
internal static class BoxBlur
{
    /// <summary>Blurs one plane of 8-bit samples.</summary>
    /// <param name="plane">The samples.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="radius">The square's side is twice this, plus 1.</param>
    public static byte[] Apply(byte[] plane, int width, int height, int radius)
    {
        if (radius == 0)
        {
            return plane;
        }

        byte[] across = new byte[plane.Length];
        Parallel.For(0, height, y => Line(plane, across, y * width, 1, width, radius));
        byte[] both = new byte[plane.Length];
        Parallel.For(0, width, x => Line(across, both, x, width, height, radius));
        return both;
    }

    private static void Line(byte[] from, byte[] to, int start, int step, int length, int radius)
    {
        int size = (2 * radius) + 1;
        long sum = 0;
        for (int i = -radius; i <= radius; i++)
        {
            sum += from[start + (Math.Clamp(i, 0, length - 1) * step)];
        }

        for (int i = 0; i < length; i++)
        {
            to[start + (i * step)] = (byte)((sum + radius) / size);
            int leaving = Math.Max(0, i - radius);
            int coming = Math.Min(length - 1, i + radius + 1);
            sum += from[start + (coming * step)] - from[start + (leaving * step)];
        }
    }
}
