using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inpaint.Planning;

/// <summary>Computes a digest by which equal requests are recognized: same provider, model, parameters and picture content, wherever the files are.</summary>
internal static class RequestFingerprint
{
    /// <summary>Computes the digest.</summary>
    /// <param name="provider">The provider's name.</param>
    /// <param name="model">The model's id.</param>
    /// <param name="image">The picture, before it is cropped.</param>
    /// <param name="mask">The mask, white to repaint and of the picture's size.</param>
    /// <returns>64 hexadecimal digits.</returns>
    public static string Compute(InpaintRequest request, string provider, string model, PictureSource? image, PictureSource? mask)
    {
        // Utf8JsonWriter gives every value an unambiguous form; with concatenated strings "a|b" and "a","b" could be equal.
        ArrayBufferWriter<byte> content = new(1024);
        using (Utf8JsonWriter writer = new(content))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(request.Operation.ToString());
            writer.WriteStringValue(provider.ToUpperInvariant());
            writer.WriteStringValue(model);
            writer.WriteStringValue(image?.GetDigest());
            writer.WriteStringValue(mask?.GetDigest());
            writer.WriteStringValue(OrNull(request.Prompt));
            writer.WriteStringValue(OrNull(request.NegativePrompt));
            WriteNumber(writer, request.Strength);
            WriteNumber(writer, request.Steps);
            WriteNumber(writer, request.GuidanceScale);
            WriteNumber(writer, request.Count ?? 1);
            writer.WriteStringValue(request.Seed?.ToString(System.Globalization.CultureInfo.InvariantCulture));
            writer.WriteStringValue(request.Size?.ToString());
            writer.WriteStringValue(request.OutputFormat);
            writer.WriteStringValue(request.SafetyChecker?.ToString());
            writer.WriteStringValue(request.Acceleration);
            writer.WriteStringValue(request.Scheduler);
            foreach (LoraWeight lora in request.Loras)
            {
                writer.WriteStringValue(lora.Path);
                writer.WriteNumberValue(lora.Scale);
            }

            if (request.Options.Count > 0)
            {
                foreach ((string name, object value) in request.Options.OrderBy(o => o.Key, StringComparer.OrdinalIgnoreCase))
                {
                    writer.WriteStringValue(name.ToUpperInvariant());
                    writer.WriteStringValue(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
                }
            }

            foreach (MaskPoint point in request.Points)
            {
                writer.WriteStringValue(point.ToString());
            }

            foreach (MaskBox box in request.Boxes)
            {
                writer.WriteStringValue(box.ToString());
            }

            if (request.AdditionalBody is { Count: > 0 } additional)
            {
                WriteSorted(writer, additional);
            }

            // Written only where it is requested, so that fingerprints of requests from before these parameters existed stay the same.
            if (request.KeepUnmasked)
            {
                writer.WriteStringValue(request.CropToMask ? "crop" : "keep");
                WriteNumber(writer, request.Padding);
                WriteNumber(writer, request.Feather);
            }

            writer.WriteEndArray();
        }

        return Convert.ToHexString(SHA256.HashData(content.WrittenSpan));
    }

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <summary>Writes fields in a fixed order: a hashtable enumerates them in a different order in every process.</summary>
    private static void WriteSorted(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                writer.WriteStartObject();
                foreach ((string name, JsonNode? value) in fields.OrderBy(f => f.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    WriteSorted(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (JsonNode? item in items)
                {
                    WriteSorted(writer, item);
                }

                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, double? value)
    {
        if (value is double number && double.IsFinite(number))
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
