using System.Globalization;

namespace Inpaint;

/// <summary>A point on the thing that a mask is to mark, in pixels of the picture as a viewer shows it.</summary>
/// <param name="X">Column, from 0.</param>
/// <param name="Y">Row, from 0.</param>
public sealed record MaskPoint(int X, int Y)
{
    /// <summary>Reads points.</summary>
    /// <param name="texts">Each <c>x,y</c>, or one number each, two in a row, as PowerShell makes of <c>120,80</c> without quotes.</param>
    /// <param name="parameter">The property that they are of, which a failure names.</param>
    /// <returns>The points.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a text is no point.</exception>
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
                : throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{text}' is no point: x,y is needed in whole pixels of the picture, such as '120,80'.") { Parameter = parameter };
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
    public static IReadOnlyList<MaskBox> ParseAll(IReadOnlyList<string> texts) => [.. ShapeBox.ParseAll("box", texts ?? []).Select(InPixels)];

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{X},{Y},{Width},{Height}");

    private static MaskBox InPixels(ShapeBox box) => box.InPixels() is { } pixels
        ? new MaskBox(pixels.X, pixels.Y, pixels.Width, pixels.Height)
        : throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{box}' is not a valid box: it needs x,y,width,height in whole pixels of the picture, such as '8,8,32,16'.") { Parameter = "Boxes" };
}
