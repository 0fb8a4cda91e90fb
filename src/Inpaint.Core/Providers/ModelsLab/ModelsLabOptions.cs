namespace Inpaint.Providers.ModelsLab;

/// <summary>How a switch is written.</summary>
internal enum SwitchForm
{
    /// <summary>As <c>"yes"</c> or <c>"no"</c>, which the documentation's examples send where its schema says boolean.</summary>
    Word,

    /// <summary>As a JSON boolean.</summary>
    Boolean,
}

/// <summary>An option that only ModelsLab has.</summary>
/// <param name="Capability">What users see.</param>
/// <param name="Field">The field of the body.</param>
/// <param name="Form">How it is written, for switches.</param>
internal sealed record ModelsLabOption(ParameterCapability Capability, string Field, SwitchForm Form = SwitchForm.Boolean);

/// <summary>The options that only ModelsLab has (docs.modelslab.com, "Inpainting", v6 schema).</summary>
internal static class ModelsLabOptions
{
    /// <summary>The field of <c>EnhancePrompt</c>, which is sent even when nobody asked: the service's own default rewrites the prompt.</summary>
    public const string EnhancePromptField = "enhance_prompt";

    /// <summary>The options.</summary>
    public static IReadOnlyList<ModelsLabOption> All { get; } =
    [
        new(new() { Name = "EnhancePrompt", Option = OptionKind.Switch, Default = "no" }, EnhancePromptField, SwitchForm.Word),
        new(new() { Name = "SafetyCheckerType", Option = OptionKind.Text, Values = ["blur", "sensitive_content_text", "pixelate", "black"], Default = "sensitive_content_text" }, "safety_checker_type"),
        new(new() { Name = "UseKarrasSigmas", Option = OptionKind.Switch, Default = "yes" }, "use_karras_sigmas", SwitchForm.Word),
        new(new() { Name = "AlgorithmType", Option = OptionKind.Text, Values = ["none", "dpmsolver+++"], Default = "none" }, "algorithm_type"),
        new(new() { Name = "Vae", Option = OptionKind.Text }, "vae"),
        new(new() { Name = "ClipSkip", Option = OptionKind.WholeNumber, Minimum = 1, Maximum = 8, Default = "2" }, "clip_skip"),
        new(new() { Name = "Base64", Option = OptionKind.Switch, Default = "no" }, "base64"),
        new(new() { Name = "Temp", Option = OptionKind.Switch, Default = "no" }, "temp"),
        new(new() { Name = "TrackId", Option = OptionKind.Text }, "track_id"),
        new(
            new()
            {
                Name = "IpAdapterId",
                Option = OptionKind.Text,
                Values = ["ip-adapter_sdxl", "ip-adapter_sd15", "ip-adapter-plus-face_sd15", "ip-adapter-plus_sdxl_vit-h", "ip-adapter-plus-face_sdxl_vit-h"],
            },
            "ip_adapter_id"),
        new(new() { Name = "IpAdapterScale", Option = OptionKind.Number, Minimum = 0, Maximum = 1 }, "ip_adapter_scale"),
        new(new() { Name = "IpAdapterImage", Option = OptionKind.Url }, "ip_adapter_image"),
    ];
}
