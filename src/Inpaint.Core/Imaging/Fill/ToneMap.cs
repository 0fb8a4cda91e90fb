using System.Runtime.Intrinsics;

namespace Inpaint.Imaging.Fill;

/// <summary>The picture's broad colours, continued smoothly through the hole: what to expect there before anything is known of its structure.</summary>
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
