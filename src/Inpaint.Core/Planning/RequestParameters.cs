using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inpaint.Planning;

/// <summary>
/// Writes down what a request asks for, by the names of <see cref="InpaintRequest"/>, so that the same can be asked for again. What the job says itself is left out
/// (provider, model, prompt), and so is what must not be kept: a value that may be a key, the bytes of a picture, and the webhook, whose URL often holds a secret.
/// </summary>
internal static class RequestParameters
{
    // A text of this length without a blank is encoded data.
    private const int MaxWordLength = 1000;

    private static readonly string[] SecretNames = ["key", "secret", "token", "password", "credential", "signature", "auth"];

    /// <summary>Writes down what a request asks for.</summary>
    /// <returns>Values in invariant notation; lists and objects as JSON. <see cref="InpaintJob.NotRecorded"/> names what was given and left out.</returns>
    public static IReadOnlyDictionary<string, string> Describe(InpaintRequest request)
    {
        Dictionary<string, string> parameters = new(StringComparer.OrdinalIgnoreCase);
        List<string> notRecorded = [];
        void Add(string name, object? value)
        {
            if (Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text)
            {
                parameters[name] = text;
            }
        }

        void AddFlag(string name, bool value) => Add(name, value ? true : null);
        void AddPicture(string name, PictureSource? source)
        {
            Add(name, source?.FilePath ?? source?.Url ?? source?.FetchedFrom);
            if (source is { FilePath: null, Url: null, FetchedFrom: null })
            {
                notRecorded.Add(name);
            }
        }

        void AddJson(string name, JsonObject? fields)
        {
            if (fields is { Count: > 0 } && Keep(fields, name, notRecorded) is JsonObject { Count: > 0 } kept)
            {
                Add(name, kept.ToJsonString());
            }
        }

        AddPicture(nameof(request.Image), request.Image);
        AddPicture(nameof(request.Mask), request.Mask);
        Add(nameof(request.MaskMode), request.MaskMode == MaskMode.White ? null : request.MaskMode);
        AddFlag(nameof(request.ResizeMask), request.ResizeMask);
        AddFlag(nameof(request.KeepUnmasked), request.KeepUnmasked);
        AddFlag(nameof(request.CropToMask), request.CropToMask);
        Add(nameof(request.Padding), request.Padding);
        Add(nameof(request.Feather), request.Feather);
        Add(nameof(request.NegativePrompt), request.NegativePrompt);
        Add(nameof(request.Strength), request.Strength);
        Add(nameof(request.Steps), request.Steps);
        Add(nameof(request.GuidanceScale), request.GuidanceScale);
        Add(nameof(request.Count), request.Count);
        Add(nameof(request.Seed), request.Seed);
        Add(nameof(request.Size), request.Size);
        Add(nameof(request.OutputFormat), request.OutputFormat);
        Add(nameof(request.SafetyChecker), request.SafetyChecker);
        Add(nameof(request.Acceleration), request.Acceleration);
        Add(nameof(request.Scheduler), request.Scheduler);
        Add(nameof(request.Priority), request.Priority);
        Add(nameof(request.StartTimeout), request.StartTimeout?.TotalSeconds);
        AddFlag(nameof(request.InlineResult), request.InlineResult);
        AddFlag(nameof(request.Synchronous), request.Synchronous);
        AddJson(nameof(request.Options), new JsonObject(request.Options.Select(option => KeyValuePair.Create(option.Key, ToJson(option.Value)))));
        AddJson(nameof(request.AdditionalBody), request.AdditionalBody);
        if (request.Loras.Any(lora => MayHoldSecret(lora.Path)))
        {
            notRecorded.Add(nameof(request.Loras));
        }
        else if (request.Loras.Count > 0)
        {
            Add(nameof(request.Loras), new JsonArray([.. request.Loras.Select(lora => new JsonObject { [nameof(lora.Path)] = lora.Path, [nameof(lora.Scale)] = lora.Scale })]).ToJsonString());
        }

        if (request.WebhookUri is not null)
        {
            notRecorded.Add(nameof(request.WebhookUri));
        }

        Add(InpaintJob.NotRecorded, string.Join(", ", notRecorded));
        return parameters;
    }

    private static JsonNode? ToJson(object value) => value switch
    {
        JsonNode node => node.DeepClone(),
        bool flag => JsonValue.Create(flag),
        _ => JsonValue.Create(Convert.ToString(value, CultureInfo.InvariantCulture)),
    };

    /// <summary>A copy without what must not be kept.</summary>
    private static JsonNode? Keep(JsonNode? node, string name, List<string> notRecorded)
    {
        switch (node)
        {
            case JsonObject fields:
                JsonObject kept = [];
                foreach ((string field, JsonNode? value) in fields)
                {
                    string full = $"{name}.{field}";
                    if (SecretNames.Any(word => field.Contains(word, StringComparison.OrdinalIgnoreCase)) || IsSecretOrData(value))
                    {
                        notRecorded.Add(full);
                    }
                    else
                    {
                        kept[field] = Keep(value, full, notRecorded);
                    }
                }

                return kept;
            case JsonArray items:
                return new JsonArray([.. items.Select(item => Keep(item, name, notRecorded))]);
            default:
                return node?.DeepClone();
        }
    }

    private static bool IsSecretOrData(JsonNode? value) => value switch
    {
        JsonArray items => items.Any(IsSecretOrData),
        JsonValue text when text.GetValueKind() == JsonValueKind.String => IsData(text.GetValue<string>()) || MayHoldSecret(text.GetValue<string>()),
        _ => false,
    };

    private static bool IsData(string text) => text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || (text.Length > MaxWordLength && !text.Any(char.IsWhiteSpace));

    private static bool MayHoldSecret(string url)
    {
        int query = url.Contains("://", StringComparison.Ordinal) ? url.IndexOf('?', StringComparison.Ordinal) : -1;
        return query >= 0 && SecretNames.Append("sig=").Any(word => url.AsSpan(query).Contains(word, StringComparison.OrdinalIgnoreCase));
    }
}
