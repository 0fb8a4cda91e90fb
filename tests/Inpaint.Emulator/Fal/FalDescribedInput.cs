using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Providers.Shared.FalProtocol;
using Description = Inpaint.Providers.Shared.FalProtocol.FalModel;

namespace Inpaint.Emulator.Fal;

/// <summary>
/// The input of a model that is known by its description alone. The service ignores what a model does not know; here it is refused, so that nothing is sent under a name that
/// would do nothing.
/// </summary>
internal sealed class FalDescribedInput
{
    private readonly JsonObject json;
    private readonly List<JsonObject> errors = [];

    public FalDescribedInput(Description model, JsonObject json)
    {
        this.json = json;
        foreach ((string name, JsonNode? value) in json)
        {
            if (model.Fields.FirstOrDefault(field => field.Name == name) is { } field)
            {
                Check(field, value);
            }
            else
            {
                errors.Add(FalErrors.Entry(name, "Extra inputs are not permitted", "extra_forbidden", value));
            }
        }

        errors.AddRange(model.Fields.Where(field => field.IsRequired && json[field.Name] is null).Select(field => FalErrors.Entry(field.Name, "Field required", "missing", json)));
        ImageUrl = Text("image_url") ?? Text("inpaint_image_url") ?? (json["image_urls"] as JsonArray)?[0]?.GetValue<string>() ?? "";
        MaskField = json.ContainsKey("mask_url") ? "mask_url" : "mask_image_url";
        MaskUrl = Text(MaskField) ?? "";
        Prompt = Text("prompt") ?? Text("instruction") ?? model.Fields.FirstOrDefault(field => field.Name == "prompt")?.Default ?? "";
        Seed = json["seed"] is JsonValue seed && seed.GetValueKind() == JsonValueKind.Number ? (long)seed.AsDecimal() : null;
        Count = json["num_images"] is JsonValue count && count.GetValueKind() == JsonValueKind.Number ? (int)count.AsDecimal() : 1;
        IsInline = json["sync_mode"] is JsonValue inline && inline.GetValueKind() == JsonValueKind.True;
    }

    public IReadOnlyList<JsonObject> Errors => errors;

    public string ImageUrl { get; }

    public string MaskField { get; }

    public string MaskUrl { get; }

    public string Prompt { get; }

    public long? Seed { get; }

    public int Count { get; }

    public bool IsInline { get; }

    private string? Text(string field) => json[field] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private void Check(FalField field, JsonNode? value)
    {
        JsonValueKind kind = value?.GetValueKind() ?? JsonValueKind.Null;
        (bool fits, string message, string type) = field.Type switch
        {
            FalFieldType.Text or FalFieldType.File => (kind == JsonValueKind.String, "Input should be a valid string", "string_type"),
            FalFieldType.Number => (kind == JsonValueKind.Number, "Input should be a valid number", "float_type"),
            FalFieldType.Integer => (kind == JsonValueKind.Number, "Input should be a valid integer", "int_type"),
            FalFieldType.Boolean => (kind is JsonValueKind.True or JsonValueKind.False, "Input should be a valid boolean", "bool_type"),
            FalFieldType.List => (kind == JsonValueKind.Array, "Input should be a valid list", "list_type"),
            FalFieldType.Size => (kind is JsonValueKind.Object || (kind == JsonValueKind.String && field.Values?.Contains(value!.GetValue<string>()) != false), "Input should be a preset or a size", "one_of"),
            _ => (kind == JsonValueKind.Object, "Input should be a valid dictionary", "dict_type"),
        };
        if (!fits)
        {
            errors.Add(FalErrors.Entry(field.Name, message, type, value));
        }
        else if (field is { Type: FalFieldType.Text, Values: { } allowed } && !allowed.Contains(value!.GetValue<string>()))
        {
            string expected = string.Join(" or ", allowed.Select(item => $"'{item}'"));
            errors.Add(FalErrors.Entry(field.Name, $"Input should be {expected}", "one_of", value, new() { ["expected"] = new JsonArray([.. allowed.Select(item => JsonValue.Create(item))]) }));
        }
        else if (kind == JsonValueKind.Number && field.Minimum is { } least && value!.AsDecimal() < (decimal)least)
        {
            errors.Add(FalErrors.Entry(field.Name, string.Create(CultureInfo.InvariantCulture, $"Input should be greater than or equal to {least}"), "greater_than_equal", value, new() { ["ge"] = least }));
        }
        else if (kind == JsonValueKind.Number && field.Maximum is { } most && value!.AsDecimal() > (decimal)most)
        {
            errors.Add(FalErrors.Entry(field.Name, string.Create(CultureInfo.InvariantCulture, $"Input should be less than or equal to {most}"), "less_than_equal", value, new() { ["le"] = most }));
        }
    }
}

/// <summary>Numbers of a body, whatever their form.</summary>
internal static class JsonNumber
{
    public static decimal AsDecimal(this JsonNode value) => decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
}
