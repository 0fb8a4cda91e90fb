using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Planning;

namespace Inpaint.Providers.Shared.FalProtocol;

/// <summary>Builds a model's input: an object with only what was requested, under the model's own field names.</summary>
internal static class FalRequestBody
{
    /// <summary>Builds the body.</summary>
    /// <param name="described">The model; null for an unknown one, which is sent the fields of the default model.</param>
    /// <param name="request">The request, checked against the model's capabilities.</param>
    /// <param name="image">The URL or token of the picture; null for none.</param>
    /// <param name="mask">The URL or token of the mask; null for none.</param>
    /// <returns>The body.</returns>
    public static JsonObject Build(FalModel? described, InpaintRequest request, string? image, string? mask)
    {
        FalModel standard = FalModels.StandardFor(request.Operation);
        FalModel model = described ?? standard;
        JsonObject body = [];
        void Add(string parameter, JsonNode? value)
        {
            // Gateways have no descriptions of models: without a field of the model, the default model's name is used.
            if (value is not null && (FalFieldRoles.Find(model, parameter) ?? FalFieldRoles.Find(standard, parameter)) is { } field)
            {
                body[field.Name] = ConvertFor(field, value);
            }
        }

        Add("Prompt", request.Prompt);
        Add("Image", image);
        Add("Mask", mask);
        Add("NegativePrompt", request.NegativePrompt);
        Add("Points", request.Points.Count == 0 ? null : new JsonArray([.. request.Points.Select(Point)]));
        Add("Boxes", request.Boxes.Count == 0 ? null : new JsonArray([.. request.Boxes.Select(Box)]));
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
        foreach (ParameterCapability option in request.Options.Count == 0 ? [] : FalModelParameters.Of(model, request.Operation).Where(p => p.Option is not null))
        {
            if (OptionValue.Find(request, option, model.Id) is { } value)
            {
                body[option.Name] = value switch { bool flag => flag, long number => number, double number => number, JsonNode json => json.DeepClone(), _ => (string)value };
            }
        }

        if (request.Operation == InpaintOperation.Segment)
        {
            AddMasks(model, request, body);
        }

        foreach ((string name, JsonNode? value) in request.AdditionalBody ?? [])
        {
            body[name] = value?.DeepClone();
        }

        return body;
    }

    /// <summary>Converts a value to the type of a field. Some models take a number as one of several texts ("4" of "1", "2", "4", "8"), a size as text, the picture as the first of a list, and closed
    /// lists in their own spelling only.</summary>
    private static JsonNode ConvertFor(FalField field, JsonNode value) => field.Type switch
    {
        FalFieldType.List when value is not JsonArray => new JsonArray(value),
        FalFieldType.Text when value is JsonObject size => string.Create(CultureInfo.InvariantCulture, $"{size["width"]}x{size["height"]}"),
        FalFieldType.Text when value.GetValueKind() == JsonValueKind.Number => value.ToJsonString(),
        FalFieldType.Text when field.Values?.FirstOrDefault(known => string.Equals(known, value.ToString(), StringComparison.OrdinalIgnoreCase)) is { } known => known,
        _ => value,
    };

    private static JsonNode? Size(ImageSize? size) =>
        size is null ? null : size.Name is { } name ? name : new JsonObject { ["width"] = size.Width, ["height"] = size.Height };

    /// <summary>Requests masks, as many as there are objects.</summary>
    private static void AddMasks(FalModel model, InpaintRequest request, JsonObject body)
    {
        // Without a prompt, the model searches for the words of its example as well as for the points and boxes (fal.ai/models/fal-ai/sam-3/image/llms.txt: prompt, default "wheel").
        if (string.IsNullOrEmpty(request.Prompt) && FalFieldRoles.Find(model, "Prompt") is { IsRequired: false, Default.Length: > 0 } words)
        {
            body[words.Name] = "";
        }

        foreach (FalField field in model.Fields)
        {
            if (FalFieldRoles.OfMasks.TryGetValue(field.Name, out JsonNode? value) && (field.Values is null || field.Values.Contains(value.ToString())))
            {
                body[field.Name] = value.DeepClone();
            }
            else if (field is { Name: "max_masks", Maximum: { } most } && !body.ContainsKey(field.Name))
            {
                body[field.Name] = (int)most;
            }
        }
    }

    private static JsonNode Point(MaskPoint point) => new JsonObject { ["x"] = point.X, ["y"] = point.Y, ["label"] = 1 };

    private static JsonNode Box(MaskBox box) => new JsonObject { ["x_min"] = box.X, ["y_min"] = box.Y, ["x_max"] = box.X + box.Width, ["y_max"] = box.Y + box.Height };

    private static JsonNode Lora(LoraWeight lora) => new JsonObject { ["path"] = lora.Path, ["scale"] = lora.Scale };
}
