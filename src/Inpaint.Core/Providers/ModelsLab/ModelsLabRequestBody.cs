using System.Globalization;
using System.Text.Json.Nodes;
using Inpaint.Http;
using Inpaint.Planning;
using Inpaint.Providers.Shared;

namespace Inpaint.Providers.ModelsLab;

/// <summary>A job as ModelsLab takes it; the key is written into the body only when it is sent.</summary>
/// <param name="Target">The URL to which it is submitted.</param>
/// <param name="Body">The body without the key.</param>
internal sealed record ModelsLabSubmission(Uri Target, JsonBody Body) : PreparedSubmission;

/// <summary>
/// Builds the bodies of ModelsLab's image calls (docs.modelslab.com, "Inpainting", v6). Numbers are sent as numbers, as its error page requires, although its
/// examples send texts; what was not requested is left out.
/// </summary>
internal static class ModelsLabRequestBody
{
    /// <summary>The field of the key, which every body has.</summary>
    public const string KeyField = "key";

    /// <summary>Makes a factory for a body with the key, which is decrypted for each attempt.</summary>
    public static Func<HttpContent> WithKey(this ProviderChannel channel, JsonBody body) => () => channel.WithKey(key => body.ToContent((KeyField, key)));

    /// <summary>Ensures that the additional fields contain no key, before anything is uploaded.</summary>
    /// <exception cref="InpaintException">InvalidParameter: they contain one.</exception>
    public static void EnsureNoKey(InpaintRequest request)
    {
        if (request.AdditionalBody?.Any(field => string.Equals(field.Key, KeyField, StringComparison.OrdinalIgnoreCase)) == true)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, "AdditionalBody must not contain a key: the provider's own key is added when the request is sent.") { Parameter = nameof(request.AdditionalBody) };
        }
    }

    /// <summary>Builds the body of a job, without the key.</summary>
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
