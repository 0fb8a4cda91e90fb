using System.Text.Json.Nodes;

namespace Inpaint.Providers.Shared.FalProtocol;

/// <summary>Which field of a model's input a property of the request goes to. fal's models have different names for the same thing; a field that no row names is an option of the model.</summary>
internal static class FalFieldRoles
{
    // The first field that a model has and whose type fits is the one: ideogram/v3/edit takes the picture as image_url and style references as image_urls.
    private static readonly (string Parameter, FalFieldType[] Types, string[] Fields)[] Rows =
    [
        ("Prompt", [FalFieldType.Text], ["prompt", "instruction"]),
        ("Image", [FalFieldType.File, FalFieldType.Text, FalFieldType.List], ["image_url", "input_image_url", "inpaint_image_url", "image_urls"]),
        ("Mask", [FalFieldType.File, FalFieldType.Text], ["mask_url", "mask_image_url"]),
        ("Points", [FalFieldType.List], ["point_prompts"]),
        ("Boxes", [FalFieldType.List], ["box_prompts"]),
        ("NegativePrompt", [FalFieldType.Text], ["negative_prompt"]),
        ("Strength", [FalFieldType.Number], ["strength", "inpaint_strength"]),
        ("Size", [FalFieldType.Size, FalFieldType.Text], ["image_size", "aspect_ratio", "resolution"]),
        ("Steps", [FalFieldType.Number, FalFieldType.Integer, FalFieldType.Text], ["num_inference_steps", "steps_num", "steps"]),
        ("GuidanceScale", [FalFieldType.Number, FalFieldType.Integer], ["guidance_scale"]),
        ("Count", [FalFieldType.Number, FalFieldType.Integer], ["num_images"]),
        ("Seed", [FalFieldType.Number, FalFieldType.Integer], ["seed"]),
        ("Loras", [FalFieldType.List], ["loras"]),
        ("SafetyChecker", [FalFieldType.Boolean], ["enable_safety_checker", "enable_safety_checks"]),
        ("OutputFormat", [FalFieldType.Text], ["output_format", "format", "image_format"]),
        ("Acceleration", [FalFieldType.Text], ["acceleration"]),
        ("Scheduler", [FalFieldType.Text], ["scheduler"]),
        ("InlineResult", [FalFieldType.Boolean], ["sync_mode"]),
    ];

    /// <summary>The parameters that an operation has, in the order in which they are listed.</summary>
    /// <param name="operation">The operation.</param>
    /// <returns>Their names.</returns>
    public static IEnumerable<string> ParametersOf(InpaintOperation operation) =>
        Rows.Select(row => row.Parameter).Where(parameter => operation switch
        {
            InpaintOperation.Inpaint => parameter is not ("Points" or "Boxes"),
            InpaintOperation.Segment => parameter is "Prompt" or "Image" or "Points" or "Boxes" or "NegativePrompt" or "Seed" or "InlineResult",
            _ => parameter is not ("Image" or "Mask" or "Strength" or "Points" or "Boxes"),
        });

    /// <summary>
    /// What is said to every model that finds things, whoever asks: the masks of all that is found, as files without loss (fal.ai/models/fal-ai/sam-3/image/api, whose default is
    /// a cut-out of the picture, and fal.ai/models/fal-ai/evf-sam/api).
    /// </summary>
    public static IReadOnlyDictionary<string, JsonNode> OfMasks { get; } = new Dictionary<string, JsonNode>(StringComparer.Ordinal)
    {
        ["apply_mask"] = false,
        ["mask_only"] = true,
        ["revert_mask"] = false,
        ["return_multiple_masks"] = true,
        ["output_format"] = "png",
    };

    /// <summary>Whether a model finds things in pictures and gives their masks.</summary>
    /// <param name="model">The model.</param>
    /// <returns>True for one that takes a picture and no mask, and gives masks.</returns>
    public static bool MakesMasks(FalModel model) =>
        Find(model, "Image") is not null && Find(model, "Mask") is null
        && (model.Outputs?.Contains("masks") == true || model.Fields.Any(field => field.Name is "apply_mask" or "mask_only"));

    /// <summary>Finds the field that a parameter goes to.</summary>
    /// <param name="model">The model.</param>
    /// <param name="parameter">The parameter's name, as in <see cref="ParameterCapability.Name"/>.</param>
    /// <returns>The field; null when the model has none.</returns>
    public static FalField? Find(FalModel model, string parameter)
    {
        (_, FalFieldType[] types, string[] names) = Rows.First(row => row.Parameter == parameter);
        return names
            .Select(name => model.Fields.FirstOrDefault(field => field.Name == name && types.Contains(field.Type)))
            .FirstOrDefault(field => field is not null && (parameter != "Size" || TakesPixels(field)));
    }

    /// <summary>Whether a size goes there as it is meant: as an object, a name, or a text such as 1024x1024. A text such as 480p or 16:9 is an option of the model's own.</summary>
    private static bool TakesPixels(FalField field) =>
        field.Type == FalFieldType.Size || (field.Values ?? []).Append(field.Default).Any(value => value is not null && ImageSize.TryParsePixels(value, out _));
}
