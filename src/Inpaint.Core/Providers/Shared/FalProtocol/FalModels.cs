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

    /// <summary>
    /// FLUX works in blocks of 16 pixels and was trained at around a megapixel, as were the other models. Just below a whole one: whether fal rounds megapixels up is not
    /// documented, and a little more might be paid for as two.
    /// </summary>
    public static WorkingSize WorkingSize { get; } = new(MultipleOf: 16, MinimumEdge: 512, MaximumEdge: 1536, MaximumPixels: 1_000_000);

    /// <summary>The formats of pictures that they read.</summary>
    public static IReadOnlyList<PictureFormat> InputFormats { get; } = [PictureFormat.Png, PictureFormat.Jpeg, PictureFormat.WebP, PictureFormat.Gif, PictureFormat.Avif];

    // Read at the first question: most lines use the models above. Made by build/Inpaint.FalModels from the types of fal's JavaScript client 1.10.1.
    private static readonly Lazy<FrozenDictionary<string, FalModel>> Described = new(Load);

    /// <summary>The ids of all models that take a picture and a mask, the default one first.</summary>
    public static IEnumerable<string> InpaintingIds => [Inpainting.Id, .. Described.Value.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Finds a model.</summary>
    /// <param name="id">The endpoint's id.</param>
    /// <returns>The model; null when it is not known here.</returns>
    public static FalModel? Find(string id) =>
        id == Inpainting.Id ? Inpainting : id == TextToImage.Id ? TextToImage : Described.Value.GetValueOrDefault(id);

    private static FrozenDictionary<string, FalModel> Load()
    {
        using Stream stream = typeof(FalModels).Assembly.GetManifestResourceStream(Resource)!;
        return JsonSerializer.Deserialize(stream, FalModelJson.Default.IReadOnlyListFalModel)!.ToFrozenDictionary(model => model.Id, StringComparer.Ordinal);
    }
}
