using Inpaint.Providers.Fal.Models;

namespace Inpaint.Providers.Fal;

/// <summary>What fal's models take, each by its own description, and what the queue offers around all of them.</summary>
internal static class FalCapabilities
{
    /// <summary>US dollars per megapixel made, the same for all flux-lora models (fal.ai/models/fal-ai/flux-lora/inpainting, "Pricing").</summary>
    public const decimal PricePerMegapixel = 0.035m;

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
        new() { Name = "StartTimeoutSec", Minimum = 2 },
    ];

    /// <summary>The capabilities of the models that are used when none is named: repainting first.</summary>
    public static IReadOnlyList<ProviderCapabilities> All { get; } =
    [
        Make(InpaintOperation.Inpaint, FalModels.Inpainting, []) with { PricePerMegapixel = PricePerMegapixel, DescribedModels = new(() => [.. FalModels.InpaintingIds]) },
        Make(InpaintOperation.TextToImage, FalModels.TextToImage, [new() { Name = "PreviewPath" }]) with { PricePerMegapixel = PricePerMegapixel },
    ];

    /// <summary>The list price of a model.</summary>
    /// <param name="id">The model's id.</param>
    /// <returns>US dollars per megapixel; null when it is not known here.</returns>
    public static decimal? PriceOf(string id) => All.Any(c => c.DefaultModel == id) ? PricePerMegapixel : null;

    /// <summary>What a model takes.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="id">The model's id.</param>
    /// <returns>By the model's own description; by that of the default one, with a caution and without a price, when there is none.</returns>
    public static ProviderCapabilities For(InpaintOperation operation, string id)
    {
        ProviderCapabilities standard = All.First(c => c.Operation == operation);
        if (id == standard.DefaultModel)
        {
            return standard;
        }

        return operation == InpaintOperation.Inpaint && FalModels.Find(id) is { } model
            ? Make(operation, model, [])
            : standard with
            {
                DefaultModel = id,
                DescribedModels = null,
                PricePerMegapixel = null,
                Caution = $"What {id} takes is not known: it is sent what {standard.DefaultModel} takes, and no cost is estimated.",
            };
    }

    private static ProviderCapabilities Make(InpaintOperation operation, FalModel model, IReadOnlyList<ParameterCapability> more) => new()
    {
        Operation = operation,
        DefaultModel = model.Id,
        KnownModels = [model.Id],
        Parameters = [.. FalModelParameters.Of(model), .. Platform, .. more, .. FalOptions.All, .. operation == InpaintOperation.Inpaint ? FalOptions.OfPictures : []],
        InputFormats = operation == InpaintOperation.Inpaint ? Formats : [],
        WorkingSize = WorkingSize,
        CanCancel = true,
        HasLogs = true,
        StreamsStatus = true,
        RepaintsBlack = model.RepaintsBlack,
    };
}
