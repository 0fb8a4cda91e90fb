namespace Inpaint.Providers.Fal.Models;

/// <summary>Which field of a model's input a property of the request goes to. fal's models have different names for the same thing; a field that no row names is an option of the model.</summary>
internal static class FalFieldRoles
{
    // The first field that a model has and whose type fits is the one: ideogram/v3/edit takes the picture as image_url and style references as image_urls.
    private static readonly (string Parameter, FalFieldType[] Types, string[] Fields)[] Rows =
    [
        ("Prompt", [FalFieldType.Text], ["prompt", "instruction"]),
        ("Image", [FalFieldType.File, FalFieldType.Text, FalFieldType.List], ["image_url", "input_image_url", "inpaint_image_url", "image_urls"]),
        ("Mask", [FalFieldType.File, FalFieldType.Text], ["mask_url", "mask_image_url"]),
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
        Rows.Select(row => row.Parameter).Where(parameter => operation == InpaintOperation.Inpaint || parameter is not ("Image" or "Mask" or "Strength"));

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
