using System.Management.Automation;
using System.Security;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Changes a provider or adds one, for this process. Keys are never written anywhere.</summary>
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
    [BaseAddressTransformation]
    public Uri? BaseUri { get; set; }

    /// <summary>Base URL for direct calls; fal only.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BaseAddressTransformation]
    public Uri? SyncUri { get; set; }

    /// <summary>Base URL for uploads; fal only.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BaseAddressTransformation]
    public Uri? StorageUri { get; set; }

    /// <summary>Base URL of the platform API, which lists, describes and prices models; fal only.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BaseAddressTransformation]
    public Uri? PlatformUri { get; set; }

    /// <summary>The key.</summary>
    [Parameter]
    [SecureStringTransformation]
    public SecureString? ApiKey { get; set; }

    /// <summary>The model used when a request names none.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Model { get; set; }

    /// <summary>How the key is announced in the Authorization header; gateways only.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? AuthScheme { get; set; }

    /// <summary>Makes it the default.</summary>
    [Parameter]
    public SwitchParameter Default { get; set; }

    /// <summary>Gives the provider as it is now.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!ShouldProcess(Name, "Set the provider"))
        {
            return;
        }

        try
        {
            // An unset variable or a secret that is missing must not pass for a key that was set.
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
                IsDefault = MyInvocation.BoundParameters.ContainsKey(nameof(Default)) ? Default.IsPresent : null,
            });
            if (PassThru.IsPresent)
            {
                WriteObject(provider);
            }
        }
        catch (InpaintException e)
        {
            WriteError(ErrorRecords.From(e, Name));
        }
    }
}
