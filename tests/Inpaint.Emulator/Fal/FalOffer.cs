using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Control;
using Inpaint.Http;
using Inpaint.Providers.Shared.FalProtocol;
using Description = Inpaint.Providers.Shared.FalProtocol.FalModel;

namespace Inpaint.Emulator.Fal;

/// <summary>A model that fal offers: what its list says of it, what it takes and what it costs.</summary>
internal sealed record FalOffer
{
    /// <summary>The endpoint's id.</summary>
    public required string Id { get; init; }

    /// <summary>fal's category.</summary>
    public string Category { get; init; } = "image-to-image";

    /// <summary>When it was changed last.</summary>
    public DateTimeOffset UpdatedAt { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The price of a unit; null for a model without one.</summary>
    public decimal? UnitPrice { get; set; } = 0.035m;

    /// <summary>What is counted.</summary>
    public string Unit { get; set; } = "megapixels";

    /// <summary>A document to be given out in place of the one that is made of the description.</summary>
    public JsonNode? OpenApi { get; set; }

    /// <summary>What it takes.</summary>
    public required Description Description { get; init; }

    /// <summary>What fal offers when nothing else is said.</summary>
    public static IEnumerable<FalOffer> Standard() =>
    [
        new() { Id = FalEndpoint.TextToImage, Category = "text-to-image", Description = FalModels.TextToImage },
        new() { Id = FalEndpoint.Streaming, Category = "text-to-image", Description = FalModels.TextToImage with { Id = FalEndpoint.Streaming } },
        new() { Id = FalModels.Segmentation.Id, UnitPrice = 0.005m, Unit = "request", Description = FalModels.Segmentation },
        new() { Id = FalModels.SegmentationByWords.Id, UnitPrice = 0.001m, Unit = "request", Description = FalModels.SegmentationByWords },
        .. FalModels.InpaintingIds.Select(id => new FalOffer { Id = id, Description = FalModels.Find(id)! }),
    ];

    /// <summary>Reads one from a control document.</summary>
    public static FalOffer Read(JsonObject json)
    {
        string id = json.Text("id") ?? throw new JsonException("A model needs an \"id\".");
        string fields = new JsonObject { ["id"] = id, ["fields"] = json["fields"]?.DeepClone() ?? new JsonArray() }.ToJsonString();
        return new FalOffer
        {
            Id = id,
            Category = json.Text("category") ?? "image-to-image",
            UpdatedAt = json.Text("updatedAt") is { } updated ? DateTimeOffset.Parse(updated, CultureInfo.InvariantCulture) : new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero),
            UnitPrice = json["unitPrice"]?.GetValue<decimal>(),
            Unit = json.Text("unit") ?? "image",
            OpenApi = json["openapi"]?.DeepClone(),
            Description = JsonSerializer.Deserialize(fields, FalModelJson.Default.FalModel)!,
        };
    }

    /// <summary>The entry of the list of models.</summary>
    public JsonObject Entry(bool expands)
    {
        JsonObject entry = new()
        {
            ["endpoint_id"] = Id,
            ["metadata"] = new JsonObject
            {
                ["display_name"] = Id.Split('/')[^1],
                ["category"] = Category,
                ["description"] = $"{Id}, emulated",
                ["status"] = "active",
                ["tags"] = new JsonArray(),
                ["updated_at"] = UpdatedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["model_url"] = $"https://fal.run/{Id}",
            },
        };
        if (expands)
        {
            entry["openapi"] = OpenApi?.DeepClone() ?? FalOpenApiWriter.Write(Description);
        }

        return entry;
    }
}
