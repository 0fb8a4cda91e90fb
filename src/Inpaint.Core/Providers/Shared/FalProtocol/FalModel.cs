using System.Buffers;
using System.Collections.ObjectModel;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Inpaint.Providers.Shared.FalProtocol;

/// <summary>The type of a field of a model's input.</summary>
internal enum FalFieldType
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A URL or data URI of a file.</summary>
    File,

    /// <summary>A preset's name, or an object with width and height.</summary>
    Size,

    /// <summary>A list of anything.</summary>
    List,

    /// <summary>An object.</summary>
    Object,
}

/// <summary>A field of a model's input.</summary>
internal sealed record FalField
{
    /// <summary>The name in the request's body.</summary>
    public required string Name { get; init; }

    /// <summary>The type of its value.</summary>
    public FalFieldType Type { get; init; }

    /// <summary>Whether a request without it is refused.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The default, as text.</summary>
    public string? Default { get; init; }

    /// <summary>The values it takes, when they are a closed list; null for any.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>Smallest value, inclusive.</summary>
    public double? Minimum { get; init; }

    /// <summary>Largest value, inclusive.</summary>
    public double? Maximum { get; init; }

    /// <summary>The model's own description of it.</summary>
    public string? Description { get; init; }
}

/// <summary>A model's input, as fal describes it.</summary>
internal sealed record FalModel
{
    /// <summary>The endpoint's id, such as <c>fal-ai/bria/eraser</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The fields of its input.</summary>
    public required IReadOnlyList<FalField> Fields { get; init; }

    /// <summary>The names of its output's fields; null when they are not known.</summary>
    public IReadOnlyList<string>? Outputs { get; init; }
}

/// <summary>The JSON format of models in files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(IReadOnlyList<FalModel>))]
internal sealed partial class FalModelJson : JsonSerializerContext;

/// <summary>The ids of fal's models, which become part of URLs. A submit uses the full id; the URLs of a request only owner and alias.</summary>
internal static class FalModelId
{
    private const int MaxSegments = 8;

    private static readonly string[] Namespaces = ["workflows", "comfy"];

    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Refuses an invalid model id.</summary>
    /// <returns>The same id.</returns>
    /// <exception cref="InpaintException">InvalidParameter.</exception>
    public static string Ensure(string model) => IsValid(model)
        ? model
        : throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{model}' is not the id of a fal model. It has the form owner/name or owner/name/path, such as fal-ai/flux-lora/inpainting.")
        {
            Parameter = nameof(InpaintRequest.Model),
        };

    /// <summary>Whether a text is a valid model id, such as owner/name, of a length that a file name can have.</summary>
    public static bool IsValid(string model) => model.Length <= 200
        && model.Split('/') is { Length: >= 2 and <= MaxSegments } segments
        && Array.TrueForAll(segments, segment => segment.Length > 0 && !segment.AsSpan().ContainsAnyExcept(Characters) && !segment.Contains("..", StringComparison.Ordinal));

    /// <summary>Gets owner and alias of a model, which the URLs of its requests contain.</summary>
    /// <exception cref="InpaintException">InvalidParameter: it is not a valid id.</exception>
    public static string AppOf(string model)
    {
        string[] segments = Ensure(model).Split('/');
        return string.Join('/', segments.Take(Namespaces.Contains(segments[0], StringComparer.Ordinal) ? 3 : 2));
    }
}

/// <summary>Makes parameters of a model's input: those of <see cref="InpaintRequest"/> where <see cref="FalFieldRoles"/> assigns the field, and options for the rest.</summary>
internal static class FalModelParameters
{
    /// <summary>Gets the parameters of a model.</summary>
    /// <param name="operation">The operation; for text to image, pictures are options of the model.</param>
    /// <returns>The parameters, those of <see cref="InpaintRequest"/> first.</returns>
    public static IEnumerable<ParameterCapability> Of(FalModel model, InpaintOperation operation)
    {
        HashSet<string> taken = new(StringComparer.Ordinal);
        foreach (string parameter in FalFieldRoles.ParametersOf(operation))
        {
            if (FalFieldRoles.Find(model, parameter) is { } field)
            {
                taken.Add(field.Name);

                // The default is the model's own example, and never what the user meant.
                yield return operation == InpaintOperation.Segment && parameter == "Prompt" ? Make(parameter, field) with { Default = null } : Make(parameter, field);
            }
        }

        foreach (FalField field in model.Fields.Where(field => !taken.Contains(field.Name) && !(operation == InpaintOperation.Segment && FalFieldRoles.OfMasks.ContainsKey(field.Name))))
        {
            yield return Make(field.Name, field) with { Option = KindOf(field.Type) };
        }
    }

    private static ParameterCapability Make(string name, FalField field) => new()
    {
        Name = name,

        // Inpainting needs a picture and a mask, even where the model does not require them.
        IsRequired = field.IsRequired || name is "Image" or "Mask",
        Minimum = field.Minimum ?? (field.Type == FalFieldType.Size ? 1 : null),
        Maximum = field.Maximum ?? (field.Type == FalFieldType.Size ? FalSizeNames.MaxEdge : null),

        // A size is a name, or any width and height.
        NamedSizes = field.Type == FalFieldType.Size ? FalSizeNames.OfFal : ReadOnlyDictionary<string, ImageSize>.Empty,
        Values = field.Type == FalFieldType.Size ? [] : field.Values ?? [],

        // Switches are turned off by the user: the field's own default would read as the opposite.
        Default = string.IsNullOrEmpty(field.Default) || name is "SafetyChecker" or "InlineResult" ? null : field.Default,
        Description = field.Description,
    };

    private static OptionKind KindOf(FalFieldType type) => type switch
    {
        FalFieldType.Boolean => OptionKind.Switch,
        FalFieldType.Integer => OptionKind.WholeNumber,
        FalFieldType.Number => OptionKind.Number,
        FalFieldType.File => OptionKind.Url,
        FalFieldType.List => OptionKind.List,
        FalFieldType.Object or FalFieldType.Size => OptionKind.Map,
        _ => OptionKind.Text,
    };
}

/// <summary>Assigns properties of the request to fields of a model's input, which have different names in different models. A field in no row is an option of the model.</summary>
internal static class FalFieldRoles
{
    // The first field that the model has with a matching type is used: ideogram/v3/edit takes the picture as image_url and style references as image_urls.
    private static readonly Role[] Rows =
    [
        new("Prompt", [FalFieldType.Text], ["prompt", "instruction"]),
        new("Image", [FalFieldType.File, FalFieldType.Text, FalFieldType.List], ["image_url", "input_image_url", "inpaint_image_url", "image_urls"]),
        new("Mask", [FalFieldType.File, FalFieldType.Text], ["mask_url", "mask_image_url"]),
        new("Points", [FalFieldType.List], ["point_prompts"]),
        new("Boxes", [FalFieldType.List], ["box_prompts"]),
        new("NegativePrompt", [FalFieldType.Text], ["negative_prompt"]),
        new("Strength", [FalFieldType.Number], ["strength", "inpaint_strength"]),
        new("Size", [FalFieldType.Size, FalFieldType.Text], ["image_size", "aspect_ratio", "resolution"]),
        new("Steps", [FalFieldType.Number, FalFieldType.Integer, FalFieldType.Text], ["num_inference_steps", "steps_num", "steps"]),
        new("GuidanceScale", [FalFieldType.Number, FalFieldType.Integer], ["guidance_scale"]),
        new("Count", [FalFieldType.Number, FalFieldType.Integer], ["num_images"]),
        new("Seed", [FalFieldType.Number, FalFieldType.Integer], ["seed"]),
        new("Loras", [FalFieldType.List], ["loras"]),
        new("SafetyChecker", [FalFieldType.Boolean], ["enable_safety_checker", "enable_safety_checks"]),
        new("OutputFormat", [FalFieldType.Text], ["output_format", "format", "image_format"]),
        new("Acceleration", [FalFieldType.Text], ["acceleration"]),
        new("Scheduler", [FalFieldType.Text], ["scheduler"]),
        new("InlineResult", [FalFieldType.Boolean], ["sync_mode"]),
    ];

    /// <summary>Gets the parameters of an operation, in the order in which they are listed.</summary>
    /// <returns>Their names.</returns>
    public static IEnumerable<string> ParametersOf(InpaintOperation operation) =>
        Rows.Select(row => row.Parameter).Where(parameter => operation switch
        {
            InpaintOperation.Inpaint => parameter is not ("Points" or "Boxes"),
            InpaintOperation.Segment => parameter is "Prompt" or "Image" or "Points" or "Boxes" or "NegativePrompt" or "Seed" or "InlineResult",
            _ => parameter is not ("Image" or "Mask" or "Strength" or "Points" or "Boxes"),
        });

    /// <summary>
    /// Fields that are always sent to models for segmentation: all masks, as lossless files (fal.ai/models/fal-ai/sam-3/image/api, whose default is a cut-out of the picture, and
    /// fal.ai/models/fal-ai/evf-sam/api).
    /// </summary>
    public static IReadOnlyDictionary<string, JsonNode> OfMasks { get; } = new Dictionary<string, JsonNode>(StringComparer.Ordinal)
    {
        ["apply_mask"] = false,
        ["mask_only"] = true,
        ["revert_mask"] = false,
        ["return_multiple_masks"] = true,
        ["output_format"] = "png",
    };

    /// <summary>Whether a model is for segmentation.</summary>
    /// <returns>True when it takes a picture and no mask, and returns masks.</returns>
    public static bool MakesMasks(FalModel model) =>
        Find(model, "Image") is not null && Find(model, "Mask") is null
        && (model.Outputs?.Contains("masks") == true || model.Fields.Any(field => field.Name is "apply_mask" or "mask_only"));

    /// <summary>Finds the field of a parameter.</summary>
    /// <param name="parameter">The parameter's name, as in <see cref="ParameterCapability.Name"/>.</param>
    /// <returns>The field; null when the model has none.</returns>
    public static FalField? Find(FalModel model, string parameter)
    {
        Role role = Array.Find(Rows, row => row.Parameter == parameter)!;
        foreach (string name in role.Names)
        {
            foreach (FalField field in model.Fields)
            {
                if (field.Name == name && role.Takes(field.Type) && (parameter != "Size" || TakesPixels(field)))
                {
                    return field;
                }
            }
        }

        return null;
    }

    /// <summary>Whether a field takes a size as an object, a name, or a text such as 1024x1024. A field with values such as 480p or 16:9 is an option of the model.</summary>
    private static bool TakesPixels(FalField field) =>
        field.Type == FalFieldType.Size || (field.Values ?? []).Append(field.Default).Any(value => value is not null && ImageSize.TryParsePixels(value, out _));

    // A class, and loops instead of queries: all of this is compiled for a single request.
    private sealed record Role(string Parameter, FalFieldType[] Types, string[] Names)
    {
        public bool Takes(FalFieldType type)
        {
            foreach (FalFieldType taken in Types)
            {
                if (taken == type)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
