namespace Inpaint.Imaging.Masks;

/// <summary>Makes masks by selecting pixels of a picture. Pixels of an alpha below 128 are transparent and have no colour.</summary>
internal static class MaskSelection
{
    /// <summary>Repaints every pixel whose colour is close enough.</summary>
    /// <param name="raster">The picture.</param>
    /// <param name="color">The colour.</param>
    /// <param name="tolerance">The largest difference of each channel, 0 (exactly that colour) to 255 (any).</param>
    public static Mask FromColor(Raster raster, PixelColor color, int tolerance)
    {
        Raster rgba = RasterLayout.Convert(raster, 4, 8);
        var mask = new Mask(raster.Width, raster.Height);
        for (int i = 0; i < mask.Coverage.Length; i++)
        {
            mask.Coverage[i] = IsNear(rgba, i, color, tolerance) ? (byte)255 : (byte)0;
        }

        return mask;
    }

    /// <summary>Repaints what is transparent.</summary>
    /// <exception cref="InpaintException">InvalidParameter: the picture has no alpha.</exception>
    public static Mask FromAlpha(Raster raster, string name) => raster.HasAlpha
        ? MaskReader.FromRaster(raster, name, MaskMode.Alpha)
        : throw MaskFactory.Invalid($"{name} has no transparency for FromAlpha to select.", "FromAlpha");

    /// <summary>Adds the area connected to a point, over sides and not over corners, that has about its colour; for a transparent point, the connected transparent area.</summary>
    /// <param name="mask">The mask, of the picture's size.</param>
    /// <param name="raster">The picture.</param>
    /// <param name="point">The point.</param>
    /// <param name="tolerance">The largest difference of each channel from the colour at the point, 0 to 255.</param>
    /// <param name="name">The picture's name, for messages.</param>
    /// <exception cref="InpaintException">InvalidParameter: the point lies outside the picture.</exception>
    public static void AddConnected(Mask mask, Raster raster, MaskPoint point, int tolerance, string name)
    {
        (int width, int height) = (raster.Width, raster.Height);
        if (point.X >= width || point.Y >= height)
        {
            throw MaskFactory.Invalid($"The point {point} lies outside {name}, which is {width}x{height}.", "From");
        }

        Raster rgba = RasterLayout.Convert(raster, 4, 8);
        int start = (point.Y * width) + point.X;
        PixelColor? color = ColorAt(rgba, start);
        bool[] isDone = new bool[width * height];
        Stack<int> open = new([start]);

        bool Joins(int index) => !isDone[index] && (color is { } wanted ? IsNear(rgba, index, wanted, tolerance) : ColorAt(rgba, index) is null);

        while (open.TryPop(out int index))
        {
            if (!Joins(index))
            {
                continue;
            }

            // Fills a whole run of the row at once, so that the stack has one entry for each run above and below.
            int row = index / width * width;
            int first = index;
            while (first > row && Joins(first - 1))
            {
                first--;
            }

            int end = index + 1;
            while (end < row + width && Joins(end))
            {
                end++;
            }

            isDone.AsSpan(first, end - first).Fill(true);
            mask.Coverage.AsSpan(first, end - first).Fill(255);
            foreach (int neighbour in new[] { -width, width })
            {
                for (int at = first; at < end && row + neighbour >= 0 && row + neighbour < isDone.Length; at++)
                {
                    if (Joins(at + neighbour) && (at == first || !Joins(at + neighbour - 1)))
                    {
                        open.Push(at + neighbour);
                    }
                }
            }
        }
    }

    private static PixelColor? ColorAt(Raster rgba, int index)
    {
        ReadOnlySpan<byte> pixel = rgba.Data.AsSpan(4 * index, 4);
        return pixel[3] >= 128 ? new PixelColor(pixel[0], pixel[1], pixel[2]) : null;
    }

    private static bool IsNear(Raster rgba, int index, PixelColor color, int tolerance) =>
        ColorAt(rgba, index) is { } own && Math.Abs(own.Red - color.Red) <= tolerance && Math.Abs(own.Green - color.Green) <= tolerance && Math.Abs(own.Blue - color.Blue) <= tolerance;
}
