using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.Fal.Models;

/// <summary>The known models of fal as public objects: the built-in ones, and those that fal has described.</summary>
internal static class FalKnownModels
{
    /// <summary>Lists all models that are known without calling fal.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="stateFolder">The state folder with the descriptions that fal has returned.</param>
    /// <returns>The default models first, then the most recently changed; deprecated ones last.</returns>
    public static IReadOnlyList<InpaintModel> All(InpaintProvider provider, string stateFolder)
    {
        Dictionary<string, FalModelRecord> records = new(StringComparer.Ordinal);
        foreach (string id in FalCapabilities.All.Select(c => c.DefaultModel).Concat(FalModels.InpaintingIds).Append(FalModels.SegmentationByWords.Id))
        {
            records[id] = new FalModelRecord { Id = id };
        }

        foreach (FalModelRecord record in new FalModelCache(stateFolder, provider).All())
        {
            records[record.Id] = record;
        }

        return [.. records.Values.Select(record => Of(provider, record)).OfType<InpaintModel>()
            .OrderByDescending(model => FalCapabilities.IsStandard(model.Id))
            .ThenByDescending(model => records[model.Id].Status is null or "active")
            .ThenByDescending(model => model.UpdatedAt ?? DateTimeOffset.MinValue)
            .ThenBy(model => model.Id, StringComparer.Ordinal)];
    }

    /// <summary>Creates the public object for a model.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="record">What fal has returned about it.</param>
    /// <returns>The model; null when it supports none of the operations, or too little is known of it.</returns>
    public static InpaintModel? Of(InpaintProvider provider, FalModelRecord record)
    {
        if (OperationOf(record) is not { } operation)
        {
            return null;
        }

        ProviderCapabilities capabilities = FalCapabilities.For(operation, record.Id, record);
        return new InpaintModel
        {
            Id = record.Id,
            Provider = provider.Name,
            Name = record.Title,
            Operation = operation,
            Price = capabilities.Price,
            UpdatedAt = record.UpdatedAt,
            Description = record.Description,
            Parameters = capabilities.Parameters,
        };
    }

    private static InpaintOperation? OperationOf(FalModelRecord record)
    {
        if (FalCapabilities.All.FirstOrDefault(c => c.DefaultModel == record.Id) is { } standard)
        {
            return standard.Operation;
        }

        if ((record.Model ?? FalModels.Find(record.Id)) is not { } model)
        {
            return null;
        }

        bool hasImage = FalFieldRoles.Find(model, "Image") is not null;
        return hasImage && FalFieldRoles.Find(model, "Mask") is not null ? InpaintOperation.Inpaint
            : FalFieldRoles.MakesMasks(model) ? InpaintOperation.Segment
            : !hasImage && FalFieldRoles.Find(model, "Prompt") is not null && MakesPictures(model) ? InpaintOperation.TextToImage
            : null;
    }

    // Models that generate video or sound from a prompt are recognized by their output.
    private static bool MakesPictures(FalModel model) => model.Outputs is not { Count: > 0 } outputs || outputs.Contains("images") || outputs.Contains("image");
}
