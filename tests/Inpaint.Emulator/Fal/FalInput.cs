using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inpaint.Emulator.Fal;

/// <summary>
/// The input of <c>fal-ai/flux-lora</c> and <c>fal-ai/flux-lora/inpainting</c>, checked like the service checks it (ranges: fal.ai model page, API tab).
/// All violations are collected before anything is refused.
/// </summary>
internal sealed class FalInput
{
    private const int LargestEdge = 14142;

    private static readonly Dictionary<string, (int Width, int Height)> Presets = new(StringComparer.Ordinal)
    {
        ["square_hd"] = (1024, 1024),
        ["square"] = (512, 512),
        ["portrait_4_3"] = (768, 1024),
        ["portrait_16_9"] = (576, 1024),
        ["landscape_4_3"] = (1024, 768),
        ["landscape_16_9"] = (1024, 576),
    };

    private readonly JsonObject json;
    private readonly List<JsonObject> errors = [];

    public FalInput(JsonObject json, bool inpainting)
    {
        this.json = json;
        Prompt = Text("prompt", required: true) ?? "";
        if (inpainting)
        {
            ImageUrl = Text("image_url", required: true) ?? "";
            MaskUrl = Text("mask_url", required: true) ?? "";
            Strength = Number("strength", 0.85, 0.01, 1);
        }

        Size = ReadSize() ?? (inpainting ? null : Presets["landscape_4_3"]);
        Steps = Integer("num_inference_steps", 28, 1, 50);
        Number("guidance_scale", 3.5, 0, 35);
        Count = Integer("num_images", 1, 1, 4);
        Seed = ReadSeed();
        ChecksSafety = Boolean("enable_safety_checker", true);
        SyncMode = Boolean("sync_mode", false);
        Format = OneOf("output_format", "jpeg", "jpeg", "png");
        OneOf("acceleration", "none", "none", "regular");
        CheckLoras();
    }

    public IReadOnlyList<JsonObject> Errors => errors;

    public string Prompt { get; }

    public string ImageUrl { get; } = "";

    public string MaskUrl { get; } = "";

    public (int Width, int Height)? Size { get; }

    public double Strength { get; } = 1;

    public int Steps { get; }

    public int Count { get; }

    public long? Seed { get; }

    public bool ChecksSafety { get; }

    public bool SyncMode { get; }

    public string Format { get; }

    private JsonNode? Value(string field) => json.TryGetPropertyValue(field, out JsonNode? value) ? value : null;

    private void Refuse(string field, string message, string type, JsonNode? input, JsonObject? context = null) =>
        errors.Add(FalErrors.Entry(field, message, type, input, context));

    private string? Text(string field, bool required)
    {
        JsonNode? value = Value(field);
        if (value is null)
        {
            if (required)
            {
                Refuse(field, "Field required", "missing", json);
            }

            return null;
        }

        if (value.GetValueKind() == JsonValueKind.String)
        {
            return value.GetValue<string>();
        }

        Refuse(field, "Input should be a valid string", "string_type", value);
        return null;
    }

    private int Integer(string field, int standard, int least, int most)
    {
        JsonNode? value = Value(field);
        if (value is null)
        {
            return standard;
        }

        if (value.GetValueKind() != JsonValueKind.Number || !TryDouble(value, out double number) || number != Math.Floor(number))
        {
            Refuse(field, "Input should be a valid integer", "int_type", value);
            return standard;
        }

        return InRange(field, value, number, least, most) ? (int)number : standard;
    }

    private double Number(string field, double standard, double least, double most)
    {
        JsonNode? value = Value(field);
        if (value is null)
        {
            return standard;
        }

        if (value.GetValueKind() != JsonValueKind.Number || !TryDouble(value, out double number))
        {
            Refuse(field, "Input should be a valid number", "float_type", value);
            return standard;
        }

        return InRange(field, value, number, least, most) ? number : standard;
    }

    private static bool TryDouble(JsonNode value, out double number) =>
        double.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    private bool InRange(string field, JsonNode value, double number, double least, double most)
    {
        if (number < least)
        {
            Refuse(field, $"Input should be greater than or equal to {Plain(least)}", "greater_than_equal", value, new() { ["ge"] = least });
            return false;
        }

        if (number > most)
        {
            Refuse(field, $"Input should be less than or equal to {Plain(most)}", "less_than_equal", value, new() { ["le"] = most });
            return false;
        }

        return true;
    }

    private static string Plain(double value) => value.ToString(CultureInfo.InvariantCulture);

    private long? ReadSeed()
    {
        JsonNode? value = Value("seed");
        if (value is null)
        {
            return null;
        }

        if (value.GetValueKind() == JsonValueKind.Number && long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seed))
        {
            return seed;
        }

        Refuse("seed", "Input should be a valid integer", "int_type", value);
        return null;
    }

    private bool Boolean(string field, bool standard)
    {
        JsonNode? value = Value(field);
        switch (value?.GetValueKind())
        {
            case null:
                return standard;
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            default:
                Refuse(field, "Input should be a valid boolean", "bool_type", value);
                return standard;
        }
    }

    private string OneOf(string field, string standard, params string[] expected)
    {
        JsonNode? value = Value(field);
        if (value is null)
        {
            return standard;
        }

        if (value.GetValueKind() == JsonValueKind.String && expected.Contains(value.GetValue<string>()))
        {
            return value.GetValue<string>();
        }

        Refuse(
            field,
            $"Input should be {string.Join(" or ", expected.Select(item => $"'{item}'"))}",
            "one_of",
            value,
            new() { ["expected"] = new JsonArray([.. expected.Select(item => JsonValue.Create(item))]) });
        return standard;
    }

    private (int Width, int Height)? ReadSize()
    {
        switch (Value("image_size"))
        {
            case null:
                return null;
            case JsonObject custom:
                return (Edge(custom, "width"), Edge(custom, "height"));
            case JsonValue value when value.GetValueKind() == JsonValueKind.String && Presets.TryGetValue(value.GetValue<string>(), out (int, int) preset):
                return preset;
            case { } other:
                Refuse(
                    "image_size",
                    $"Input should be {string.Join(", ", Presets.Keys.Select(name => $"'{name}'"))} or a size",
                    "one_of",
                    other,
                    new() { ["expected"] = new JsonArray([.. Presets.Keys.Select(name => JsonValue.Create(name))]) });
                return null;
        }
    }

    private int Edge(JsonObject size, string name)
    {
        const int standard = 512;
        if (!size.TryGetPropertyValue(name, out JsonNode? value) || value is null)
        {
            return standard;
        }

        string field = $"image_size.{name}";
        if (value.GetValueKind() != JsonValueKind.Number || !TryDouble(value, out double number) || number != Math.Floor(number))
        {
            Refuse(field, "Input should be a valid integer", "int_type", value);
            return standard;
        }

        if (number <= 0)
        {
            Refuse(field, "Input should be greater than 0", "greater_than", value, new() { ["gt"] = 0 });
            return standard;
        }

        return InRange(field, value, number, 1, LargestEdge) ? (int)number : standard;
    }

    private void CheckLoras()
    {
        JsonNode? value = Value("loras");
        if (value is null)
        {
            return;
        }

        if (value is not JsonArray loras)
        {
            Refuse("loras", "Input should be a valid list", "list_type", value);
            return;
        }

        for (int index = 0; index < loras.Count; index++)
        {
            if (loras[index] is not JsonObject lora)
            {
                Refuse($"loras.{index}", "Input should be a valid dictionary", "dict_type", loras[index]);
            }
            else
            {
                CheckLora(lora, index);
            }
        }
    }

    private void CheckLora(JsonObject lora, int index)
    {
        if (!lora.TryGetPropertyValue("path", out JsonNode? path) || path is null)
        {
            Refuse($"loras.{index}.path", "Field required", "missing", lora);
        }

        if (lora.TryGetPropertyValue("scale", out JsonNode? scale) && scale is not null && scale.GetValueKind() != JsonValueKind.Number)
        {
            Refuse($"loras.{index}.scale", "Input should be a valid number", "float_type", scale);
        }
    }
}
