using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.Fal.Models;

/// <summary>The models of fal as the public type describes them: the built-in ones, and those that fal has described.</summary>
internal static class FalKnownModels
{
    /// <summary>All models that are known without asking.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="stateFolder">Where the descriptions that fal has returned are kept.</param>
    /// <returns>The standard ones first, then those that fal changed last; those that fal is withdrawing at the end.</returns>
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

    /// <summary>A model as the public type tells it.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="record">What fal has returned about it.</param>
    /// <returns>The model; null for one that does nothing that the module does, or of which it is not known.</returns>
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

    // A model that makes videos or sound from a prompt says so by its output.
    private static bool MakesPictures(FalModel model) => model.Outputs is not { Count: > 0 } outputs || outputs.Contains("images") || outputs.Contains("image");
}
