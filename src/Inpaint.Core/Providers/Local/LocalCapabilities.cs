namespace Inpaint.Providers.Local;

/// <summary>The capabilities of the embedded provider.</summary>
internal static class LocalCapabilities
{
    /// <summary>The only model: multi-scale patch matching.</summary>
    public const string Model = "patchmatch";

    /// <summary>Repainting.</summary>
    public static ProviderCapabilities Inpaint { get; } = new()
    {
        Operation = InpaintOperation.Inpaint,
        DefaultModel = Model,
        KnownModels = [Model],
        TakesKnownModelsOnly = true,
        NeedsKey = false,
        IsPaid = false,
        CanCancel = true,
        StreamsStatus = true,
        KeepsUnmasked = true,
        DecodesPictures = true,
        TakesUrls = false,
        InputFormats = [PictureFormat.Png, PictureFormat.Jpeg, PictureFormat.WebP, PictureFormat.Avif, PictureFormat.Gif, PictureFormat.Tiff],
        Parameters =
        [
            new() { Name = "Image", IsRequired = true },
            new() { Name = "Mask", IsRequired = true },
            new() { Name = "Prompt", Warning = "Local fills the masked part from its surroundings and does not understand prompts, so the prompt is ignored." },
            new() { Name = "Count", Minimum = 1, Maximum = 4, Default = "1" },
            new() { Name = "Seed", Default = "random" },
            new() { Name = "OutputFormat", Values = ["png", "jpeg", "webp", "avif", "tiff"], Default = "that of the picture" },
        ],
    };
}
