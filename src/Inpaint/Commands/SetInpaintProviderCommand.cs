using System.Collections;
using System.Management.Automation;
using System.Security;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Changes or adds a provider, for this process or for all sessions of the user. Keys are never written to disk.</summary>
[Cmdlet(VerbsCommon.Set, "InpaintProvider", HelpUri = HelpLinks.Commands + "Set-InpaintProvider.md", SupportsShouldProcess = true)]
[OutputType(typeof(InpaintProvider))]
public sealed class SetInpaintProviderCommand : PSCmdlet
{
    /// <summary>The provider's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The name of the provider to change or add.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string Name { get; set; } = null!;

    /// <summary>The protocol; needed for a new provider.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ProviderKindCompleter))]
    public string? Kind { get; set; }

    /// <summary>The service's base URL.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BaseUriTransformation]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public Uri? BaseUri { get; set; }

    /// <summary>Base URL for direct calls; fal only.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BaseUriTransformation]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public Uri? SyncUri { get; set; }

    /// <summary>Base URL for uploads; fal only.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BaseUriTransformation]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public Uri? StorageUri { get; set; }

    /// <summary>Base URL of the platform API, which lists, describes and prices models; fal only.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BaseUriTransformation]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public Uri? PlatformUri { get; set; }

    /// <summary>The key.</summary>
    [Parameter]
    [SecureStringTransformation]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public SecureString? ApiKey { get; set; }

    /// <summary>The model used when a request names none.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Model { get; set; }

    /// <summary>The scheme of the Authorization header; gateways only.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? AuthScheme { get; set; }

    /// <summary>The name of the secret that contains the key; it is read at each use.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? ApiKeySecret { get; set; }

    /// <summary>The vault of the secret; the default one when not given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Vault { get; set; }

    /// <summary>The price of a picture in US dollars, for models whose price is not known otherwise.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, 10000)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public decimal? PricePerImage { get; set; }

    /// <summary>The price of a megapixel in US dollars, for models whose price is not known otherwise.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, 10000)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public decimal? PricePerMegapixel { get; set; }

    /// <summary>Default values of parameters and options.</summary>
    [Parameter]
    [FieldsTransformation]
    [ArgumentCompleter(typeof(OptionCompleter))]
    public IDictionary? Parameter { get; set; }

    /// <summary>How long the change lasts.</summary>
    [Parameter]
    public SettingsScope Scope { get; set; }

    /// <summary>Makes it the default provider.</summary>
    [Parameter]
    public SwitchParameter Default { get; set; }

    /// <summary>Writes the changed provider.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!ShouldProcess(Name, Scope == SettingsScope.User ? "Set the provider for all sessions" : "Set the provider"))
        {
            return;
        }

        try
        {
            // An unset variable or a missing secret must not count as a key that was set.
            using SecureString? key = MyInvocation.BoundParameters.ContainsKey(nameof(ApiKey)) ? CommandKey.Copy(ApiKey) : null;
            InpaintProvider provider = ModuleEngine.Shared.Providers.Set(new ProviderSettings
            {
                Name = Name,
                Kind = Kind,
                BaseUri = BaseUri,
                Endpoints = new (string Name, Uri? Uri)[] { ("Sync", SyncUri), ("Storage", StorageUri), ("Platform", PlatformUri) }.Where(e => e.Uri is not null).ToDictionary(e => e.Name, e => e.Uri!),
                Model = Model,
                AuthScheme = AuthScheme,
                ApiKey = key,
                ApiKeySecret = ApiKeySecret,
                ApiKeyVault = string.IsNullOrEmpty(Vault) ? null : Vault,
                PricePerImage = PricePerImage,
                PricePerMegapixel = PricePerMegapixel,
                Defaults = DefaultsOf(Parameter),
                IsDefault = MyInvocation.BoundParameters.ContainsKey(nameof(Default)) ? Default.IsPresent : null,
            }, Scope);
            if (PassThru.IsPresent)
            {
                WriteObject(provider);
            }
        }
        catch (InpaintException e)
        {
            WriteError(ErrorRecords.From(this, e, Name));
        }
    }

    // The engine's SafetyChecker is the opposite of -NoSafetyChecker.
    private static Dictionary<string, object?>? DefaultsOf(IDictionary? given)
    {
        Dictionary<string, object>? values = given is null ? null : SubmitCommand.OptionsOf(given);
        return given?.Keys.Cast<object>().Select(key => key.ToString()!).ToDictionary(
            ParameterNames.ToProperty,
            name => values!.GetValueOrDefault(name) is { } value && string.Equals(name, nameof(RequestCommand.NoSafetyChecker), StringComparison.OrdinalIgnoreCase) && ParameterCapability.ParseSwitch($"{value}") is { } off
                ? !off
                : values!.GetValueOrDefault(name),
            StringComparer.OrdinalIgnoreCase);
    }
}
