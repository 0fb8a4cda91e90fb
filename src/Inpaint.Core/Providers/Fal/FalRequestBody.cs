using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inpaint.Providers.Fal;

/// <summary>Builds the input of flux-lora (fal.ai/models/fal-ai/flux-lora/inpainting/api): the bare object, only with what was asked for.</summary>
internal static class FalRequestBody
{
    // Base64 and addresses stay as they are; the default encoder would blow them up with escapes.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Builds the body.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="image">The picture's address or data URI; null for none.</param>
    /// <param name="mask">The mask's address or data URI; null for none.</param>
    /// <returns>The body.</returns>
    public static JsonObject Build(InpaintRequest request, string? image, string? mask)
    {
        JsonObject body = [];
        Add(body, "prompt", request.Prompt);
        Add(body, "image_url", image);
        Add(body, "mask_url", mask);
        Add(body, "strength", request.Operation == InpaintOperation.Inpaint ? request.Strength : null);
        Add(body, "image_size", Size(request.Size));
        Add(body, "num_inference_steps", request.Steps);
        Add(body, "guidance_scale", request.GuidanceScale);
        Add(body, "num_images", request.Count);
        Add(body, "seed", request.Seed);
        Add(body, "loras", request.Loras.Count == 0 ? null : new JsonArray([.. request.Loras.Select(Lora)]));
        Add(body, "enable_safety_checker", request.SafetyChecker);
        Add(body, "output_format", request.OutputFormat?.ToLowerInvariant());
        Add(body, "acceleration", request.Acceleration?.ToLowerInvariant());
        Add(body, "sync_mode", request.InlineResult ? true : null);
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

    private static JsonNode? Size(ImageSize? size) =>
        size is null ? null : size.Preset is { } preset ? preset : new JsonObject { ["width"] = size.Width, ["height"] = size.Height };

    private static JsonNode Lora(LoraWeight lora) => new JsonObject { ["path"] = lora.Path, ["scale"] = lora.Scale };

    private static void Add(JsonObject body, string name, JsonNode? value)
    {
        if (value is not null)
        {
            body[name] = value;
        }
    }
}
