using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.FalGateway;

/// <summary>
/// The capabilities of gateways to fal, which are those of fal's models. Parameters that the gateways' pages (api.chainhub.tech and www.kkiai.com, /fal-ai/flux-lora/inpainting and
/// /fal-ai/flux-lora) do not list are sent with a warning. The gateways set their own prices.
/// </summary>
internal static class FalGatewayCapabilities
{
    /// <summary>The maximum total size in bytes of the pictures inside one request: gateways have no upload, and refuse long bodies at an undocumented limit.</summary>
    public const long MaxInlineBytes = 10_000_000;

    private static readonly string[] Listed = ["Prompt", "Image", "Mask", "Strength", "Steps", "GuidanceScale", "Count", "SafetyChecker", "OutputFormat"];

    /// <summary>The capabilities, inpainting first.</summary>
    public static IReadOnlyList<ProviderCapabilities> All { get; } =
    [
        Make(InpaintOperation.Inpaint, FalModels.Inpainting, Listed) with { InputFormats = FalModels.InputFormats },
        Make(InpaintOperation.TextToImage, FalModels.TextToImage, [.. Listed, "Size"]),
    ];

    /// <summary>The capabilities of a model at a gateway: all models are passed through alike, and each reads masks in its own way.</summary>
    /// <param name="operation">An operation that gateways support.</param>
    /// <param name="id">The model's id.</param>
    /// <returns>The capabilities.</returns>
    public static ProviderCapabilities For(InpaintOperation operation, string id) =>
        All.First(c => c.Operation == operation) with { RepaintsBlack = FalModelFacts.RepaintsBlack(id), WorkingSize = FalModelFacts.WorkingSizeOf(id) };

    private static ProviderCapabilities Make(InpaintOperation operation, FalModel model, string[] listed) => new()
    {
        Operation = operation,
        DefaultModel = model.Id,
        KnownModels = [model.Id],
        Parameters = [.. FalModelParameters.Of(model, operation).Select(p => AtGateway(p, listed)), new() { Name = "AdditionalBody" }],
        MaximumInputBytes = MaxInlineBytes,
        MaximumRequestBytes = MaxInlineBytes,
        WorkingSize = FalModelFacts.WorkingSizeOf(model.Id),

        // No gateway documents cancelling; it is tried anyway.
        CanCancel = false,
        StreamsStatus = false,
    };

    /// <summary>One of fal's parameters as a gateway supports it.</summary>
    private static ParameterCapability AtGateway(ParameterCapability parameter, string[] listed)
    {
        ParameterCapability sold = parameter.Name == "Size" ? parameter with { NamedSizes = FalSizeNames.OfGateways } : parameter;
        return listed.Contains(parameter.Name) ? sold : sold with { Warning = WarningFor(parameter.Name) };
    }

    private static string WarningFor(string parameter) => $"The gateway's documentation does not list {parameter}: it is sent as for fal, and the gateway may ignore it.";
}
