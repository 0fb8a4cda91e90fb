using System.Text.Json.Serialization;
using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.Fal.Models;

/// <summary>What fal has said of a model, and when: its entry in the list of models, what it takes and what it costs. Each may be missing.</summary>
internal sealed record FalModelRecord
{
    /// <summary>The endpoint's id.</summary>
    public required string Id { get; init; }

    /// <summary>Its name for people.</summary>
    public string? Title { get; init; }

    /// <summary>fal's category, such as <c>image-to-image</c>.</summary>
    public string? Category { get; init; }

    /// <summary>What fal says of it.</summary>
    public string? Description { get; init; }

    /// <summary>fal's word on whether it is still offered, such as <c>active</c> or <c>deprecated</c>.</summary>
    public string? Status { get; init; }

    /// <summary>When fal changed it last.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>What it takes.</summary>
    public FalModel? Model { get; init; }

    /// <summary>When fal said what it takes.</summary>
    public DateTimeOffset? DescribedAt { get; init; }

    /// <summary>What a unit costs, with the account's discounts.</summary>
    public InpaintPrice? Price { get; init; }

    /// <summary>When the price was fetched; there may have been none.</summary>
    public DateTimeOffset? PricedAt { get; init; }
}

/// <summary>How the records are kept in files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(FalModelRecord))]
internal sealed partial class FalModelRecordJson : JsonSerializerContext;
