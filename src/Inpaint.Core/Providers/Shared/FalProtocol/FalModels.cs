using System.Collections.Frozen;
using System.Text.Json;

namespace Inpaint.Providers.Shared.FalProtocol;

/// <summary>The models of fal that are known without asking fal.</summary>
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

    /// <summary>The model that repaints when none is named (fal.ai/models/fal-ai/flux-lora/inpainting, "API"); one whose description cannot be had is sent what this one takes.</summary>
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

    /// <summary>The model that makes pictures from a prompt when none is named (fal.ai/models/fal-ai/flux-lora, "API").</summary>
    public static FalModel TextToImage { get; } = new()
    {
        Id = "fal-ai/flux-lora",
        Fields = [.. Shared, new() { Name = "image_size", Type = FalFieldType.Size, Default = "landscape_4_3" }],
    };

    /// <summary>The model that finds things in pictures when none is named: by words, points or boxes (fal.ai/models/fal-ai/sam-3/image/api).</summary>
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

    /// <summary>Another one, which goes by words alone (fal.ai/models/fal-ai/evf-sam/api).</summary>
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

    /// <summary>The formats of pictures that they read.</summary>
    public static IReadOnlyList<PictureFormat> InputFormats { get; } = [PictureFormat.Png, PictureFormat.Jpeg, PictureFormat.WebP, PictureFormat.Gif, PictureFormat.Avif];

    // Read at the first question: most lines use the models above. Made by build/Inpaint.FalModels from the types of fal's JavaScript client 1.10.1.
    private static readonly Lazy<FrozenDictionary<string, FalModel>> Described = new(Load);

    private static readonly FalModel[] Written = [Inpainting, TextToImage, Segmentation, SegmentationByWords];

    /// <summary>The ids of all models that take a picture and a mask, the default one first.</summary>
    public static IEnumerable<string> InpaintingIds => [Inpainting.Id, .. Described.Value.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The model that an operation uses when none is named.</summary>
    /// <returns>The model.</returns>
    public static FalModel StandardFor(InpaintOperation operation) => operation switch
    {
        InpaintOperation.Inpaint => Inpainting,
        InpaintOperation.Segment => Segmentation,
        _ => TextToImage,
    };

    /// <summary>Finds a model.</summary>
    /// <returns>The model; null when it is not known here.</returns>
    public static FalModel? Find(string id) =>
        Written.FirstOrDefault(model => model.Id == id) ?? Described.Value.GetValueOrDefault(id);

    private static FrozenDictionary<string, FalModel> Load()
    {
        using Stream stream = typeof(FalModels).Assembly.GetManifestResourceStream(Resource)!;
        return JsonSerializer.Deserialize(stream, FalModelJson.Default.IReadOnlyListFalModel)!.ToFrozenDictionary(model => model.Id, StringComparer.Ordinal);
    }
}
