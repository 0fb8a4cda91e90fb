using Inpaint.Providers.Fal;
using Inpaint.Providers.Fal.Models;
using Inpaint.Providers.Shared;

namespace Inpaint.Providers.FalGateway;

/// <summary>
/// What gateways to fal take: the parameters that their pages list (api.chainhub.tech and www.kkiai.com, /fal-ai/flux-lora/inpainting and /fal-ai/flux-lora),
/// and those of fal's that they do not, which are sent with a warning. What they charge is theirs to say.
/// </summary>
internal static class FalGatewayCapabilities
{
    /// <summary>The most that pictures inside one request may have together, in bytes: gateways have no upload, and refuse long bodies without saying from where on.</summary>
    public const long LargestInline = 10_000_000;

    private static readonly ParameterCapability[] Pictures =
    [
        new() { Name = "Image", IsRequired = true },
        new() { Name = "Mask", IsRequired = true },
        new() { Name = "Strength", Minimum = 0.01, Maximum = 1, Default = "0.85" },
    ];

    private static readonly ParameterCapability[] Listed =
    [
        new() { Name = "Prompt", IsRequired = true },
        new() { Name = "Steps", Minimum = 1, Maximum = 50, Default = "28" },
        new() { Name = "GuidanceScale", Minimum = 0, Maximum = 35, Default = "3.5" },
        new() { Name = "Count", Minimum = 1, Maximum = 4, Default = "1" },
        new() { Name = "SafetyChecker" },
        new() { Name = "OutputFormat", Values = ["jpeg", "png"], Default = "jpeg" },
        new() { Name = "AdditionalBody" },
    ];

    private static readonly ParameterCapability[] Unlisted =
    [
        new() { Name = "Seed", Warning = WarningFor("Seed") },
        new() { Name = "Loras", Warning = WarningFor("Loras") },
        new() { Name = "Acceleration", Values = ["none", "regular"], Warning = WarningFor("Acceleration") },
        new() { Name = "InlineResult", Warning = WarningFor("InlineResult") },
    ];

    private static readonly ParameterCapability Size = new() { Name = "Size", Minimum = 1, Maximum = SizeNames.MaxEdge, NamedSizes = SizeNames.OfGateways };

    /// <summary>The capabilities: repainting first.</summary>
    public static IReadOnlyList<ProviderCapabilities> All { get; } =
    [
        Make(InpaintOperation.Inpaint, FalModels.Inpainting.Id, [.. Pictures, .. Listed, .. Unlisted, Size with { Warning = WarningFor("Size") }]),
        Make(InpaintOperation.TextToImage, FalModels.TextToImage.Id, [.. Listed, Size with { Default = "landscape_4_3" }, .. Unlisted]),
    ];

    private static string WarningFor(string parameter) => $"The gateway's documentation does not list {parameter}: it is sent as fal takes it, and the gateway may ignore it.";

    private static ProviderCapabilities Make(InpaintOperation operation, string model, IReadOnlyList<ParameterCapability> parameters) => new()
    {
        Operation = operation,
        DefaultModel = model,
        KnownModels = [model],
        Parameters = parameters,
        InputFormats = operation == InpaintOperation.Inpaint ? [PictureFormat.Png, PictureFormat.Jpeg, PictureFormat.WebP, PictureFormat.Gif, PictureFormat.Avif] : [],
        MaximumInputBytes = LargestInline,
        MaximumRequestBytes = LargestInline,
        WorkingSize = FalCapabilities.WorkingSize,

        // No gateway documents a cancel; it is tried all the same.
        CanCancel = false,
        StreamsStatus = false,
    };
}
