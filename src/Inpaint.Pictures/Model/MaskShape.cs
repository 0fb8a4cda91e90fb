using System.Globalization;

namespace Inpaint;

/// <summary>A shape to repaint, in pixels or percent of the picture; 0, 0 is the upper left corner. Shapes are clipped to the picture.</summary>
public abstract record MaskShape
{
    private protected MaskShape()
    {
    }

    /// <summary>Parses rectangles.</summary>
    /// <param name="texts">
    /// Each <c>x,y,width,height</c>, in whole pixels or in percent of the picture (<c>10%,20%,30%,30%</c>), or <c>BottomRight,width,height</c>, with any corner, side or <c>Center</c>. The parts of a
    /// rectangle may also be separate texts.
    /// </param>
    /// <returns>The rectangles.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a text is not a rectangle.</exception>
    public static IReadOnlyList<MaskShape> ParseRectangles(IReadOnlyList<string> texts) => [.. ShapeBox.ParseAll("rectangle", texts).Select(box => new RectangleShape(box))];

    /// <summary>Parses ellipses, each given by its bounding rectangle.</summary>
    /// <param name="texts">As for <see cref="ParseRectangles"/>.</param>
    /// <returns>The ellipses.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a text is not a rectangle.</exception>
    public static IReadOnlyList<MaskShape> ParseEllipses(IReadOnlyList<string> texts) => [.. ShapeBox.ParseAll("ellipse", texts).Select(box => new EllipseShape(box))];

    /// <summary>Parses polygons, each closed from its last corner to its first; where one overlaps itself, the even-odd rule applies.</summary>
    /// <param name="texts">
    /// Each at least three corners, <c>x1,y1 x2,y2 x3,y3</c>, where fractions of pixels are allowed; or each one number, which together form one polygon.
    /// </param>
    /// <returns>The polygons.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a text is not a polygon.</exception>
    public static IReadOnlyList<MaskShape> ParsePolygons(IReadOnlyList<string> texts)
    {
        texts = NotEmpty(texts);
        return texts.Count > 1 && texts.All(text => TryCoordinate(text, out _))
            ? [ParsePolygon(string.Join(' ', texts.Chunk(2).Select(corner => string.Join(',', corner))))]
            : [.. texts.Select(ParsePolygon)];
    }

    /// <summary>Leaves out empty texts, which come from empty cells of a table.</summary>
    private static string[] NotEmpty(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return [.. texts.Where(text => !string.IsNullOrWhiteSpace(text))];
    }

    private static PolygonShape ParsePolygon(string text)
    {
        // White space beside a comma does not separate corners.
        string[] corners = string.Join(',', text.Split(',', StringSplitOptions.TrimEntries)).Split([' ', '\t', '\n', '\r', ';'], StringSplitOptions.RemoveEmptyEntries);
        var points = new List<(double X, double Y)>();
        foreach (string corner in corners)
        {
            string[] parts = corner.Split(',');
            if (parts.Length != 2 || !TryCoordinate(parts[0], out double x) || !TryCoordinate(parts[1], out double y))
            {
                throw InvalidPolygon(text, $"'{corner}' is not a corner");
            }

            points.Add((x, y));
        }

        return points.Count >= 3 ? new PolygonShape(points) : throw InvalidPolygon(text, $"it has {points.Count} of at least 3 corners");
    }

    private static bool TryCoordinate(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && Math.Abs(value) <= ShapeBox.MaxCoordinate;

    private static InpaintException InvalidPolygon(string text, string reason) =>
        new(InpaintErrorId.InvalidParameter, $"'{text}' is not a polygon: {reason}. It needs corners in pixels, such as 'x1,y1 x2,y2 x3,y3', none beyond {ShapeBox.MaxCoordinate}.") { Parameter = "Polygon" };

    internal sealed record RectangleShape(ShapeBox Box) : MaskShape;

    internal sealed record EllipseShape(ShapeBox Bounds) : MaskShape;

    internal sealed record PolygonShape(IReadOnlyList<(double X, double Y)> Corners) : MaskShape;
}

/// <summary>A point on the object to be masked, in pixels of the picture as a viewer shows it.</summary>
/// <param name="X">Column, from 0.</param>
/// <param name="Y">Row, from 0.</param>
public sealed record MaskPoint(int X, int Y)
{
    /// <summary>Parses points.</summary>
    /// <param name="texts">Each <c>x,y</c>, or each one number, of which two in a row make a point.</param>
    /// <param name="parameter">The property that they are for, which an error names.</param>
    /// <returns>The points.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a text is not a point.</exception>
    public static IReadOnlyList<MaskPoint> ParseAll(IReadOnlyList<string> texts, string parameter = nameof(InpaintRequest.Points))
    {
        string[] given = [.. (texts ?? []).Where(text => !string.IsNullOrWhiteSpace(text))];
        bool isLoose = given.All(text => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _));
        return [.. (isLoose ? given.Chunk(2).Select(pair => string.Join(',', pair)) : given).Select(text => Parse(text, parameter))];
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{X},{Y}");

    private static MaskPoint Parse(string text, string parameter)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int x)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int y)
                ? new MaskPoint(x, y)
                : throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{text}' is not a point: it needs x,y in whole pixels of the picture, such as '120,80'.") { Parameter = parameter, Subject = text };
    }
}

/// <summary>A rectangle around the object to be masked, in pixels of the picture as a viewer shows it.</summary>
/// <param name="X">Leftmost column.</param>
/// <param name="Y">Topmost row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public sealed record MaskBox(int X, int Y, int Width, int Height)
{
    /// <summary>Parses boxes.</summary>
    /// <param name="texts">Each <c>x,y,width,height</c>, or each one number, of which four in a row make a box.</param>
    /// <returns>The boxes.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a text is not a box.</exception>
    public static IReadOnlyList<MaskBox> ParseAll(IReadOnlyList<string> texts) => [.. ShapeBox.ParseAll("box", texts ?? []).Select(InPixels)];

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{X},{Y},{Width},{Height}");

    private static MaskBox InPixels(ShapeBox box) => box.InPixels() is { } pixels
        ? new MaskBox(pixels.X, pixels.Y, pixels.Width, pixels.Height)
        : throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{box}' is not a valid box: it needs x,y,width,height in whole pixels of the picture, such as '8,8,32,16'.") { Parameter = "Boxes" };
}
