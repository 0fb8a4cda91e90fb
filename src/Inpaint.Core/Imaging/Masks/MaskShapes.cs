namespace Inpaint.Imaging.Masks;

/// <summary>Draws shapes into a mask. A pixel belongs to a shape when its centre does; shapes are clipped to the mask.</summary>
internal static class MaskShapes
{
    /// <summary>Adds a shape.</summary>
    public static void Add(Mask mask, MaskShape shape)
    {
        switch (shape)
        {
            case MaskShape.RectangleShape rectangle:
                AddRectangle(mask, rectangle.Box.In(mask.Width, mask.Height));
                break;
            case MaskShape.EllipseShape ellipse:
                AddEllipse(mask, ellipse.Bounds.In(mask.Width, mask.Height));
                break;
            case MaskShape.PolygonShape polygon:
                AddPolygon(mask, polygon.Corners);
                break;
            default:
                throw new ArgumentException($"A {shape.GetType().Name} cannot be drawn.", nameof(shape));
        }
    }

    /// <summary>Adds a rectangle.</summary>
    public static void AddRectangle(Mask mask, PixelRect rectangle)
    {
        PixelRect visible = rectangle.Intersect(new PixelRect(0, 0, mask.Width, mask.Height));
        for (int y = visible.Y; y < visible.Bottom && !visible.IsEmpty; y++)
        {
            mask.Row(y).Slice(visible.X, visible.Width).Fill(255);
        }
    }

    /// <summary>Adds the ellipse that touches the sides of a rectangle.</summary>
    public static void AddEllipse(Mask mask, PixelRect bounds)
    {
        double radiusX = bounds.Width / 2.0;
        double radiusY = bounds.Height / 2.0;
        double middleX = bounds.X + radiusX;
        double middleY = bounds.Y + radiusY;
        for (int y = Math.Max(0, bounds.Y); y < Math.Min(mask.Height, bounds.Bottom); y++)
        {
            double down = (y + 0.5 - middleY) / radiusY;
            double half = radiusX * Math.Sqrt(Math.Max(0, 1 - (down * down)));
            FillBetween(mask, y, middleX - half, middleX + half);
        }
    }

    /// <summary>Adds a polygon, closed from its last corner to its first; where it overlaps itself, the even-odd rule decides.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="corners">The corners in pixels, 0, 0 being the upper left corner of the upper left pixel; at least three.</param>
    public static void AddPolygon(Mask mask, IReadOnlyList<(double X, double Y)> corners)
    {
        if (corners.Count < 3 || corners.Any(c => !double.IsFinite(c.X) || !double.IsFinite(c.Y)))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"A polygon needs at least three corners with finite coordinates; {corners.Count} were given.") { Parameter = "Polygon" };
        }

        int top = (int)Math.Clamp(Math.Floor(corners.Min(c => c.Y)), 0, mask.Height);
        int bottom = (int)Math.Clamp(Math.Ceiling(corners.Max(c => c.Y)), 0, mask.Height);
        var crossings = new List<double>();
        for (int y = top; y < bottom; y++)
        {
            double middle = y + 0.5;
            crossings.Clear();
            for (int i = 0; i < corners.Count; i++)
            {
                (double fromX, double fromY) = corners[i];
                (double toX, double toY) = corners[(i + 1) % corners.Count];
                if ((fromY <= middle) != (toY <= middle))
                {
                    crossings.Add(fromX + ((middle - fromY) * (toX - fromX) / (toY - fromY)));
                }
            }

            crossings.Sort();
            for (int i = 0; i + 1 < crossings.Count; i += 2)
            {
                FillBetween(mask, y, crossings[i], crossings[i + 1]);
            }
        }
    }

    // Fills the pixels whose centres lie in [from, to).
    private static void FillBetween(Mask mask, int y, double from, double to)
    {
        int first = (int)Math.Clamp(Math.Ceiling(from - 0.5), 0, mask.Width);
        int end = (int)Math.Clamp(Math.Ceiling(to - 0.5), 0, mask.Width);
        if (end > first)
        {
            mask.Row(y)[first..end].Fill(255);
        }
    }
}
