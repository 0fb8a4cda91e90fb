using System.Drawing;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Inpaint;

/// <summary>
/// How a mask is made. It starts as <see cref="Mask"/>, or empty; then everything that is drawn or selected is added; then it is inverted, grown, shrunk and feathered, in
/// this order.
/// </summary>
public sealed record MaskRecipe
{
    /// <summary>
    /// A placeholder for a mask that another job will find first. A request with it can be planned, to check it and to learn its maximum cost, but its plan cannot be submitted.
    /// </summary>
    public static MaskRecipe ToBeFound { get; } = new() { Shapes = MaskShape.ParseRectangles(["0,0,1,1"]), Invert = true };

    /// <summary>The picture that the mask is for: it has the mask's size, and <see cref="FromAlpha"/>, <see cref="Color"/> and <see cref="From"/> select its pixels.</summary>
    public PictureSource? Image { get; init; }

    /// <summary>The mask to start with.</summary>
    public PictureSource? Mask { get; init; }

    /// <summary>How the part to be repainted is marked in <see cref="Mask"/>.</summary>
    public MaskMode MaskMode { get; init; }

    /// <summary>The size, when there is neither picture nor mask.</summary>
    public ImageSize? Size { get; init; }

    /// <summary>Shapes to be repainted.</summary>
    public IReadOnlyList<MaskShape> Shapes { get; init; } = [];

    /// <summary>Whether the transparent part of <see cref="Image"/> (alpha below 128) is repainted.</summary>
    public bool FromAlpha { get; init; }

    /// <summary>A colour of <see cref="Image"/> that is repainted wherever it occurs.</summary>
    public PixelColor? Color { get; init; }

    /// <summary>Points of <see cref="Image"/> from which a flood fill repaints the connected area of the point's colour.</summary>
    public IReadOnlyList<MaskPoint> From { get; init; } = [];

    /// <summary>The largest difference of each channel from <see cref="Color"/>, or from the colour at a point of <see cref="From"/>, 0 (exactly that colour) to 255 (any).</summary>
    public int Tolerance { get; init; }

    /// <summary>Whether to swap what is repainted and what is kept.</summary>
    public bool Invert { get; init; }

    /// <summary>The number of pixels by which the area grows, 0 to 10000.</summary>
    public int Grow { get; init; }

    /// <summary>The number of pixels by which the area shrinks, 0 to 10000. The picture's border does not count as kept.</summary>
    public int Shrink { get; init; }

    /// <summary>The width by which the edges are softened, inwards and outwards, in pixels, 0 to 10000.</summary>
    public int Feather { get; init; }

    /// <summary>Whether anything is drawn or selected.</summary>
    internal bool Draws => Shapes.Count > 0 || SelectsPixels;

    /// <summary>Whether pixels of <see cref="Image"/> are selected by their colour or transparency.</summary>
    internal bool SelectsPixels => FromAlpha || Color is not null || From.Count > 0;
}

/// <summary>A mask file that was written.</summary>
/// <param name="Path">The file's full path.</param>
/// <param name="Warning">A warning that it marks nothing, or everything; null for neither.</param>
public sealed record MaskFile(string Path, string? Warning);

/// <summary>An opaque colour, 8 bits per channel.</summary>
/// <param name="Red">Red.</param>
/// <param name="Green">Green.</param>
/// <param name="Blue">Blue.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PixelColor(byte Red, byte Green, byte Blue)
{
    /// <summary>The colour names that <see cref="Parse"/> accepts.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<KnownColor>().Select(Color.FromKnownColor).Where(IsOpaqueColor).Select(color => color.Name).Order(StringComparer.Ordinal)];

    /// <summary>Parses a colour.</summary>
    /// <param name="text"><c>#rrggbb</c> or <c>#rgb</c> in hexadecimal digits, where the # may be left out of the longer form; or the name of a web colour, such as <c>red</c>.</param>
    /// <returns>The colour.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the text is not a colour.</exception>
    public static PixelColor Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string given = text.Trim();
        if (Color.FromName(given) is { } named && IsOpaqueColor(named))
        {
            return new PixelColor(named.R, named.G, named.B);
        }

        string digits = given.StartsWith('#') ? given.Length == 4 ? string.Concat(given.Skip(1).Select(digit => new string(digit, 2))) : given[1..] : given;
        return digits.Length == 6 && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
            ? new PixelColor((byte)(value >> 16), (byte)(value >> 8), (byte)value)
            : throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{text}' is not a colour. Give it as '#rrggbb' or '#rgb' in hexadecimal digits, such as '#00ff00', or by a name such as red.") { Parameter = "Color" };
    }

    private static bool IsOpaqueColor(Color color) => color is { IsKnownColor: true, IsSystemColor: false, A: 255 };

    /// <inheritdoc/>
    public override string ToString() => $"#{Red:x2}{Green:x2}{Blue:x2}";
}

/// <summary>A mask to paint by hand.</summary>
/// <param name="Image">The picture to paint over.</param>
/// <param name="Path">The mask file's full path, ending in <c>.png</c>.</param>
public sealed record MaskEditRequest(PictureSource Image, string Path)
{
    /// <summary>The mask to start with; null for an empty one.</summary>
    public PictureSource? Mask { get; init; }

    /// <summary>How the part to be repainted is marked in <see cref="Mask"/>.</summary>
    public MaskMode MaskMode { get; init; }

    /// <summary>Whether an existing file may be replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Whether a read-only file, or a picture in colour, may be replaced as well.</summary>
    public bool Force { get; init; }

    /// <summary>The port on 127.0.0.1; 0 for any free one.</summary>
    public int Port { get; init; }

    /// <summary>How long the page may stay open; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>How the painting of a mask ended.</summary>
public enum MaskEditOutcome
{
    /// <summary>The mask was written.</summary>
    Saved,

    /// <summary>It was cancelled in the page.</summary>
    Cancelled,

    /// <summary>The page was closed, or its connection was lost.</summary>
    Closed,

    /// <summary>The time limit was reached.</summary>
    TimedOut,
}

/// <summary>The result of painting a mask.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="File">The mask; null when none was written.</param>
public sealed record MaskEdit(MaskEditOutcome Outcome, MaskFile? File);
