using System.Runtime.Intrinsics;

namespace Inpaint.Imaging.Fill;

/// <summary>
/// Fills a hole with a smooth transition between the colours at its edge, for pictures whose known part contains no complete patch to copy.
/// </summary>
internal static class Diffusion
{
    private const int SmoothingPasses = 4;

    /// <summary>Computes premultiplied samples for every pixel of the window, row by row; known pixels keep theirs.</summary>
    public static Vector128<float>[] Fill(Raster picture, FillWindow window, FillLevel level, CancellationToken cancellationToken)
    {
        float range = picture.BitDepth == 16 ? 65535 : 255;
        Vector128<float>[] values = new Vector128<float>[window.Width * window.Height];
        bool[] known = new bool[values.Length];
        for (int y = 0; y < window.Height; y++)
        {
            for (int x = 0; x < window.Width; x++)
            {
                int position = (y * window.Width) + x;
                known[position] = level.Hole[level.IndexOf(x, y)] == 0;
                if (known[position])
                {
                    values[position] = PremultipliedSamples.Read(picture, window.Left + x, window.Top + y, range);
                }
            }
        }

        Complete(values, known, window.Width, window.Height, cancellationToken);
        return values;
    }

    /// <summary>Sets the unknown values, from a picture of half the size that is completed the same way and then smoothed at this size.</summary>
    public static void Complete(Vector128<float>[] values, bool[] known, int width, int height, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Array.TrueForAll(known, one => one) || (width == 1 && height == 1))
        {
            return;
        }

        int halfWidth = (width + 1) / 2;
        int halfHeight = (height + 1) / 2;
        Vector128<float>[] half = new Vector128<float>[halfWidth * halfHeight];
        int[] counts = new int[half.Length];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                if (known[(y * width) + x])
                {
                    int parent = (y / 2 * halfWidth) + (x / 2);
                    half[parent] += values[(y * width) + x];
                    counts[parent]++;
                }
            }
        }

        for (int parent = 0; parent < half.Length; parent++)
        {
            half[parent] /= Math.Max(1, counts[parent]);
        }

        Complete(half, Array.ConvertAll(counts, count => count > 0), halfWidth, halfHeight, cancellationToken);
        List<int> unknown = [];
        for (int position = 0; position < known.Length; position++)
        {
            if (!known[position])
            {
                values[position] = half[(position / width / 2 * halfWidth) + (position % width / 2)];
                unknown.Add(position);
            }
        }

        for (int pass = 0; pass < SmoothingPasses; pass++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (int position in unknown)
            {
                values[position] = MeanOfNeighbours(values, position, width, height);
            }
        }
    }

    private static Vector128<float> MeanOfNeighbours(Vector128<float>[] values, int position, int width, int height)
    {
        int x = position % width;
        int y = position / width;
        Vector128<float> left = values[x > 0 ? position - 1 : position];
        Vector128<float> right = values[x + 1 < width ? position + 1 : position];
        Vector128<float> above = values[y > 0 ? position - width : position];
        Vector128<float> below = values[y + 1 < height ? position + width : position];
        return (left + right + above + below) * 0.25f;
    }
}

/// <summary>The coarse colours of the picture, continued smoothly through the hole: an expectation before its structure is known.</summary>
internal static class ToneMap
{
    /// <summary>Takes the colours from the coarsest level, before it is filled.</summary>
    /// <returns>A colour for each index of <paramref name="level"/>.</returns>
    public static uint[] Create(FillLevel coarsest, FillLevel level)
    {
        Vector128<float>[] values = new Vector128<float>[coarsest.Width * coarsest.Height];
        bool[] known = new bool[values.Length];
        for (int position = 0; position < values.Length; position++)
        {
            int index = coarsest.IndexOf(position % coarsest.Width, position / coarsest.Width);
            uint pixel = coarsest.Pixels[index];
            known[position] = coarsest.Hole[index] == 0;
            values[position] = Vector128.Create((float)(pixel & 255), (pixel >> 8) & 255, (pixel >> 16) & 255, pixel >> 24);
        }

        Diffusion.Complete(values, known, coarsest.Width, coarsest.Height, CancellationToken.None);
        uint[] tone = new uint[level.Pixels.Length];
        for (int y = 0; y < level.Height; y++)
        {
            for (int x = 0; x < level.Width; x++)
            {
                Vector128<float> value = values[(y * coarsest.Height / level.Height * coarsest.Width) + (x * coarsest.Width / level.Width)];
                tone[level.IndexOf(x, y)] = (uint)value[0] | ((uint)value[1] << 8) | ((uint)value[2] << 16) | ((uint)value[3] << 24);
            }
        }

        return tone;
    }
}
