using Inpaint.Providers.Fal.Models;

namespace Inpaint.Providers.Fal;

/// <summary>What fal's models take, each by its own description, and what the queue offers around all of them.</summary>
internal static class FalCapabilities
{
    /// <summary>The list price of the models that are used when none is named (fal.ai/models/fal-ai/flux-lora/inpainting, "Pricing").</summary>
    public static InpaintPrice ListPrice { get; } = new(0.035m, "megapixel");

    /// <summary>
    /// FLUX works in blocks of 16 pixels and was trained at around a megapixel, as were the other models. Just below a whole one: whether fal rounds megapixels up is not
    /// documented, and a little more might be paid for as two.
    /// </summary>
    public static WorkingSize WorkingSize { get; } = new(MultipleOf: 16, MinimumEdge: 512, MaximumEdge: 1536, MaximumPixels: 1_000_000);

    private static readonly PictureFormat[] Formats = [PictureFormat.Png, PictureFormat.Jpeg, PictureFormat.WebP, PictureFormat.Gif, PictureFormat.Avif];

    // What the queue offers around every model, whatever its input.
    private static readonly ParameterCapability[] Platform =
    [
        new() { Name = "WebhookUri" },
        new() { Name = "AdditionalBody" },
        new() { Name = "Synchronous" },
        new() { Name = "Priority", Values = ["normal", "low"], Default = "normal" },
        new() { Name = "StartTimeout", Minimum = 2 },
    ];

    /// <summary>The capabilities of the models that are used when none is named: repainting first.</summary>
    public static IReadOnlyList<ProviderCapabilities> All { get; } =
    [
        Make(InpaintOperation.Inpaint, FalModels.Inpainting, []) with { Price = ListPrice, DescribedModels = new(() => [.. FalModels.InpaintingIds]) },
        Make(InpaintOperation.TextToImage, FalModels.TextToImage, [new() { Name = "PreviewFolder" }]) with { Price = ListPrice },
    ];

    /// <summary>Whether a model is one that is used when none is named: what it takes is written here, and is not asked for.</summary>
    /// <param name="id">The model's id.</param>
    /// <returns>True when it is.</returns>
    public static bool IsStandard(string id) => All.Any(c => c.DefaultModel == id);

    /// <summary>What a model takes and costs.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="id">The model's id.</param>
    /// <param name="record">What fal has said of it; null for nothing.</param>
    /// <returns>By the model's own description; by that of the default one, with a caution, when there is none.</returns>
    public static ProviderCapabilities For(InpaintOperation operation, string id, FalModelRecord? record = null)
    {
        ProviderCapabilities standard = All.First(c => c.Operation == operation);
        if (id == standard.DefaultModel)
        {
            return record?.Price is { } price ? standard with { Price = price } : standard;
        }

        return (record?.Model ?? FalModels.Find(id)) is { } model
            ? Make(operation, model, []) with { Price = record?.Price ?? All.FirstOrDefault(c => c.DefaultModel == id)?.Price }
            : standard with
            {
                DefaultModel = id,
                DescribedModels = null,
                Price = record?.Price,
                Warning = $"What {id} takes is not known: it is sent what {standard.DefaultModel} takes{(record?.Price is null ? ", and no cost is estimated" : "")}.",
            };
    }

    /// <summary>What a model takes and costs, by what is written down about it in the state folder.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="stateFolder">The state folder.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="id">The model's id.</param>
    /// <returns>The capabilities.</returns>
    public static ProviderCapabilities For(InpaintProvider provider, string stateFolder, InpaintOperation operation, string id) =>
        For(operation, id, FalEndpoints.IsId(id) ? new FalModelCache(stateFolder, provider).Find(id) : null);

    private static ProviderCapabilities Make(InpaintOperation operation, FalModel model, IReadOnlyList<ParameterCapability> more) => new()
    {
        Operation = operation,
        DefaultModel = model.Id,
        KnownModels = [model.Id],
        Parameters = Parameters(operation, model, [.. Platform, .. more, .. FalOptions.All, .. operation == InpaintOperation.Inpaint ? FalOptions.OfPictures : []]),
        InputFormats = operation == InpaintOperation.Inpaint ? Formats : [],
        WorkingSize = WorkingSize,
        CanCancel = true,
        HasLogs = true,
        StreamsStatus = true,
        RepaintsBlack = model.RepaintsBlack,
        ModelDescription = model,
    };

    /// <summary>A field of the model that is called as something of the platform's is left to AdditionalBody.</summary>
    private static ParameterCapability[] Parameters(InpaintOperation operation, FalModel model, ParameterCapability[] ofPlatform) =>
    [
        .. FalModelParameters.Of(model, operation).Where(own => !ofPlatform.Any(other => string.Equals(own.Name, other.Name, StringComparison.OrdinalIgnoreCase))),
        .. ofPlatform,
    ];
}
