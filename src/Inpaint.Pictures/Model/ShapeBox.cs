using System.Globalization;

namespace Inpaint;

/// <summary>
/// A rectangle of a picture whose size may not be known yet: each coordinate is in whole pixels or in percent of the picture, and a word for a corner, a side or the centre may replace the first two.
/// </summary>
internal sealed record ShapeBox
{
    /// <summary>The largest absolute coordinate or edge, in pixels.</summary>
    public const int MaxCoordinate = 1_000_000;

    private const string Form =
        "it needs x,y,width,height, each in whole pixels or in percent, such as '8,8,32,16' or '10%,20%,30%,30%', or a corner, side or center with width,height, such as 'BottomRight,30%,10%'";

    private ShapeBox(Anchor? anchor, ShapeLength x, ShapeLength y, ShapeLength width, ShapeLength height)
    {
        Where = anchor;
        (X, Y, Width, Height) = (x, y, width, height);
    }

    /// <summary>The position in the picture, as a word.</summary>
    private enum Anchor
    {
        TopLeft,
        Top,
        TopRight,
        Left,
        Center,
        Right,
        BottomLeft,
        Bottom,
        BottomRight,
    }

    private Anchor? Where { get; }

    private ShapeLength X { get; }

    private ShapeLength Y { get; }

    private ShapeLength Width { get; }

    private ShapeLength Height { get; }

    /// <summary>Parses rectangles.</summary>
    /// <param name="kind">The kind of shape, for messages; also the name of the property that holds them, in lower case.</param>
    /// <param name="texts">Each a rectangle; or each one part of one, in order, which is how a shell parses a list without quotes.</param>
    /// <exception cref="InpaintException">InvalidParameter: a text is not a rectangle.</exception>
    public static IReadOnlyList<ShapeBox> ParseAll(string kind, IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);

        // Empty texts come from empty cells of a table.
        string[] given = [.. texts.Where(text => !string.IsNullOrWhiteSpace(text))];
        return [.. (given.Any(text => text.Contains(',', StringComparison.Ordinal)) ? given : Group(given)).Select(text => Parse(kind, text))];
    }

    /// <summary>The rectangle in a picture.</summary>
    /// <param name="width">The picture's width in pixels.</param>
    /// <param name="height">The picture's height in pixels.</param>
    /// <returns>A rectangle of at least one pixel, which may lie partly or wholly outside the picture.</returns>
    public PixelRect In(int width, int height)
    {
        if (Where is not { } anchor)
        {
            (int left, int right) = Span(X, Width, width);
            (int top, int bottom) = Span(Y, Height, height);
            return new PixelRect(left, top, right - left, bottom - top);
        }

        int across = Math.Max(1, (int)Math.Round(Width.Of(width)));
        int down = Math.Max(1, (int)Math.Round(Height.Of(height)));

        // The nine places are the cells of a table of three columns and rows.
        return new PixelRect((width - across) * ((int)anchor % 3) / 2, (height - down) * ((int)anchor / 3) / 2, across, down);
    }

    /// <summary>The rectangle in pixels, where it does not depend on the picture.</summary>
    /// <returns>The rectangle; null when a part of it depends on the picture's size.</returns>
    public PixelRect? InPixels() => Where is null && !X.IsPercent && !Y.IsPercent && !Width.IsPercent && !Height.IsPercent ? In(1, 1) : null;

    /// <inheritdoc/>
    public override string ToString() => Where is { } anchor ? $"{anchor},{Width},{Height}" : $"{X},{Y},{Width},{Height}";

    private static (int From, int To) Span(ShapeLength start, ShapeLength length, int whole)
    {
        double from = start.Of(whole);
        int first = (int)Math.Round(from);
        return (first, Math.Max(first + 1, (int)Math.Round(from + length.Of(whole))));
    }

    private static IEnumerable<string> Group(string[] parts)
    {
        for (int at = 0; at < parts.Length;)
        {
            int count = char.IsAsciiLetter(parts[at].TrimStart().FirstOrDefault()) ? 3 : 4;
            yield return string.Join(',', parts.Skip(at).Take(count));
            at += count;
        }
    }

    private static ShapeBox Parse(string kind, string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        bool isAnchored = parts.Length == 3 && char.IsAsciiLetter(parts[0].FirstOrDefault());
        Anchor anchor = default;
        bool isBox = isAnchored ? Enum.TryParse(parts[0], ignoreCase: true, out anchor) && Enum.IsDefined(anchor) : parts.Length == 4;
        ShapeLength[] lengths = new ShapeLength[4];
        for (int i = 0; i < 4 && isBox; i++)
        {
            isBox = (isAnchored && i < 2) || ShapeLength.TryParse(parts[isAnchored ? i - 1 : i], out lengths[i]);
        }

        return isBox && lengths[2].Value > 0 && lengths[3].Value > 0
            ? new ShapeBox(isAnchored ? anchor : null, lengths[0], lengths[1], lengths[2], lengths[3])
            : throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{text}' is not a valid {kind}: {Form}. Width and height must be greater than 0, and no number may exceed {MaxCoordinate}.")
            {
                Parameter = kind == "ellipse" ? "Ellipse" : kind == "box" ? "Boxes" : "Rectangle",
            };
    }
}

/// <summary>A length in a picture.</summary>
/// <param name="Value">The number.</param>
/// <param name="IsPercent">Whether it is a percentage of the picture's width or height; otherwise pixels.</param>
internal readonly record struct ShapeLength(double Value, bool IsPercent)
{
    /// <summary>Parses a whole number of pixels, or a percentage.</summary>
    public static bool TryParse(string text, out ShapeLength length)
    {
        bool isPercent = text.EndsWith('%');
        NumberStyles style = NumberStyles.AllowLeadingSign | (isPercent ? NumberStyles.AllowDecimalPoint : NumberStyles.None);
        bool isNumber = double.TryParse(isPercent ? text.AsSpan(0, text.Length - 1) : text, style, CultureInfo.InvariantCulture, out double value) && Math.Abs(value) <= ShapeBox.MaxCoordinate;
        length = new ShapeLength(value, isPercent);
        return isNumber;
    }

    /// <summary>The length in pixels, given the whole in pixels.</summary>
    public double Of(int whole) => IsPercent ? Value / 100 * whole : Value;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture) + (IsPercent ? "%" : "");
}
