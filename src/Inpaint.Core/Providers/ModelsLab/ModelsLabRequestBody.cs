using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Planning;

namespace Inpaint.Providers.ModelsLab;

/// <summary>
/// Builds the bodies of ModelsLab's image calls (docs.modelslab.com, "Inpainting", v6). Numbers go as numbers, which its error page demands and its
/// examples do not do; what nobody asked for is left out.
/// </summary>
internal static class ModelsLabRequestBody
{
    /// <summary>The field of the key, which every body has.</summary>
    public const string KeyField = "key";

    // Base64 and addresses stay as they are; the default encoder would blow them up with escapes.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes sure that the additional fields hold no key, before anything is uploaded.</summary>
    /// <param name="request">What is asked.</param>
    /// <exception cref="InpaintException">InvalidParameter: they hold one.</exception>
    public static void DemandNoKey(InpaintRequest request)
    {
        if (request.AdditionalBody?.Any(field => string.Equals(field.Key, KeyField, StringComparison.OrdinalIgnoreCase)) == true)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, "-AdditionalBody must not hold a key. Give it with Set-InpaintProvider -ApiKey or -ApiKey.");
        }
    }

    /// <summary>Builds the body of a job, without the key.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="model">The model's id.</param>
    /// <param name="size">The size to make.</param>
    /// <param name="image">The picture's address; null for text to image.</param>
    /// <param name="mask">The mask's address; null for text to image.</param>
    /// <returns>The body.</returns>
    public static JsonObject Build(InpaintRequest request, string model, ImageSize size, string? image, string? mask)
    {
        JsonObject body = new() { ["model_id"] = model };
        Add(body, "prompt", request.Prompt);
        Add(body, "negative_prompt", request.NegativePrompt);
        Add(body, "init_image", image);
        Add(body, "mask_image", mask);
        body["width"] = size.Width;
        body["height"] = size.Height;
        body["samples"] = request.Count ?? 1;
        Add(body, "num_inference_steps", request.Steps);
        Add(body, "safety_checker", request.SafetyChecker is bool checks ? Word(checks) : null);
        Add(body, "guidance_scale", request.GuidanceScale);
        Add(body, "strength", request.Operation == InpaintOperation.Inpaint ? request.Strength : null);
        Add(body, "seed", request.Seed);
        Add(body, "scheduler", request.Scheduler);
        AddLoras(body, request.Loras);
        Add(body, "webhook", request.WebhookUri?.AbsoluteUri);
        body[ModelsLabOptions.EnhancePromptField] = Word(false);
        AddOptions(body, request);
        foreach ((string name, JsonNode? value) in request.AdditionalBody ?? [])
        {
            body[name] = value?.DeepClone();
        }

        return body;
    }

    /// <summary>Writes a body with the key in it.</summary>
    /// <param name="body">The body.</param>
    /// <param name="key">The key.</param>
    /// <returns>UTF-8.</returns>
    public static ReadOnlyMemory<byte> Write(JsonObject body, string key)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString(KeyField, key);
            foreach ((string name, JsonNode? value) in body)
            {
                writer.WritePropertyName(name);
                if (value is null)
                {
                    writer.WriteNullValue();
                }
                else
                {
                    value.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        return stream.GetBuffer().AsMemory(0, (int)stream.Length);
    }

    private static void AddLoras(JsonObject body, IReadOnlyList<LoraWeight> loras)
    {
        if (loras.Count == 0)
        {
            return;
        }

        body["lora_model"] = string.Join(',', loras.Select(lora => lora.Path));
        body["lora_strength"] = loras.Count == 1
            ? JsonValue.Create(loras[0].Scale)
            : string.Join(',', loras.Select(lora => lora.Scale.ToString(CultureInfo.InvariantCulture)));
    }

    private static void AddOptions(JsonObject body, InpaintRequest request)
    {
        foreach ((string name, object value) in request.Options)
        {
            ModelsLabOption option = ModelsLabOptions.All.First(o => string.Equals(o.Capability.Name, name, StringComparison.OrdinalIgnoreCase));
            body[option.Field] = OptionValue.Convert(option.Capability, value, "ModelsLab") switch
            {
                bool isOn when option.Form == SwitchForm.Word => Word(isOn),
                bool isOn => isOn,
                long number => number,
                double number => number,
                object text => (string)text,
            };
        }
    }

    private static string Word(bool value) => value ? "yes" : "no";

    private static void Add(JsonObject body, string name, JsonNode? value)
    {
        if (value is not null)
        {
            body[name] = value;
        }
    }
}
