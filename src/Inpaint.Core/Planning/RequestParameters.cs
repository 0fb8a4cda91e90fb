using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inpaint.Planning;

/// <summary>
/// Records what a request asks for, by the names of <see cref="InpaintRequest"/>, so that the same can be requested again. Properties that the job has itself are left out
/// (provider, model, prompt), and so is what must not be stored: a value that may be a key, the bytes of a picture, and the webhook, whose URL often contains a secret.
/// </summary>
internal static class RequestParameters
{
    // A text of this length without white space is encoded data.
    private const int MaxWordLength = 1000;

    private static readonly string[] SecretNames = ["key", "secret", "token", "password", "credential", "signature", "auth"];

    /// <summary>Records what a request asks for.</summary>
    /// <param name="request">The request.</param>
    /// <param name="recipe">How its mask was made, which is written down in place of the mask; null when the mask is a picture of its own.</param>
    /// <returns>Values in invariant notation; lists and objects as JSON. <see cref="InpaintJob.NotRecorded"/> names what was given and left out.</returns>
    public static IReadOnlyDictionary<string, string> Describe(InpaintRequest request, MaskRecipe? recipe = null)
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
        string? PlaceOf(string name, PictureSource? source)
        {
            string? place = source?.FilePath ?? source?.Url ?? source?.FetchedFrom;
            if (source is not null && place is null)
            {
                notRecorded.Add(name);
            }

            return place;
        }

        void AddJson(string name, JsonObject? fields)
        {
            if (fields is { Count: > 0 } && Keep(fields, name, notRecorded) is JsonObject { Count: > 0 } kept)
            {
                Add(name, kept.ToJsonString());
            }
        }

        Add(nameof(request.Image), PlaceOf(nameof(request.Image), request.Image));
        if (recipe is null)
        {
            Add(nameof(request.Mask), PlaceOf(nameof(request.Mask), request.Mask));
        }
        else
        {
            Add(nameof(request.MaskRecipe), Describe(recipe, PlaceOf($"{nameof(request.MaskRecipe)}.{nameof(recipe.Mask)}", recipe.Mask)).ToJsonString());
        }

        Add(nameof(request.Points), request.Points.Count == 0 ? null : string.Join(' ', request.Points));
        Add(nameof(request.Boxes), request.Boxes.Count == 0 ? null : string.Join(' ', request.Boxes));
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
        AddJson(nameof(request.Options), request.Options.Count == 0 ? null : new JsonObject(request.Options.Select(option => KeyValuePair.Create(option.Key, ToJson(option.Value)))));
        AddJson(nameof(request.AdditionalBody), request.AdditionalBody);
        if (request.Loras.Count > 0 && request.Loras.Any(lora => MayHoldSecret(lora.Path)))
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

    /// <summary>Writes down how a mask was made: what differs from an empty recipe, with its shapes by kind, in the notation in which they are given.</summary>
    private static JsonObject Describe(MaskRecipe recipe, string? mask)
    {
        JsonObject fields = [];
        void Add(string name, JsonNode? value)
        {
            if (value is not null)
            {
                fields[name] = value;
            }
        }

        JsonArray? List(IEnumerable<string> texts) => texts.Any() ? [.. texts.Select(text => JsonValue.Create(text))] : null;
        JsonValue? Number(int value) => value == 0 ? null : JsonValue.Create(value);
        JsonValue? Flag(bool value) => value ? JsonValue.Create(true) : null;
        Add(nameof(recipe.Mask), mask);
        Add(nameof(recipe.MaskMode), recipe.MaskMode == MaskMode.White ? null : $"{recipe.MaskMode}");
        Add("Rectangles", List(recipe.Shapes.OfType<MaskShape.RectangleShape>().Select(shape => $"{shape.Box}")));
        Add("Ellipses", List(recipe.Shapes.OfType<MaskShape.EllipseShape>().Select(shape => $"{shape.Bounds}")));
        Add("Polygons", List(recipe.Shapes.OfType<MaskShape.PolygonShape>().Select(shape => string.Join(' ', shape.Corners.Select(corner => string.Create(CultureInfo.InvariantCulture, $"{corner.X},{corner.Y}"))))));
        Add(nameof(recipe.FromAlpha), Flag(recipe.FromAlpha));
        Add(nameof(recipe.Color), recipe.Color?.ToString());
        Add(nameof(recipe.From), List(recipe.From.Select(point => $"{point}")));
        Add(nameof(recipe.Tolerance), Number(recipe.Tolerance));
        Add(nameof(recipe.Invert), Flag(recipe.Invert));
        Add(nameof(recipe.Grow), Number(recipe.Grow));
        Add(nameof(recipe.Shrink), Number(recipe.Shrink));
        Add(nameof(recipe.Feather), Number(recipe.Feather));
        return fields;
    }

    private static JsonNode? ToJson(object value) => value switch
    {
        JsonNode node => node.DeepClone(),
        bool flag => JsonValue.Create(flag),
        _ => JsonValue.Create(Convert.ToString(value, CultureInfo.InvariantCulture)),
    };

    /// <summary>A copy without what must not be stored.</summary>
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
