namespace Inpaint.SamplePictures;

/// <summary>Repeatable noise: the same place always has the same value, on every machine.</summary>
internal static class Noise
{
    /// <summary>A value for a lattice point.</summary>
    /// <returns>0 to 1.</returns>
    public static double At(int x, int y, int seed)
    {
        uint h = unchecked((uint)x * 0x9E3779B1u ^ (uint)y * 0x85EBCA77u ^ (uint)seed * 0xC2B2AE3Du);
        h ^= h >> 15;
        h = unchecked(h * 0x2C1B3C6Du);
        h ^= h >> 12;
        h = unchecked(h * 0x297A2D39u);
        h ^= h >> 15;
        return h / (double)uint.MaxValue;
    }

    /// <summary>Smooth noise of several octaves.</summary>
    /// <returns>0 to 1.</returns>
    public static double Smooth(double x, double y, int octaves, int seed)
    {
        double sum = 0;
        double weight = 0.5;
        double total = 0;
        for (int octave = 0; octave < octaves; octave++)
        {
            sum += weight * Interpolated(x, y, seed + octave);
            total += weight;
            weight /= 2;
            x *= 2;
            y *= 2;
        }

        return sum / total;
    }

    private static double Interpolated(double x, double y, int seed)
    {
        int left = (int)Math.Floor(x);
        int top = (int)Math.Floor(y);
        double u = Ease(x - left);
        double v = Ease(y - top);
        double upper = Blend(At(left, top, seed), At(left + 1, top, seed), u);
        double lower = Blend(At(left, top + 1, seed), At(left + 1, top + 1, seed), u);
        return Blend(upper, lower, v);
    }

    private static double Ease(double t) => t * t * (3 - 2 * t);

    private static double Blend(double a, double b, double t) => a + (b - a) * t;
}
