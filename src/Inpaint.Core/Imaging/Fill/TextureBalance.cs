using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Fill;

/// <summary>
/// Keeps the hole as rough as what surrounds it. A mean of patches is smoother than each of them, and the smooth patches of the known picture then fit it better than the
/// rough ones do: every round would lose a little texture. So the texture that is looked for is raised to what pixels of the same colours have around the hole.
/// </summary>
/// <remarks>
/// Of the same colours, since a meadow beside a dress says nothing about the dress; and of the medians, since an edge beside a sky says nothing about the sky. All pixels
/// are raised in proportion, so that what is smooth in the hole, by what the patches say, stays the smoother part of it.
/// </remarks>
internal static class TextureBalance
{
    private const int Texture = 24;
    private const uint Colours = (1u << Texture) - 1;

    // A median of so many tells enough.
    private const int SurroundingSamples = 256;
    private const int HoleSamples = 256;

    // The square of the distance between colours, as the sum of three lanes' squares, at which a pixel's word counts for an eighth.
    private const double Alike = 20 * 20;

    // Of one round. More at once makes patches fit that are only rough: speckles.
    private const double LargestRaise = 1.25;

    /// <summary>Takes known pixels from around the hole, within half the hole's depth.</summary>
    /// <returns>Evenly chosen pixels, at most <see cref="SurroundingSamples"/>.</returns>
    public static uint[] SampleSurroundings(FillLevel level)
    {
        int reach = Math.Max(2, level.MaximumDepth / 2);
        bool[] isNear = new bool[level.Pixels.Length];
        foreach (int index in level.HolePixels)
        {
            if (level.Depth[index] != 1)
            {
                continue;
            }

            int left = Math.Max(0, level.XOf(index) - reach);
            int right = Math.Min(level.Width - 1, level.XOf(index) + reach);
            for (int y = Math.Max(0, level.YOf(index) - reach); y <= Math.Min(level.Height - 1, level.YOf(index) + reach); y++)
            {
                isNear.AsSpan(level.IndexOf(left, y), right - left + 1).Fill(true);
            }
        }

        List<uint> known = [];
        for (int index = 0; index < isNear.Length; index++)
        {
            if (isNear[index] && level.Hole[index] == 0)
            {
                known.Add(level.Pixels[index]);
            }
        }

        return Sample(known.Count, SurroundingSamples, position => known[position]);
    }

    /// <summary>Raises the texture lane of the hole's pixels to what the surroundings have, where it has fallen below. Does nothing at a level whose lane is not texture.</summary>
    public static void Restore(FillLevel level)
    {
        if (level.Surroundings is not { Length: > 0 } surroundings)
        {
            return;
        }

        uint[] hole = Sample(level.HolePixels.Length, HoleSamples, position => level.Pixels[level.HolePixels[position]]);
        double has = Median([.. hole.Select(pixel => (double)(pixel >> Texture))]);
        double wants = Median([.. hole.Select(pixel => Expected(pixel, surroundings))]);
        if (has < 1 || wants <= has)
        {
            return;
        }

        double raise = Math.Min(wants / has, LargestRaise);
        foreach (int index in level.HolePixels)
        {
            uint pixel = level.Pixels[index];
            level.Pixels[index] = (pixel & Colours) | ((uint)Math.Min(255, ((pixel >> Texture) * raise) + 0.5) << Texture);
        }
    }

    // The mean texture of the surroundings, in which a pixel counts the more the more its colour is alike.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Expected(uint pixel, uint[] surroundings)
    {
        double sum = 0;
        double total = 0;
        foreach (uint other in surroundings)
        {
            int red = (int)(pixel & 255) - (int)(other & 255);
            int green = (int)((pixel >> 8) & 255) - (int)((other >> 8) & 255);
            int blue = (int)((pixel >> 16) & 255) - (int)((other >> 16) & 255);
            double likeness = Alike / (Alike + (red * red) + (green * green) + (blue * blue));
            double weight = likeness * likeness * likeness;
            sum += weight * (other >> Texture);
            total += weight;
        }

        return sum / total;
    }

    private static uint[] Sample(int count, int most, Func<int, uint> pixel)
    {
        uint[] sample = new uint[Math.Min(count, most)];
        for (int number = 0; number < sample.Length; number++)
        {
            sample[number] = pixel((int)((long)number * count / sample.Length));
        }

        return sample;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
