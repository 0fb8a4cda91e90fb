using System.Collections.Frozen;
using System.Text.Json;

namespace Inpaint.Providers.Shared.FalProtocol;

/// <summary>The built-in descriptions of fal's models.</summary>
internal static class FalModels
{
    private const string Resource = "fal-models.json";

    private static readonly FalField[] Shared =
    [
        new() { Name = "prompt", Type = FalFieldType.Text, IsRequired = true },
        new() { Name = "num_inference_steps", Type = FalFieldType.Integer, Minimum = 1, Maximum = 50, Default = "28" },
        new() { Name = "guidance_scale", Type = FalFieldType.Number, Minimum = 0, Maximum = 35, Default = "3.5" },
        new() { Name = "num_images", Type = FalFieldType.Integer, Minimum = 1, Maximum = 4, Default = "1" },
        new() { Name = "seed", Type = FalFieldType.Integer },
        new() { Name = "output_format", Type = FalFieldType.Text, Values = ["jpeg", "png"], Default = "jpeg" },
        new() { Name = "enable_safety_checker", Type = FalFieldType.Boolean },
        new() { Name = "loras", Type = FalFieldType.List },
        new() { Name = "acceleration", Type = FalFieldType.Text, Values = ["none", "regular"], Default = "none" },
        new() { Name = "sync_mode", Type = FalFieldType.Boolean },
    ];

    /// <summary>The default model for inpainting (fal.ai/models/fal-ai/flux-lora/inpainting, "API"). A model without a description is assumed to take the same.</summary>
    public static FalModel Inpainting { get; } = new()
    {
        Id = "fal-ai/flux-lora/inpainting",
        Fields =
        [
            .. Shared,
            new() { Name = "image_url", Type = FalFieldType.File, IsRequired = true },
            new() { Name = "mask_url", Type = FalFieldType.File, IsRequired = true },
            new() { Name = "strength", Type = FalFieldType.Number, Minimum = 0.01, Maximum = 1, Default = "0.85" },
            new() { Name = "image_size", Type = FalFieldType.Size },
        ],
    };

    /// <summary>The default model for text to image (fal.ai/models/fal-ai/flux-lora, "API").</summary>
    public static FalModel TextToImage { get; } = new()
    {
        Id = "fal-ai/flux-lora",
        Fields = [.. Shared, new() { Name = "image_size", Type = FalFieldType.Size, Default = "landscape_4_3" }],
    };

    /// <summary>The default model for segmentation, by words, points or boxes (fal.ai/models/fal-ai/sam-3/image/api).</summary>
    public static FalModel Segmentation { get; } = new()
    {
        Id = "fal-ai/sam-3/image",
        Outputs = ["image", "masks", "scores", "boxes", "metadata"],
        Fields =
        [
            new() { Name = "image_url", Type = FalFieldType.File, IsRequired = true },
            new() { Name = "prompt", Type = FalFieldType.Text, Default = "wheel" },
            new() { Name = "point_prompts", Type = FalFieldType.List },
            new() { Name = "box_prompts", Type = FalFieldType.List },
            new() { Name = "apply_mask", Type = FalFieldType.Boolean, Default = "true" },
            new() { Name = "output_format", Type = FalFieldType.Text, Values = ["jpeg", "png", "webp"], Default = "png" },
            new() { Name = "return_multiple_masks", Type = FalFieldType.Boolean },
            new() { Name = "max_masks", Type = FalFieldType.Integer, Minimum = 1, Maximum = 32, Default = "3" },
            new() { Name = "include_scores", Type = FalFieldType.Boolean },
            new() { Name = "include_boxes", Type = FalFieldType.Boolean },
            new() { Name = "sync_mode", Type = FalFieldType.Boolean },
        ],
    };

    /// <summary>Another model for segmentation, by words only (fal.ai/models/fal-ai/evf-sam/api).</summary>
    public static FalModel SegmentationByWords { get; } = new()
    {
        Id = "fal-ai/evf-sam",
        Outputs = ["image"],
        Fields =
        [
            new() { Name = "image_url", Type = FalFieldType.File, IsRequired = true },
            new() { Name = "prompt", Type = FalFieldType.Text, IsRequired = true },
            new() { Name = "negative_prompt", Type = FalFieldType.Text },
            new() { Name = "semantic_type", Type = FalFieldType.Boolean },
            new() { Name = "mask_only", Type = FalFieldType.Boolean, Default = "true" },
            new() { Name = "use_grounding_dino", Type = FalFieldType.Boolean },
            new() { Name = "revert_mask", Type = FalFieldType.Boolean },
            new() { Name = "blur_mask", Type = FalFieldType.Integer },
            new() { Name = "expand_mask", Type = FalFieldType.Integer },
            new() { Name = "fill_holes", Type = FalFieldType.Boolean },
            new() { Name = "sync_mode", Type = FalFieldType.Boolean },
        ],
    };

    /// <summary>The picture formats that the models read.</summary>
    public static IReadOnlyList<PictureFormat> InputFormats { get; } = [PictureFormat.Png, PictureFormat.Jpeg, PictureFormat.WebP, PictureFormat.Gif, PictureFormat.Avif];

    // Loaded on demand: most requests use the models above. Generated by build/Inpaint.FalModels from the types of fal's JavaScript client 1.10.1.
    private static readonly Lazy<FrozenDictionary<string, FalModel>> Described = new(Load);

    private static readonly FalModel[] Written = [Inpainting, TextToImage, Segmentation, SegmentationByWords];

    /// <summary>The ids of all models for inpainting, the default one first.</summary>
    public static IEnumerable<string> InpaintingIds => [Inpainting.Id, .. Described.Value.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Gets the default model of an operation.</summary>
    /// <returns>The model.</returns>
    public static FalModel StandardFor(InpaintOperation operation) => operation switch
    {
        InpaintOperation.Inpaint => Inpainting,
        InpaintOperation.Segment => Segmentation,
        _ => TextToImage,
    };

    /// <summary>Finds a built-in description.</summary>
    /// <returns>The description; null when there is none.</returns>
    public static FalModel? Find(string id) =>
        Written.FirstOrDefault(model => model.Id == id) ?? Described.Value.GetValueOrDefault(id);

    private static FrozenDictionary<string, FalModel> Load()
    {
        using Stream stream = typeof(FalModels).Assembly.GetManifestResourceStream(Resource)!;
        return JsonSerializer.Deserialize(stream, FalModelJson.Default.IReadOnlyListFalModel)!.ToFrozenDictionary(model => model.Id, StringComparer.Ordinal);
    }
}

/// <summary>What fal's descriptions do not say about its models: prices, sizes and the polarity of masks, each with its source. It is true wherever the model is called, at fal or through a gateway.</summary>
internal static class FalModelFacts
{
    /// <summary>
    /// FLUX works in blocks of 16 pixels and was trained at around a megapixel, as were the models of the SDXL family (arXiv 2307.01952, section 2.3). Just below a whole
    /// megapixel: some models are billed by the megapixel begun (fal.ai/docs, "FLUX.1 [pro] Fill": "rounding up to nearest megapixel"), and a little more would be paid for as two.
    /// </summary>
    private static readonly WorkingSize AroundMegapixel = new(MultipleOf: 16, MinimumEdge: 512, MaximumEdge: 1536, MaximumPixels: 1_000_000);

    /// <summary>Stable Diffusion 1.5 was trained at 512x512, in blocks of 8 pixels, and repeats things in larger pictures (huggingface.co/runwayml/stable-diffusion-v1-5, "Training").</summary>
    private static readonly WorkingSize AroundQuarter = new(MultipleOf: 8, MinimumEdge: 512, MaximumEdge: 768, MaximumPixels: 512 * 768);

    private static readonly string[] StableDiffusion15 = ["fal-ai/lcm-sd15-i2i"];

    /// <summary>The prices that the models' own pages state (fal.ai/models/…/llms.txt, "Pricing"; for flux-pro/v1/fill fal.ai/docs, "FLUX.1 [pro] Fill"), read in November 2026.</summary>
    private static readonly Dictionary<string, InpaintPrice> ListPrices = new(StringComparer.Ordinal)
    {
        ["fal-ai/flux-lora"] = new(0.035m, "megapixel"),
        ["fal-ai/flux-lora/inpainting"] = new(0.035m, "megapixel"),
        ["fal-ai/bria/genfill"] = new(0.04m, "generation"),
        ["fal-ai/flux-pro/v1/fill"] = new(0.05m, "megapixel"),
        ["fal-ai/sam-3/image"] = new(0.005m, "request"),
    };

    /// <summary>
    /// Whether a model repaints what is black in the mask. Ideogram does (developer.ideogram.ai, "Edit": the mask is black where the picture is to be edited); nothing in a model's
    /// own description tells.
    /// </summary>
    /// <param name="id">The model's id.</param>
    /// <returns>True when it does.</returns>
    public static bool RepaintsBlack(string id) => id.StartsWith("fal-ai/ideogram/", StringComparison.Ordinal);

    /// <summary>The sizes at which a model works well.</summary>
    /// <param name="id">The model's id.</param>
    /// <returns>The sizes.</returns>
    public static WorkingSize WorkingSizeOf(string id) => StableDiffusion15.Contains(id) ? AroundQuarter : AroundMegapixel;

    /// <summary>What fal's own pages say that a unit of the model's work costs.</summary>
    /// <param name="id">The model's id.</param>
    /// <returns>The price; null where no page is known to state one, or it depends on an option.</returns>
    public static InpaintPrice? ListPriceOf(string id) => ListPrices.GetValueOrDefault(id);
}

/// <summary>
/// fal's names for sizes (fal.ai/models/fal-ai/flux-lora, "API": image_size), which are accepted for every provider that takes a size.
/// Providers that do not know the names are sent pixels.
/// </summary>
internal static class FalSizeNames
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
