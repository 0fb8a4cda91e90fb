using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Removes a provider that the user has added, or resets a built-in one; either way its key is removed.</summary>
[Cmdlet(VerbsCommon.Remove, "InpaintProvider", HelpUri = HelpLinks.Commands + "Remove-InpaintProvider.md", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveInpaintProviderCommand : PSCmdlet
{
    /// <summary>The providers' names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "The names of the providers.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string[] Name { get; set; } = null!;

    /// <summary>Whether the settings for all sessions are removed, too.</summary>
    [Parameter]
    public SettingsScope Scope { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
        {
            if (!ShouldProcess(name, Scope == SettingsScope.User ? "Remove the provider for all sessions" : "Remove the provider"))
            {
                continue;
            }

            try
            {
                ModuleEngine.Shared.Providers.Remove(name, Scope);
            }
            catch (InpaintException e)
            {
                WriteError(ErrorRecords.From(this, e, name));
            }
        }
    }
}
