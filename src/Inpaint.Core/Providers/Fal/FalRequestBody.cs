using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Planning;
using Inpaint.Providers.Fal.Models;

namespace Inpaint.Providers.Fal;

/// <summary>Builds a model's input: the bare object, only with what was asked for, under the names that the model has for it.</summary>
internal static class FalRequestBody
{
    // Base64 and addresses stay as they are; the default encoder would blow them up with escapes.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Builds the body.</summary>
    /// <param name="described">The model that it is for; null for one that is not known, which gets what the default one takes.</param>
    /// <param name="request">What is asked, checked against the model's capabilities.</param>
    /// <param name="image">The picture's address or data URI; null for none.</param>
    /// <param name="mask">The mask's address or data URI; null for none.</param>
    /// <returns>The body.</returns>
    public static JsonObject Build(FalModel? described, InpaintRequest request, string? image, string? mask)
    {
        FalModel standard = request.Operation == InpaintOperation.Inpaint ? FalModels.Inpainting : FalModels.TextToImage;
        FalModel model = described ?? standard;
        JsonObject body = [];
        void Add(string parameter, JsonNode? value)
        {
            // A gateway is not asked for a model's description: what the model has no field for goes under the name that most models have.
            if (value is not null && (FalFieldRoles.Find(model, parameter) ?? FalFieldRoles.Find(standard, parameter)) is { } field)
            {
                body[field.Name] = InFormOf(field, value);
            }
        }

        Add("Prompt", request.Prompt);
        Add("Image", image);
        Add("Mask", mask);
        Add("NegativePrompt", request.NegativePrompt);
        Add("Strength", request.Strength);
        Add("Size", Size(request.Size));
        Add("Steps", request.Steps);
        Add("GuidanceScale", request.GuidanceScale);
        Add("Count", request.Count);
        Add("Seed", request.Seed);
        Add("Loras", request.Loras.Count == 0 ? null : new JsonArray([.. request.Loras.Select(Lora)]));
        Add("SafetyChecker", request.SafetyChecker);
        Add("OutputFormat", request.OutputFormat);
        Add("Acceleration", request.Acceleration);
        Add("Scheduler", request.Scheduler);
        Add("InlineResult", request.InlineResult ? true : null);
        foreach (ParameterCapability option in FalModelParameters.Of(model, request.Operation).Where(p => p.Option is not null))
        {
            if (OptionValue.Find(request, option, model.Id) is { } value)
            {
                body[option.Name] = value switch { bool flag => flag, long number => number, double number => number, JsonNode json => json.DeepClone(), _ => (string)value };
            }
        }

        foreach ((string name, JsonNode? value) in request.AdditionalBody ?? [])
        {
            body[name] = value?.DeepClone();
        }

        return body;
    }

    /// <summary>Writes a body.</summary>
    /// <param name="body">The body.</param>
    /// <returns>UTF-8.</returns>
    public static ReadOnlyMemory<byte> Write(JsonObject body)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, WriterOptions))
        {
            body.WriteTo(writer);
        }

        return stream.ToArray();
    }

    /// <summary>Some models take a number among texts ("4" of "1", "2", "4", "8"), a size as text, the picture as the first of a list, and closed lists in their own spelling alone.</summary>
    private static JsonNode InFormOf(FalField field, JsonNode value) => field.Type switch
    {
        FalFieldType.List when value is not JsonArray => new JsonArray(value),
        FalFieldType.Text when value is JsonObject size => string.Create(CultureInfo.InvariantCulture, $"{size["width"]}x{size["height"]}"),
        FalFieldType.Text when value.GetValueKind() == JsonValueKind.Number => value.ToJsonString(),
        FalFieldType.Text when field.Values?.FirstOrDefault(known => string.Equals(known, value.ToString(), StringComparison.OrdinalIgnoreCase)) is { } known => known,
        _ => value,
    };

    private static JsonNode? Size(ImageSize? size) =>
        size is null ? null : size.Name is { } name ? name : new JsonObject { ["width"] = size.Width, ["height"] = size.Height };

    private static JsonNode Lora(LoraWeight lora) => new JsonObject { ["path"] = lora.Path, ["scale"] = lora.Scale };
}
