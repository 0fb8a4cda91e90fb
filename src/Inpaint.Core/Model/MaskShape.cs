using System.Globalization;

namespace Inpaint;

/// <summary>A shape to repaint, in pixels of the picture; 0, 0 is the upper left corner. Shapes are clipped to the picture.</summary>
public abstract record MaskShape
{
    /// <summary>The largest absolute coordinate or edge.</summary>
    private const int MaxCoordinate = 1_000_000;

    private protected MaskShape()
    {
    }

    /// <summary>Parses rectangles.</summary>
    /// <param name="texts">Each <c>x,y,width,height</c>; or each one number, of which four in a row make a rectangle.</param>
    /// <returns>The rectangles.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a text is not a rectangle.</exception>
    public static IReadOnlyList<MaskShape> ParseRectangles(IReadOnlyList<string> texts) => [.. ParseBoxes("rectangle", texts).Select(box => new RectangleShape(box))];

    /// <summary>Parses ellipses, each given by its bounding rectangle.</summary>
    /// <param name="texts">As for <see cref="ParseRectangles"/>.</param>
    /// <returns>The ellipses.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a text is not a rectangle.</exception>
    public static IReadOnlyList<MaskShape> ParseEllipses(IReadOnlyList<string> texts) => [.. ParseBoxes("ellipse", texts).Select(box => new EllipseShape(box))];

    /// <summary>Parses polygons, each closed from its last corner to its first; where one overlaps itself, the even-odd rule applies.</summary>
    /// <param name="texts">
    /// Each at least three corners, <c>x1,y1 x2,y2 x3,y3</c>, with fractions of pixels allowed; or each one number, which together are the corners of one polygon.
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

    /// <summary>Leaves out empty texts, which are empty cells of a table.</summary>
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

    internal static IEnumerable<PixelRect> ParseBoxes(string kind, IReadOnlyList<string> texts)
    {
        texts = NotEmpty(texts);
        bool areNumbers = texts.All(t => int.TryParse(t, NumberStyles.Integer, CultureInfo.InvariantCulture, out _));
        return areNumbers
            ? texts.Chunk(4).Select(four => ParseBox(kind, string.Join(',', four)))
            : texts.Select(text => ParseBox(kind, text));
    }

    private static PixelRect ParseBox(string kind, string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        int[] numbers = new int[4];
        bool isBox = parts.Length == 4;
        for (int i = 0; i < 4 && isBox; i++)
        {
            isBox = int.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i]) && numbers[i] is >= -MaxCoordinate and <= MaxCoordinate;
        }

        return isBox && numbers[2] > 0 && numbers[3] > 0
            ? new PixelRect(numbers[0], numbers[1], numbers[2], numbers[3])
            : throw new InpaintException(
                InpaintErrorId.InvalidParameter,
                $"'{text}' is not a valid {kind}: it needs x,y,width,height in whole pixels, such as '8,8,32,16', the latter two at least 1 and none beyond {MaxCoordinate}.")
            { Parameter = kind switch { "box" => "Boxes", "ellipse" => "Ellipse", _ => "Rectangle" } };
    }

    private static bool TryCoordinate(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && Math.Abs(value) <= MaxCoordinate;

    private static InpaintException InvalidPolygon(string text, string reason) =>
        new(InpaintErrorId.InvalidParameter, $"'{text}' is not a polygon: {reason}. It needs corners in pixels, such as 'x1,y1 x2,y2 x3,y3', none beyond {MaxCoordinate}.") { Parameter = "Polygon" };

    internal sealed record RectangleShape(PixelRect Box) : MaskShape;

    internal sealed record EllipseShape(PixelRect Bounds) : MaskShape;

    internal sealed record PolygonShape(IReadOnlyList<(double X, double Y)> Corners) : MaskShape;
}

/// <summary>A point on the thing that a mask is to mark, in pixels of the picture as a viewer shows it.</summary>
/// <param name="X">Column, from 0.</param>
/// <param name="Y">Row, from 0.</param>
public sealed record MaskPoint(int X, int Y)
{
    /// <summary>Reads points.</summary>
    /// <param name="texts">Each <c>x,y</c>, or one number each, two in a row, as PowerShell makes of <c>120,80</c> without quotes.</param>
    /// <returns>The points.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a text is no point.</exception>
    public static IReadOnlyList<MaskPoint> ParseAll(IReadOnlyList<string> texts)
    {
        string[] given = [.. (texts ?? []).Where(text => !string.IsNullOrWhiteSpace(text))];
        bool isLoose = given.All(text => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _));
        return [.. (isLoose ? given.Chunk(2).Select(pair => string.Join(',', pair)) : given).Select(Parse)];
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{X},{Y}");

    private static MaskPoint Parse(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int x)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int y)
                ? new MaskPoint(x, y)
                : throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{text}' is no point: x,y is needed in whole pixels of the picture, such as '120,80'.") { Parameter = "Points", Subject = text };
    }
}

/// <summary>A rectangle around the thing that a mask is to mark, in pixels of the picture as a viewer shows it.</summary>
/// <param name="X">Leftmost column.</param>
/// <param name="Y">Topmost row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public sealed record MaskBox(int X, int Y, int Width, int Height)
{
    /// <summary>Reads boxes.</summary>
    /// <param name="texts">Each <c>x,y,width,height</c>, or one number each, four in a row.</param>
    /// <returns>The boxes.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a text is no box.</exception>
    public static IReadOnlyList<MaskBox> ParseAll(IReadOnlyList<string> texts) =>
        [.. MaskShape.ParseBoxes("box", texts ?? []).Select(box => new MaskBox(box.X, box.Y, box.Width, box.Height))];

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{X},{Y},{Width},{Height}");
}
