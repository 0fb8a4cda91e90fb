using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Inpaint;

/// <summary>The size of the picture to be made: width × height in pixels, or a provider's name for a size (see <see cref="ParameterCapability.NamedSizes"/>).</summary>
public sealed record ImageSize
{
    private ImageSize(string? name, int width, int height)
    {
        Name = name;
        Width = width;
        Height = height;
    }

    /// <summary>The longest edge that can be asked for, in pixels. A provider may take less.</summary>
    public static int MaximumEdge => 65_535;

    /// <summary>The provider's name for the size; null for a size in pixels.</summary>
    public string? Name { get; }

    /// <summary>Width in pixels; 0 for a name that has not been looked up at its provider.</summary>
    public int Width { get; }

    /// <summary>Height in pixels; 0 for a name that has not been looked up at its provider.</summary>
    public int Height { get; }

    /// <summary>Creates a size in pixels.</summary>
    /// <param name="width">Width, 1 to <see cref="MaximumEdge"/>.</param>
    /// <param name="height">Height, 1 to <see cref="MaximumEdge"/>.</param>
    /// <returns>The size.</returns>
    /// <exception cref="InpaintException">InvalidParameter: an edge is out of range.</exception>
    public static ImageSize FromPixels(int width, int height)
    {
        if (width < 1 || height < 1 || width > MaximumEdge || height > MaximumEdge)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"Size {width}x{height} is out of range: each edge must be 1 to {MaximumEdge} pixels.") { Parameter = "Size" };
        }

        return new ImageSize(name: null, width, height);
    }

    /// <summary>Parses <c>WxH</c> or a provider's name for a size. Whether there is such a name is found when a request is planned for a provider.</summary>
    /// <param name="text">For example <c>768x512</c> or <c>landscape_4_3</c>.</param>
    /// <returns>The size.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the text is empty, or an edge is out of range.</exception>
    public static ImageSize Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParsePixels(text, out ImageSize? size) ? size
            : text.Trim() is { Length: > 0 } name ? new ImageSize(name, width: 0, height: 0)
            : throw new InpaintException(InpaintErrorId.InvalidParameter, "The size is empty. Give WIDTHxHEIGHT, such as 768x512.") { Parameter = "Size" };
    }

    /// <summary>Parses <c>WxH</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">The size.</param>
    /// <returns>Whether the text has that form.</returns>
    /// <exception cref="InpaintException">InvalidParameter: it has, but an edge is out of range.</exception>
    public static bool TryParsePixels(string text, [NotNullWhen(true)] out ImageSize? size)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] edges = text.Split(['x', 'X', '×'], StringSplitOptions.TrimEntries);
        size = edges.Length == 2
            && int.TryParse(edges[0], NumberStyles.None, CultureInfo.InvariantCulture, out int width)
            && int.TryParse(edges[1], NumberStyles.None, CultureInfo.InvariantCulture, out int height)
                ? FromPixels(width, height)
                : null;
        return size is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name ?? $"{Width}x{Height}";

    /// <summary>Creates a size that a provider has a name for.</summary>
    internal static ImageSize Named(string name, int width, int height) => new(name, width, height);
}
