namespace Inpaint.Imaging.Masks;

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
