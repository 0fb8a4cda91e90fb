using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.FalGateway;

/// <summary>
/// What gateways to fal take: what fal's models take. Parameters that the gateways' pages (api.chainhub.tech and www.kkiai.com, /fal-ai/flux-lora/inpainting and
/// /fal-ai/flux-lora) do not list are sent with a warning. The gateways set their own prices.
/// </summary>
internal static class FalGatewayCapabilities
{
    /// <summary>The most that pictures inside one request may have together, in bytes: gateways have no upload, and refuse long bodies without saying from where on.</summary>
    public const long MaxInlineBytes = 10_000_000;

    private static readonly string[] Listed = ["Prompt", "Image", "Mask", "Strength", "Steps", "GuidanceScale", "Count", "SafetyChecker", "OutputFormat"];

    /// <summary>The capabilities: repainting first.</summary>
    public static IReadOnlyList<ProviderCapabilities> All { get; } =
    [
        Make(InpaintOperation.Inpaint, FalModels.Inpainting, Listed) with { InputFormats = FalModels.InputFormats },
        Make(InpaintOperation.TextToImage, FalModels.TextToImage, [.. Listed, "Size"]),
    ];

    /// <summary>What a gateway makes of a model: it passes all of them through alike, and each reads masks in its own way.</summary>
    /// <param name="operation">An operation that gateways have.</param>
    /// <param name="id">The model's id.</param>
    /// <returns>The capabilities.</returns>
    public static ProviderCapabilities For(InpaintOperation operation, string id) =>
        All.First(c => c.Operation == operation) with { RepaintsBlack = FalModelFacts.RepaintsBlack(id), WorkingSize = FalModelFacts.WorkingSizeOf(id) };

    private static ProviderCapabilities Make(InpaintOperation operation, FalModel model, string[] listed) => new()
    {
        Operation = operation,
        DefaultModel = model.Id,
        KnownModels = [model.Id],
        Parameters = [.. FalModelParameters.Of(model, operation).Select(p => AsSold(p, listed)), new() { Name = "AdditionalBody" }],
        MaximumInputBytes = MaxInlineBytes,
        MaximumRequestBytes = MaxInlineBytes,
        WorkingSize = FalModelFacts.WorkingSizeOf(model.Id),

        // No gateway documents a cancel; it is tried all the same.
        CanCancel = false,
        StreamsStatus = false,
    };

    /// <summary>What the gateway makes of one of fal's parameters.</summary>
    private static ParameterCapability AsSold(ParameterCapability parameter, string[] listed)
    {
        ParameterCapability sold = parameter.Name == "Size" ? parameter with { NamedSizes = FalSizeNames.OfGateways } : parameter;
        return listed.Contains(parameter.Name) ? sold : sold with { Warning = WarningFor(parameter.Name) };
    }

    private static string WarningFor(string parameter) => $"The gateway's documentation does not list {parameter}: it is sent as for fal, and the gateway may ignore it.";
}
