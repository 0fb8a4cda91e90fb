namespace Inpaint.Imaging.Masks;

/// <summary>Inverts, grows and shrinks masks. Every operation returns a new mask of the same size.</summary>
internal static class MaskMorphology
{
    /// <summary>The largest radius, in pixels.</summary>
    public const int MaxRadius = 10000;

    /// <summary>Swaps what is repainted and what is kept.</summary>
    public static Mask Invert(Mask mask) => new(mask.Width, mask.Height, [.. mask.Coverage.Select(c => (byte)(255 - c))]) { WasBinary = mask.WasBinary };

    /// <summary>Grows the repainted area by a distance. Soft edges become hard ones.</summary>
    /// <param name="radius">The distance in pixels, 0 to <see cref="MaxRadius"/>.</param>
    public static Mask Grow(Mask mask, int radius)
    {
        EnsureInRange(radius, nameof(MaskRecipe.Grow));
        int[] distances = DistanceField.Squared(mask, toCovered: true, radius);
        return new Mask(mask.Width, mask.Height, [.. distances.Select(d => d == DistanceField.Unreachable ? (byte)0 : (byte)255)]);
    }

    /// <summary>Shrinks the repainted area by a distance. The picture's border does not count as kept, so the area does not shrink there. Soft edges become hard ones.</summary>
    /// <param name="radius">The distance in pixels, 0 to <see cref="MaxRadius"/>.</param>
    public static Mask Shrink(Mask mask, int radius)
    {
        EnsureInRange(radius, nameof(MaskRecipe.Shrink));
        int[] distances = DistanceField.Squared(mask, toCovered: false, radius);
        return new Mask(mask.Width, mask.Height, [.. distances.Select(d => d == DistanceField.Unreachable ? (byte)255 : (byte)0)]);
    }

    /// <summary>Refuses a radius that is out of range.</summary>
    /// <exception cref="InpaintException">InvalidParameter.</exception>
    public static void EnsureInRange(int radius, string parameter)
    {
        if (radius is < 0 or > MaxRadius)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"{parameter} {radius} is out of range: it takes 0 to {MaxRadius} pixels.") { Parameter = parameter };
        }
    }
}

/// <summary>Exact Euclidean distances on the pixel grid, in time proportional to the pixels (the lower envelope of parabolas, column by column and then row by row).</summary>
internal static class DistanceField
{
    /// <summary>Stands for "nothing within reach"; its square root is far beyond any picture's side.</summary>
    public const int Unreachable = int.MaxValue;

    /// <summary>For every pixel, the squared distance from its centre to that of the nearest pixel that is covered, or not covered, at most <paramref name="reach"/>.</summary>
    /// <param name="toCovered">Whether the distance is to pixels of a coverage of at least 128, or to those below.</param>
    /// <param name="reach">The largest distance of interest; what is farther is <see cref="Unreachable"/>.</param>
    public static int[] Squared(Mask mask, bool toCovered, int reach)
    {
        int width = mask.Width;
        int height = mask.Height;
        reach = Math.Min(reach, 46000);
        int[] field = new int[mask.Coverage.Length];
        Columns(mask, toCovered, reach, field);
        Parallel.For(
            0,
            height,
            () => (Vertical: new int[width], Vertices: new int[width], Starts: new int[width]),
            (y, _, room) =>
            {
                Row(field.AsSpan(y * width, width), room.Vertical, room.Vertices, room.Starts, reach);
                return room;
            },
            _ => { });
        return field;
    }

    // Distance within each column, not squared; reach + 1 stands for more.
    private static void Columns(Mask mask, bool toCovered, int reach, int[] field)
    {
        int width = mask.Width;
        const int Stripe = 1024;
        Parallel.For(0, (width + Stripe - 1) / Stripe, stripe =>
        {
            int from = stripe * Stripe;
            int to = Math.Min(width, from + Stripe);
            for (int y = 0; y < mask.Height; y++)
            {
                ReadOnlySpan<byte> coverage = mask.Row(y);
                for (int x = from; x < to; x++)
                {
                    int at = (y * width) + x;
                    int above = y > 0 ? field[at - width] : reach + 1;
                    field[at] = (coverage[x] >= 128) == toCovered ? 0 : Math.Min(above + 1, reach + 1);
                }
            }

            for (int y = mask.Height - 2; y >= 0; y--)
            {
                for (int x = from; x < to; x++)
                {
                    int at = (y * width) + x;
                    field[at] = Math.Min(field[at], field[at + width] + 1);
                }
            }
        });
    }

    // The squared distance along a row is the lowest of the parabolas (x - i)^2 + vertical(i)^2. Those that are lowest somewhere are kept as a stack with where they begin to be.
    private static void Row(Span<int> row, int[] vertical, int[] vertices, int[] starts, int reach)
    {
        row.CopyTo(vertical);
        int top = -1;
        for (int i = 0; i < row.Length; i++)
        {
            if (vertical[i] > reach)
            {
                continue;
            }

            int start = 0;
            while (top >= 0)
            {
                start = FirstBelow(vertices[top], i, vertical);
                if (start > starts[top])
                {
                    break;
                }

                top--;
                start = 0;
            }

            if (start < row.Length)
            {
                top++;
                vertices[top] = i;
                starts[top] = Math.Max(start, 0);
            }
        }

        if (top < 0)
        {
            row.Fill(Unreachable);
            return;
        }

        long farthest = (long)reach * reach;
        for (int x = row.Length - 1; x >= 0; x--)
        {
            while (top > 0 && x < starts[top])
            {
                top--;
            }

            int vertex = vertices[top];
            long squared = ((long)(x - vertex) * (x - vertex)) + ((long)vertical[vertex] * vertical[vertex]);
            row[x] = squared <= farthest ? (int)squared : Unreachable;
        }
    }

    // The first column at which the parabola of the right vertex lies below that of the left one.
    private static int FirstBelow(int left, int right, int[] vertical)
    {
        long constant = ((long)right * right) - ((long)left * left) + ((long)vertical[right] * vertical[right]) - ((long)vertical[left] * vertical[left]);
        long start = Math.DivRem(constant, 2L * (right - left), out long remainder) + (remainder >= 0 ? 1 : 0);
        return (int)Math.Clamp(start, int.MinValue, int.MaxValue);
    }
}
