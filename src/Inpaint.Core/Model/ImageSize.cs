using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Inpaint;

/// <summary>The size of the picture to be made: one of fal's presets or width × height in pixels.</summary>
public sealed record ImageSize
{
    private static readonly Dictionary<string, (int Width, int Height)> PresetSizes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["square_hd"] = (1024, 1024),
        ["square"] = (512, 512),
        ["portrait_4_3"] = (768, 1024),
        ["portrait_16_9"] = (576, 1024),
        ["landscape_4_3"] = (1024, 768),
        ["landscape_16_9"] = (1024, 576),
    };

    // How a gateway's page lists two of them (api.chainhub.tech, /fal-ai/flux-lora); fal itself, and so the gateway, knows them by their own names alone.
    private static readonly Dictionary<string, string> Misspellings = new(StringComparer.OrdinalIgnoreCase) { ["square pro"] = "square_hd", ["portrait_3_4"] = "portrait_4_3" };

    private ImageSize(string? preset, int width, int height)
    {
        Preset = preset;
        Width = width;
        Height = height;
    }

    /// <summary>The largest edge that fal's size type takes, in pixels.</summary>
    public static int MaximumEdge => 14142;

    /// <summary>The names of the presets, in the provider's order.</summary>
    public static IReadOnlyCollection<string> Presets => PresetSizes.Keys;

    /// <summary>The preset's name, or null for a size in pixels.</summary>
    public string? Preset { get; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Makes a size in pixels.</summary>
    /// <param name="width">Width, 1 to <see cref="MaximumEdge"/>.</param>
    /// <param name="height">Height, 1 to <see cref="MaximumEdge"/>.</param>
    /// <returns>The size.</returns>
    /// <exception cref="InpaintException">InvalidParameter: an edge is out of range.</exception>
    public static ImageSize FromPixels(int width, int height)
    {
        if (width < 1 || height < 1 || width > MaximumEdge || height > MaximumEdge)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"Size {width}x{height} is out of range: each edge must be 1 to {MaximumEdge} pixels.");
        }

        return new ImageSize(preset: null, width, height);
    }

    /// <summary>Reads a preset's name or <c>WxH</c>.</summary>
    /// <param name="text">For example <c>landscape_4_3</c> or <c>768x512</c>.</param>
    /// <returns>The size.</returns>
    /// <exception cref="InpaintException">InvalidParameter: neither a preset nor a size.</exception>
    public static ImageSize Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out ImageSize? size)
            ? size
            : throw new InpaintException(
                InpaintErrorId.InvalidParameter,
                $"Size '{text}' is neither a preset ({string.Join(", ", Presets)}) nor of the form WIDTHxHEIGHT, such as 768x512.");
    }

    /// <summary>Reads a preset's name or <c>WxH</c>, if the text is one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">The size.</param>
    /// <returns>Whether it is one.</returns>
    /// <exception cref="InpaintException">InvalidParameter: it is a size, but an edge is out of range.</exception>
    public static bool TryParse(string text, [NotNullWhen(true)] out ImageSize? size)
    {
        ArgumentNullException.ThrowIfNull(text);
        string trimmed = text.Trim();
        trimmed = Misspellings.GetValueOrDefault(trimmed, trimmed);
        size = null;
        if (PresetSizes.TryGetValue(trimmed, out (int Width, int Height) preset))
        {
            size = new ImageSize(trimmed.ToLowerInvariant(), preset.Width, preset.Height);
            return true;
        }

        string[] edges = trimmed.Split(['x', 'X', '×'], StringSplitOptions.TrimEntries);
        if (edges.Length == 2
            && int.TryParse(edges[0], NumberStyles.None, CultureInfo.InvariantCulture, out int width)
            && int.TryParse(edges[1], NumberStyles.None, CultureInfo.InvariantCulture, out int height))
        {
            size = FromPixels(width, height);
        }

        return size is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Preset ?? $"{Width}x{Height}";
}
