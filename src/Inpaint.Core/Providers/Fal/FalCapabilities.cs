namespace Inpaint.Providers.Fal;

/// <summary>What fal's flux-lora models take (the models' pages on fal.ai, API tab), their price, and what the queue offers around them.</summary>
internal static class FalCapabilities
{
    /// <summary>The model that repaints.</summary>
    public const string InpaintModel = "fal-ai/flux-lora/inpainting";

    /// <summary>The model that makes pictures from a prompt.</summary>
    public const string TextToImageModel = "fal-ai/flux-lora";

    /// <summary>US dollars per megapixel made, the same for all flux-lora models (fal.ai/models/fal-ai/flux-lora/inpainting, "Pricing").</summary>
    public const decimal PricePerMegapixel = 0.035m;

    /// <summary>
    /// FLUX works in blocks of 16 pixels and was trained at around a megapixel. Just below a whole one: whether fal rounds megapixels up is not documented, and a little
    /// more might be paid for as two.
    /// </summary>
    public static WorkingSize WorkingSize { get; } = new(MultipleOf: 16, MinimumEdge: 512, MaximumEdge: 1536, MaximumPixels: 1_000_000);

    private static readonly PictureFormat[] Formats = [PictureFormat.Png, PictureFormat.Jpeg, PictureFormat.WebP, PictureFormat.Gif, PictureFormat.Avif];

    private static readonly ParameterCapability[] Pictures =
    [
        new() { Name = "Image", IsRequired = true },
        new() { Name = "Mask", IsRequired = true },
        new() { Name = "Strength", Minimum = 0.01, Maximum = 1, Default = "0.85" },
    ];

    private static readonly ParameterCapability[] Shared =
    [
        new() { Name = "Prompt", IsRequired = true },
        new() { Name = "Steps", Minimum = 1, Maximum = 50, Default = "28" },
        new() { Name = "GuidanceScale", Minimum = 0, Maximum = 35, Default = "3.5" },
        new() { Name = "Count", Minimum = 1, Maximum = 4, Default = "1" },
        new() { Name = "Seed" },
        new() { Name = "OutputFormat", Values = ["jpeg", "png"], Default = "jpeg" },
        new() { Name = "NoSafetyChecker" },
        new() { Name = "Lora" },
        new() { Name = "Acceleration", Values = ["none", "regular"], Default = "none" },
        new() { Name = "WebhookUri" },
        new() { Name = "AdditionalBody" },
        new() { Name = "Synchronous" },
        new() { Name = "InlineResult" },
        new() { Name = "Priority", Values = ["normal", "low"], Default = "normal" },
        new() { Name = "StartTimeoutSec", Minimum = 2 },
    ];

    private static readonly ParameterCapability Size = new() { Name = "Size", Minimum = 1, Maximum = ImageSize.MaximumEdge };

    /// <summary>The capabilities: repainting first.</summary>
    public static IReadOnlyList<ProviderCapabilities> All { get; } =
    [
        Make(InpaintOperation.Inpaint, InpaintModel, [.. Pictures, .. Shared, Size, .. FalOptions.All]),
        Make(InpaintOperation.TextToImage, TextToImageModel, [.. Shared, Size with { Default = "landscape_4_3" }, new() { Name = "PreviewPath" }, .. FalOptions.All]),
    ];

    private static ProviderCapabilities Make(InpaintOperation operation, string model, IReadOnlyList<ParameterCapability> parameters) => new()
    {
        Operation = operation,
        DefaultModel = model,
        KnownModels = [model],
        Parameters = parameters,
        InputFormats = operation == InpaintOperation.Inpaint ? Formats : [],
        WorkingSize = WorkingSize,
        CanCancel = true,
        HasLogs = true,
        StreamsStatus = true,
        PricePerMegapixel = PricePerMegapixel,
    };
}
