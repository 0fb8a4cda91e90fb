using Inpaint.Providers.Shared;

namespace Inpaint.Providers.ModelsLab;

/// <summary>
/// What ModelsLab's image endpoints take (docs.modelslab.com, "Inpainting" and "Text to Image", v6). Where its pages contradict each other, the wider range
/// is taken and the narrower one warned about.
/// </summary>
internal static class ModelsLabCapabilities
{
    /// <summary>The smallest edge of a picture, in pixels.</summary>
    public const int SmallestEdge = 256;

    /// <summary>The largest edge of a picture, in pixels.</summary>
    public const int LargestEdge = 1024;

    /// <summary>What each edge must be a multiple of, in pixels.</summary>
    public const int EdgeMultiple = 8;

    /// <summary>The largest picture that base64_to_url takes (docs.modelslab.com, "Base64 to URL": 5 MB), in bytes.</summary>
    public const long LargestUpload = 5_000_000;

    private static readonly string[] Schedulers =
    [
        "DDPMScheduler", "DDIMScheduler", "PNDMScheduler", "LMSDiscreteScheduler", "EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler",
        "DPMSolverMultistepScheduler", "HeunDiscreteScheduler", "KDPM2DiscreteScheduler", "DPMSolverSinglestepScheduler", "KDPM2AncestralDiscreteScheduler",
        "UniPCMultistepScheduler", "DDIMInverseScheduler", "DEISMultistepScheduler", "IPNDMScheduler", "KarrasVeScheduler", "ScoreSdeVeScheduler", "LCMScheduler",
    ];

    private static readonly ParameterCapability[] Pictures =
    [
        new() { Name = "Image", IsRequired = true },
        new() { Name = "Mask", IsRequired = true },
        new() { Name = "Strength", Minimum = 0, Maximum = 1 },
        new() { Name = "Size", Minimum = SmallestEdge, Maximum = LargestEdge, MultipleOf = EdgeMultiple, NamedSizes = SizeNames.OfFal, Default = "the picture's own, or the nearest to it" },
    ];

    private static readonly ParameterCapability[] Shared =
    [
        new() { Name = "Prompt", IsRequired = true },
        new() { Name = "NegativePrompt" },
        new() { Name = "Steps", Minimum = 1, Maximum = 50, CapAbove = 20, Default = "31" },
        new() { Name = "GuidanceScale", Minimum = 1, Maximum = 20, Default = "7.5" },
        new() { Name = "Count", Minimum = 1, Maximum = 4, Default = "1" },
        new() { Name = "Seed", Default = "random" },
        new() { Name = "SafetyChecker" },
        new() { Name = "Loras", Minimum = 0.1, Maximum = 1 },
        new() { Name = "Scheduler", Values = Schedulers },
        new() { Name = "WebhookUri" },
        new() { Name = "AdditionalBody" },
        .. ModelsLabOptions.All.Select(option => option.Capability),
    ];

    /// <summary>The capabilities: repainting first.</summary>
    public static IReadOnlyList<ProviderCapabilities> All { get; } =
    [
        Make(InpaintOperation.Inpaint, ["lazymixv4-inpaint", "v51_inpainting", "fluxdev", "flux"], [.. Pictures, .. Shared]),
        Make(
            InpaintOperation.TextToImage,
            ["flux", "fluxdev"],
            [.. Shared, new() { Name = "Size", Minimum = SmallestEdge, Maximum = LargestEdge, MultipleOf = EdgeMultiple, NamedSizes = SizeNames.OfFal, Default = "512x512" }]),
    ];

    private static ProviderCapabilities Make(InpaintOperation operation, string[] models, IReadOnlyList<ParameterCapability> parameters) => new()
    {
        Operation = operation,
        DefaultModel = models[0],
        KnownModels = models,
        Parameters = parameters,
        InputFormats = operation == InpaintOperation.Inpaint ? [PictureFormat.Png, PictureFormat.Jpeg] : [],
        MaximumInputBytes = LargestUpload,

        DefaultSize = ModelsLabSize.Fit,

        // Its models were trained at 512 pixels; smaller pictures are taken, but come out poorly.
        WorkingSize = new WorkingSize(EdgeMultiple, MinimumEdge: 512, LargestEdge, (long)LargestEdge * LargestEdge),
        CanCancel = false,
        StreamsStatus = false,
    };
}
