using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Lists providers: their URLs, whether they have a key, and their parameters.</summary>
[Cmdlet(VerbsCommon.Get, "InpaintProvider", HelpUri = HelpLinks.Commands + "Get-InpaintProvider.md")]
[OutputType(typeof(InpaintProvider))]
public sealed class GetInpaintProviderCommand : PSCmdlet
{
    /// <summary>Names, which may contain wildcards; all providers when not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
        {
            try
            {
                if (WildcardPattern.ContainsWildcardCharacters(name))
                {
                    WildcardPattern pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
                    WriteObject(ModuleEngine.Shared.Providers.List().Where(p => pattern.IsMatch(p.Name)), enumerateCollection: true);
                }
                else
                {
                    WriteObject(ModuleEngine.Shared.Providers.Get(name));
                }
            }
            catch (InpaintException e)
            {
                WriteError(ErrorRecords.From(this, e, name));
            }
        }
    }
}
