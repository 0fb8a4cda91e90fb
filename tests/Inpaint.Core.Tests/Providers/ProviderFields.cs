using Inpaint.Emulator.Recording;
using Inpaint.Imaging.Masks;
using Inpaint.Victim;

namespace Inpaint.Tests.Providers;

/// <summary>
/// Where each parameter stands in a request, by the services' own documents: written down here a second time, so that a field that is renamed or lost in the
/// code is noticed. A parameter that is new and has no place here fails its row of the table.
/// </summary>
internal static class ProviderFields
{
    private static readonly Dictionary<string, string> Fal = new(StringComparer.Ordinal)
    {
        ["Image"] = "body image_url",
        ["Mask"] = "body mask_url",
        ["Prompt"] = "body prompt",
        ["Strength"] = "body strength",
        ["Size"] = "body image_size",
        ["Steps"] = "body num_inference_steps",
        ["GuidanceScale"] = "body guidance_scale",
        ["Count"] = "body num_images",
        ["Seed"] = "body seed",
        ["Loras"] = "body loras",
        ["SafetyChecker"] = "body enable_safety_checker",
        ["OutputFormat"] = "body output_format",
        ["Acceleration"] = "body acceleration",
        ["InlineResult"] = "body sync_mode",
        ["AdditionalBody"] = "body new_field",
        ["WebhookUri"] = "query fal_webhook",
        ["MaximumQueueLength"] = "query fal_max_queue_length",
        ["Priority"] = "header X-Fal-Queue-Priority",
        ["StartTimeout"] = "header X-Fal-Request-Timeout",
        ["RunnerHint"] = "header X-Fal-Runner-Hint",
        ["NoServerRetry"] = "header X-Fal-No-Retry",
        ["NoFallback"] = "header x-app-fal-disable-fallback",
        ["OutputLifetimeSec"] = "header X-Fal-Object-Lifecycle-Preference",
        ["OutputAccess"] = "header X-Fal-Object-Lifecycle-Preference",
        ["Synchronous"] = "path /run/",
        ["PreviewFolder"] = "path /stream",
    };

    private static readonly Dictionary<string, string> ModelsLab = new(StringComparer.Ordinal)
    {
        ["Image"] = "body init_image",
        ["Mask"] = "body mask_image",
        ["Prompt"] = "body prompt",
        ["NegativePrompt"] = "body negative_prompt",
        ["Strength"] = "body strength",
        ["Size"] = "body width",
        ["Steps"] = "body num_inference_steps",
        ["GuidanceScale"] = "body guidance_scale",
        ["Count"] = "body samples",
        ["Seed"] = "body seed",
        ["Loras"] = "body lora_model",
        ["SafetyChecker"] = "body safety_checker",
        ["Scheduler"] = "body scheduler",
        ["WebhookUri"] = "body webhook",
        ["AdditionalBody"] = "body new_field",
        ["EnhancePrompt"] = "body enhance_prompt",
        ["SafetyCheckerType"] = "body safety_checker_type",
        ["UseKarrasSigmas"] = "body use_karras_sigmas",
        ["AlgorithmType"] = "body algorithm_type",
        ["Vae"] = "body vae",
        ["ClipSkip"] = "body clip_skip",
        ["Base64"] = "body base64",
        ["Temp"] = "body temp",
        ["TrackId"] = "body track_id",
        ["IpAdapterId"] = "body ip_adapter_id",
        ["IpAdapterScale"] = "body ip_adapter_scale",
        ["IpAdapterImage"] = "body ip_adapter_image",
    };

    /// <summary>Where a parameter stands.</summary>
    /// <param name="provider">The provider's name.</param>
    /// <param name="parameter">The parameter's.</param>
    /// <returns>A kind of place and a name.</returns>
    public static string PlaceOf(string provider, string parameter) =>
        (provider == "ModelsLab" ? ModelsLab : Fal).GetValueOrDefault(parameter) ?? throw new InvalidOperationException($"Nobody has written down where {provider}'s document wants {parameter}.");

    /// <summary>Reads what stands at a place.</summary>
    /// <param name="request">The request.</param>
    /// <param name="place">The place.</param>
    /// <returns>The text; null when there is nothing.</returns>
    public static string? Read(RecordedRequest request, string place)
    {
        string name = place[(place.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        return place.Split(' ')[0] switch
        {
            "body" => request.BodyJson!.TryGetPropertyValue(name, out System.Text.Json.Nodes.JsonNode? value) ? value?.ToJsonString() : null,
            "query" => request.Query.TrimStart('?').Split('&').FirstOrDefault(part => part.StartsWith(name + "=", StringComparison.Ordinal)),
            "header" => request.Headers.FirstOrDefault(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Value,
            _ => request.Path.Contains(name, StringComparison.Ordinal) ? name : null,
        };
    }

    /// <summary>The fields that a service's own document names for an operation.</summary>
    /// <param name="provider">The provider's name.</param>
    /// <param name="operation">The operation.</param>
    /// <returns>The fields of the body.</returns>
    public static IReadOnlyList<string> Documented(string provider, InpaintOperation operation)
    {
        string fields = (provider, operation) switch
        {
            ("Fal", InpaintOperation.Inpaint) =>
                "prompt image_size num_inference_steps seed loras guidance_scale sync_mode num_images enable_safety_checker output_format acceleration image_url strength mask_url",
            ("Fal", _) => "prompt image_size num_inference_steps seed loras guidance_scale sync_mode num_images enable_safety_checker output_format acceleration",
            ("ModelsLab", InpaintOperation.Inpaint) =>
                "key model_id init_image mask_image strength prompt negative_prompt enhance_prompt width height samples num_inference_steps safety_checker safety_checker_type seed "
                + "guidance_scale use_karras_sigmas algorithm_type vae lora_strength lora_model clip_skip base64 temp webhook track_id ip_adapter_id ip_adapter_scale ip_adapter_image scheduler",
            ("ModelsLab", _) =>
                "key model_id prompt negative_prompt enhance_prompt width height samples num_inference_steps safety_checker safety_checker_type seed guidance_scale use_karras_sigmas "
                + "algorithm_type vae lora_strength lora_model clip_skip base64 temp webhook track_id ip_adapter_id ip_adapter_scale ip_adapter_image scheduler",
            (_, InpaintOperation.Inpaint) => "prompt num_inference_steps guidance_scale num_images enable_safety_checker output_format image_url strength mask_url",
            _ => "prompt image_size num_inference_steps guidance_scale num_images enable_safety_checker output_format",
        };
        return fields.Split(' ');
    }
}
