using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.ModelsLab;

/// <summary>
/// The capabilities of ModelsLab's image endpoints (docs.modelslab.com, "Inpainting" and "Text to Image", v6). Where its pages contradict each other, the wider range
/// is accepted, with a warning outside the narrower one.
/// </summary>
internal static class ModelsLabCapabilities
{
    /// <summary>The smallest edge of a picture, in pixels.</summary>
    public const int MinEdge = 256;

    /// <summary>The largest edge of a picture, in pixels.</summary>
    public const int MaxEdge = 1024;

    /// <summary>What each edge must be a multiple of, in pixels.</summary>
    public const int EdgeMultiple = 8;

    /// <summary>The maximum size in bytes of a picture for base64_to_url (docs.modelslab.com, "Base64 to URL": 5 MB).</summary>
    public const long MaxUploadBytes = 5_000_000;

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
        new() { Name = "Size", Minimum = MinEdge, Maximum = MaxEdge, MultipleOf = EdgeMultiple, NamedSizes = FalSizeNames.OfFal, Default = "the picture's own, or the nearest to it" },
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

    /// <summary>The capabilities, inpainting first.</summary>
    public static IReadOnlyList<ProviderCapabilities> All { get; } =
    [
        Make(InpaintOperation.Inpaint, ["lazymixv4-inpaint", "v51_inpainting", "fluxdev", "flux"], [.. Pictures, .. Shared]),
        Make(
            InpaintOperation.TextToImage,
            ["flux", "fluxdev"],
            [.. Shared, new() { Name = "Size", Minimum = MinEdge, Maximum = MaxEdge, MultipleOf = EdgeMultiple, NamedSizes = FalSizeNames.OfFal, Default = "512x512" }]),
    ];

    private static ProviderCapabilities Make(InpaintOperation operation, string[] models, IReadOnlyList<ParameterCapability> parameters) => new()
    {
        Operation = operation,
        DefaultModel = models[0],
        KnownModels = models,
        Parameters = parameters,
        InputFormats = operation == InpaintOperation.Inpaint ? [PictureFormat.Png, PictureFormat.Jpeg] : [],
        MaximumInputBytes = MaxUploadBytes,

        DefaultSize = ModelsLabSize.Fit,

        // Its models were trained at 512 pixels; smaller pictures are accepted, with poor results.
        WorkingSize = new WorkingSize(EdgeMultiple, MinimumEdge: 512, MaxEdge, (long)MaxEdge * MaxEdge),
        CanCancel = false,
        StreamsStatus = false,
    };
}

/// <summary>Chooses the width and height to request: without them ModelsLab makes 512x512, whatever the picture's shape.</summary>
internal static class ModelsLabSize
{
    /// <summary>The size that is generated when the picture's size is not known.</summary>
    public static ImageSize Unknown { get; } = ImageSize.FromPixels(512, 512);

    /// <summary>The nearest size that ModelsLab generates: the picture's own where possible, else its aspect ratio at the largest or smallest edge.</summary>
    /// <param name="width">The picture's width, in pixels.</param>
    /// <param name="height">The picture's height, in pixels.</param>
    /// <returns>Edges of 256 to 1024 pixels, multiples of 8.</returns>
    public static ImageSize Fit(int width, int height)
    {
        double longer = Math.Max(width, height);
        double shorter = Math.Min(width, height);
        double scale = Math.Min(1, ModelsLabCapabilities.MaxEdge / longer);
        if (shorter * scale < ModelsLabCapabilities.MinEdge)
        {
            scale = Math.Min(ModelsLabCapabilities.MinEdge / shorter, ModelsLabCapabilities.MaxEdge / longer);
        }

        return ImageSize.FromPixels(Edge(width * scale), Edge(height * scale));
    }

    private static int Edge(double pixels) => (int)Math.Clamp(
        Math.Round(pixels / ModelsLabCapabilities.EdgeMultiple, MidpointRounding.AwayFromZero) * ModelsLabCapabilities.EdgeMultiple,
        ModelsLabCapabilities.MinEdge,
        ModelsLabCapabilities.MaxEdge);
}

/// <summary>How a switch is written.</summary>
internal enum SwitchForm
{
    /// <summary>As <c>"yes"</c> or <c>"no"</c>, which the documentation's examples send where its schema says boolean.</summary>
    Word,

    /// <summary>As a JSON boolean.</summary>
    Boolean,
}

/// <summary>An option that only ModelsLab has.</summary>
/// <param name="Capability">What users see.</param>
/// <param name="Field">The field of the body.</param>
/// <param name="Form">How it is written, for switches.</param>
internal sealed record ModelsLabOption(ParameterCapability Capability, string Field, SwitchForm Form = SwitchForm.Boolean);

/// <summary>The options that only ModelsLab has (docs.modelslab.com, "Inpainting", v6 schema).</summary>
internal static class ModelsLabOptions
{
    /// <summary>The field of <c>EnhancePrompt</c>, which is always sent: the service's own default rewrites the prompt.</summary>
    public const string EnhancePromptField = "enhance_prompt";

    /// <summary>The options.</summary>
    public static IReadOnlyList<ModelsLabOption> All { get; } =
    [
        new(new() { Name = "EnhancePrompt", Option = OptionKind.Switch, Default = "no" }, EnhancePromptField, SwitchForm.Word),
        new(new() { Name = "SafetyCheckerType", Option = OptionKind.Text, Values = ["blur", "sensitive_content_text", "pixelate", "black"], Default = "sensitive_content_text" }, "safety_checker_type"),
        new(new() { Name = "UseKarrasSigmas", Option = OptionKind.Switch, Default = "yes" }, "use_karras_sigmas", SwitchForm.Word),
        new(new() { Name = "AlgorithmType", Option = OptionKind.Text, Values = ["none", "dpmsolver+++"], Default = "none" }, "algorithm_type"),
        new(new() { Name = "Vae", Option = OptionKind.Text }, "vae"),
        new(new() { Name = "ClipSkip", Option = OptionKind.WholeNumber, Minimum = 1, Maximum = 8, Default = "2" }, "clip_skip"),
        new(new() { Name = "Base64", Option = OptionKind.Switch, Default = "no" }, "base64"),
        new(new() { Name = "Temp", Option = OptionKind.Switch, Default = "no" }, "temp"),
        new(new() { Name = "TrackId", Option = OptionKind.Text }, "track_id"),
        new(
            new()
            {
                Name = "IpAdapterId",
                Option = OptionKind.Text,
                Values = ["ip-adapter_sdxl", "ip-adapter_sd15", "ip-adapter-plus-face_sd15", "ip-adapter-plus_sdxl_vit-h", "ip-adapter-plus-face_sdxl_vit-h"],
            },
            "ip_adapter_id"),
        new(new() { Name = "IpAdapterScale", Option = OptionKind.Number, Minimum = 0, Maximum = 1 }, "ip_adapter_scale"),
        new(new() { Name = "IpAdapterImage", Option = OptionKind.Url }, "ip_adapter_image"),
    ];
}
