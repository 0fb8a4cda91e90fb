namespace Inpaint.Providers.Shared;

/// <summary>
/// fal's names for sizes (fal.ai/models/fal-ai/flux-lora, "API": image_size), which are accepted for every provider that takes a size.
/// Providers that do not know the names are sent pixels.
/// </summary>
internal static class SizeNames
{
    /// <summary>The longest edge that fal's size type takes, in pixels.</summary>
    public const int MaxEdge = 14142;

    /// <summary>The names, in fal's order.</summary>
    public static IReadOnlyDictionary<string, ImageSize> OfFal { get; } = new[]
    {
        ImageSize.Named("square_hd", 1024, 1024),
        ImageSize.Named("square", 512, 512),
        ImageSize.Named("portrait_4_3", 768, 1024),
        ImageSize.Named("portrait_16_9", 576, 1024),
        ImageSize.Named("landscape_4_3", 1024, 768),
        ImageSize.Named("landscape_16_9", 1024, 576),
    }.ToDictionary(size => size.Name!, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The same with two that a gateway's page misspells (api.chainhub.tech, /fal-ai/flux-lora). fal itself, and so the gateway, knows them by their own names alone.
    /// </summary>
    public static IReadOnlyDictionary<string, ImageSize> OfGateways { get; } =
        new Dictionary<string, ImageSize>(OfFal, StringComparer.OrdinalIgnoreCase) { ["square pro"] = OfFal["square_hd"], ["portrait_3_4"] = OfFal["portrait_4_3"] };
}
