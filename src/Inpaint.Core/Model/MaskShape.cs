using System.Globalization;

namespace Inpaint;

/// <summary>A shape to be repainted, in pixels of the picture; 0, 0 is the upper left corner. What lies beyond the picture is cut off.</summary>
public abstract record MaskShape
{
    /// <summary>The largest coordinate or edge that is taken, up and down.</summary>
    private const int Limit = 1_000_000;

    private protected MaskShape()
    {
    }

    /// <summary>Reads rectangles.</summary>
    /// <param name="texts">Each <c>x,y,width,height</c>, or one number each, four in a row, as PowerShell makes of <c>8,8,32,16</c> without quotes.</param>
    /// <returns>The rectangles.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a text is no rectangle.</exception>
    public static IReadOnlyList<MaskShape> ParseRectangles(IReadOnlyList<string> texts) => [.. ReadBoxes("rectangle", texts).Select(box => new RectangleShape(box))];

    /// <summary>Reads ellipses, each by the rectangle whose sides it touches.</summary>
    /// <param name="texts">As <see cref="ParseRectangles"/> takes them.</param>
    /// <returns>The ellipses.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a text is no rectangle.</exception>
    public static IReadOnlyList<MaskShape> ParseEllipses(IReadOnlyList<string> texts) => [.. ReadBoxes("ellipse", texts).Select(box => new EllipseShape(box))];

    /// <summary>Reads polygons, each closed from its last corner to its first; where one overlaps itself, the even-odd rule decides.</summary>
    /// <param name="texts">Each at least three corners, <c>x1,y1 x2,y2 x3,y3</c>, where fractions of pixels are allowed; or one number each, which are the corners of one
    /// polygon, as PowerShell makes of <c>10,10,100,20,50,90</c> without quotes.</param>
    /// <returns>The polygons.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a text is no polygon.</exception>
    public static IReadOnlyList<MaskShape> ParsePolygons(IReadOnlyList<string> texts)
    {
        texts = Given(texts);
        return texts.Count > 1 && texts.All(text => TryCoordinate(text, out _))
            ? [ReadPolygon(string.Join(' ', texts.Chunk(2).Select(corner => string.Join(',', corner))))]
            : [.. texts.Select(ReadPolygon)];
    }

    /// <summary>Empty texts are cells of a table that were left empty.</summary>
    private static string[] Given(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return [.. texts.Where(text => !string.IsNullOrWhiteSpace(text))];
    }

    private static PolygonShape ReadPolygon(string text)
    {
        // Blanks beside a comma separate no corners.
        string[] corners = string.Join(',', text.Split(',', StringSplitOptions.TrimEntries)).Split([' ', '\t', '\n', '\r', ';'], StringSplitOptions.RemoveEmptyEntries);
        var points = new List<(double X, double Y)>();
        foreach (string corner in corners)
        {
            string[] parts = corner.Split(',');
            if (parts.Length != 2 || !TryCoordinate(parts[0], out double x) || !TryCoordinate(parts[1], out double y))
            {
                throw NoPolygon(text, $"'{corner}' is no corner");
            }

            points.Add((x, y));
        }

        return points.Count >= 3 ? new PolygonShape(points) : throw NoPolygon(text, $"it has {points.Count} corner(s) of at least 3");
    }

    internal static IEnumerable<PixelRect> ReadBoxes(string kind, IReadOnlyList<string> texts)
    {
        texts = Given(texts);
        bool isLoose = texts.All(t => int.TryParse(t, NumberStyles.Integer, CultureInfo.InvariantCulture, out _));
        return isLoose
            ? texts.Chunk(4).Select(four => ReadBox(kind, string.Join(',', four)))
            : texts.Select(text => ReadBox(kind, text));
    }

    private static PixelRect ReadBox(string kind, string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        int[] numbers = new int[4];
        bool isBox = parts.Length == 4;
        for (int i = 0; i < 4 && isBox; i++)
        {
            isBox = int.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i]) && numbers[i] is >= -Limit and <= Limit;
        }

        return isBox && numbers[2] > 0 && numbers[3] > 0
            ? new PixelRect(numbers[0], numbers[1], numbers[2], numbers[3])
            : throw new InpaintException(
                InpaintErrorId.InvalidParameter,
                $"'{text}' is no {kind}: x,y,width,height is needed in whole pixels, the latter two at least 1 and none beyond {Limit}, such as '8,8,32,16'.");
    }

    private static bool TryCoordinate(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && Math.Abs(value) <= Limit;

    private static InpaintException NoPolygon(string text, string reason) =>
        new(InpaintErrorId.InvalidParameter, $"'{text}' is no polygon: {reason}. Corners are given in pixels as 'x1,y1 x2,y2 x3,y3', none beyond {Limit}.");

    internal sealed record RectangleShape(PixelRect Box) : MaskShape;

    internal sealed record EllipseShape(PixelRect Bounds) : MaskShape;

    internal sealed record PolygonShape(IReadOnlyList<(double X, double Y)> Corners) : MaskShape;
}
