namespace Inpaint.Emulator.FalGateway;

/// <summary>How the emulated gateway behaves; the family differs in all of this from host to host.</summary>
public sealed class GatewaySettings
{
    /// <summary>The tokens that are accepted.</summary>
    public ISet<string> Keys { get; } = new HashSet<string>(StringComparer.Ordinal) { "test-token" };

    /// <summary>The scheme of the Authorization header.</summary>
    public string AuthScheme { get; set; } = "Bearer";

    /// <summary>The URLs of a submit's answer name <c>fal-ai/flux-pro</c> for an inpainting, as the gateways' own documentation shows; otherwise the right app.</summary>
    public bool NamesWrongApp { get; set; } = true;

    /// <summary>Results are found under <c>fal-ai/auto</c>.</summary>
    public bool KnowsAuto { get; set; } = true;

    /// <summary>The status can be read, which no gateway documents.</summary>
    public bool KnowsStatus { get; set; } = true;

    /// <summary>Jobs can be cancelled, which no gateway documents.</summary>
    public bool KnowsCancel { get; set; }

    /// <summary>The token's account has nothing left.</summary>
    public bool IsOutOfQuota { get; set; }

    /// <summary>The fork of the gateway software: new_api_error, or shell_api_error with its additional members.</summary>
    public string ErrorType { get; set; } = GatewayErrors.NewApi;
}
