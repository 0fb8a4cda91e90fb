using Inpaint.Providers.Fal.Models;
using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.Fal;

/// <summary>The capabilities of fal's models, each from its own description, and of the queue, which are the same for all.</summary>
internal static class FalCapabilities
{
    // The queue supports these for every model, whatever its input.
    private static readonly ParameterCapability[] Platform =
    [
        new() { Name = "WebhookUri" },
        new() { Name = "AdditionalBody" },
        new() { Name = "Synchronous" },
        new() { Name = "Priority", Values = ["normal", "low"], Default = "normal" },
        new() { Name = "StartTimeout", Minimum = 2 },
    ];

    /// <summary>The capabilities of the default models, inpainting first.</summary>
    public static IReadOnlyList<ProviderCapabilities> All { get; } =
    [
        Make(InpaintOperation.Inpaint, FalModels.Inpainting, []) with { DescribedModels = new(() => new ReadableList<string>([.. FalModels.InpaintingIds])) },
        Make(InpaintOperation.TextToImage, FalModels.TextToImage, [new() { Name = "PreviewFolder" }]),
        Make(InpaintOperation.Segment, FalModels.Segmentation, []) with { KnownModels = [FalModels.Segmentation.Id, FalModels.SegmentationByWords.Id] },
    ];

    /// <summary>Whether a model is a default one, whose capabilities are built in and not looked up.</summary>
    /// <param name="id">The model's id.</param>
    /// <returns>True when it is.</returns>
    public static bool IsStandard(string id) => All.Any(c => c.DefaultModel == id);

    /// <summary>The capabilities and price of a model.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="id">The model's id.</param>
    /// <param name="record">What fal has returned about it; null for nothing.</param>
    /// <returns>From the model's own description; without one, those of the default model, with a warning.</returns>
    public static ProviderCapabilities For(InpaintOperation operation, string id, FalModelRecord? record = null)
    {
        ProviderCapabilities standard = All.First(c => c.Operation == operation);
        if (id == standard.DefaultModel)
        {
            return record?.Price is { } price ? standard with { Price = price } : standard;
        }

        if ((record?.Model ?? FalModels.Find(id)) is { } model)
        {
            ProviderCapabilities described = Make(operation, model, []);
            return described with { Price = record?.Price ?? described.Price };
        }

        return standard with
        {
            DefaultModel = id,
            DescribedModels = null,
            RepaintsBlack = FalModelFacts.RepaintsBlack(id),
            Price = record?.Price,
            Warning = $"The parameters of {id} are not known: it is sent those of {standard.DefaultModel}{(record?.Price is null ? ", and no cost is estimated" : "")}.",
        };
    }

    /// <summary>The capabilities and price of a model, from its description in the state folder.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="stateFolder">The state folder.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="id">The model's id.</param>
    /// <returns>The capabilities.</returns>
    public static ProviderCapabilities For(InpaintProvider provider, string stateFolder, InpaintOperation operation, string id) =>
        For(operation, id, FalModelId.IsValid(id) ? new FalModelCache(stateFolder, provider).Find(id) : null);

    private static ProviderCapabilities Make(InpaintOperation operation, FalModel model, IReadOnlyList<ParameterCapability> more) => new()
    {
        Operation = operation,
        DefaultModel = model.Id,
        KnownModels = [model.Id],
        Parameters = Parameters(operation, model, [.. Platform, .. more, .. FalOptions.All, .. operation == InpaintOperation.TextToImage ? [] : FalOptions.OfPictures]),
        InputFormats = operation == InpaintOperation.TextToImage ? [] : FalModels.InputFormats,
        WorkingSize = FalModelFacts.WorkingSizeOf(model.Id),
        Price = FalModelFacts.ListPriceOf(model.Id),
        CanCancel = true,
        HasLogs = true,
        StreamsStatus = true,
        RepaintsBlack = FalModelFacts.RepaintsBlack(model.Id),
        ModelDescription = model,
    };

    /// <summary>A model's field with the same name as one of the platform's parameters can be set with AdditionalBody only.</summary>
    private static ParameterCapability[] Parameters(InpaintOperation operation, FalModel model, ParameterCapability[] ofPlatform) =>
    [
        .. FalModelParameters.Of(model, operation).Where(own => !ofPlatform.Any(other => string.Equals(own.Name, other.Name, StringComparison.OrdinalIgnoreCase))),
        .. ofPlatform,
    ];
}
