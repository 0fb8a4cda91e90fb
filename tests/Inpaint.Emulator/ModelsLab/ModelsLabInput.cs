using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inpaint.Emulator.ModelsLab;

/// <summary>
/// The input of <c>images/inpaint</c> and <c>images/text2img</c> (docs.modelslab.com), read as tolerantly as the service reads it: numbers and booleans may be strings, "yes" and
/// "no" are booleans. The first violation is told.
/// </summary>
internal sealed class ModelsLabInput
{
    private readonly JsonObject json;

    public ModelsLabInput(JsonObject json, bool inpainting, ModelsLabSettings settings)
    {
        this.json = json;
        Prompt = Text("prompt") ?? "";
        InitImage = Text("init_image") ?? "";
        MaskImage = Text("mask_image") ?? "";
        Width = (int)(Number("width", "width") ?? 512);
        Height = (int)(Number("height", "height") ?? 512);
        Samples = (int)(Number("samples", "samples") ?? 1);
        Strength = (double)(Number("strength", "strength") ?? 0.7m);
        Seed = (long?)Number("seed", "seed");
        Steps = Math.Min((int)(Number("num_inference_steps", "num_inference_steps") ?? Number("steps", "steps") ?? 31), settings.MaximumSteps);
        decimal guidance = Number("guidance_scale", "guidance_scale") ?? 7.5m;
        Base64 = Flag("base64");
        ChecksSafety = Flag("safety_checker");
        if (Text("model_id") is not { Length: > 0 } model)
        {
            Refuse("model_id is required");
        }
        else if (!settings.Models.Contains(model))
        {
            Refuse($"Model not found: {model}");
        }

        Check(Prompt.Length > 0, new JsonObject { ["prompt"] = new JsonArray("The prompt field is required.") });
        Check(!inpainting || InitImage.Length > 0, "init_image is required");
        Check(!inpainting || MaskImage.Length > 0, "mask_image is required");
        CheckEdge("width", Width);
        CheckEdge("height", Height);
        Check(Samples is >= 1 and <= 4, "samples must be between 1 and 4");
        Check(guidance is >= 1 and <= 20, "guidance_scale must be between 1 and 20");
        Check(Strength is >= 0 and <= 1, "strength must be between 0 and 1");
    }

    /// <summary>What is wrong: a text, or an object of texts by field; null when nothing is.</summary>
    public JsonNode? Error { get; private set; }

    public string Prompt { get; }

    public string InitImage { get; }

    public string MaskImage { get; }

    public int Width { get; }

    public int Height { get; }

    public int Samples { get; }

    public int Steps { get; }

    public double Strength { get; }

    public long? Seed { get; }

    public bool Base64 { get; }

    public string? Webhook => Text("webhook");

    public string? TrackId => Text("track_id");

    public bool ChecksSafety { get; }

    /// <summary>The parameters as used, as <c>meta</c> tells them: never the key.</summary>
    public JsonObject Meta(long seed)
    {
        JsonObject meta = json.DeepClone().AsObject();
        meta.Remove("key");
        meta["seed"] = seed;
        meta["width"] = Width;
        meta["height"] = Height;
        meta["steps"] = Steps;
        return meta;
    }

    private void CheckEdge(string field, int edge)
    {
        Check(edge is >= 256 and <= 1024, $"{field} must be between 256 and 1024");
        Check(edge % 8 == 0, $"{field} must be divisible by 8");
    }

    private void Check(bool holds, JsonNode message)
    {
        if (!holds)
        {
            Refuse(message);
        }
    }

    private void Refuse(JsonNode message) => Error ??= message;

    private string? Text(string field) => json[field] is { } value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private decimal? Number(string field, string name)
    {
        string? text = json[field] switch
        {
            null => null,
            { } value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
            { } value => value.ToJsonString(),
        };
        if (text is null)
        {
            return null;
        }

        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number))
        {
            return number;
        }

        Refuse($"{name} must be a number");
        return null;
    }

    private bool Flag(string field) => json[field]?.ToJsonString().Trim('"') is "true" or "yes" or "1";
}
