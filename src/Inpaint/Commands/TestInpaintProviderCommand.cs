using System.Management.Automation;
using System.Security;
using Inpaint.Binding;
using Inpaint.Engine;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Makes a free call to a provider and writes whether it can be reached and accepts the key; a warning gives the reason if not.</summary>
[Cmdlet(VerbsDiagnostic.Test, "InpaintProvider", HelpUri = HelpLinks.Commands + "Test-InpaintProvider.md")]
[OutputType(typeof(bool))]
public sealed class TestInpaintProviderCommand : BackgroundCommand
{
    private CommandKey key = null!;

    /// <summary>The providers' names; the default one when not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string[]? Name { get; set; }

    /// <summary>The key to test, when not the one that is set or found in the environment.</summary>
    [Parameter]
    [SecureStringTransformation]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public SecureString? ApiKey { get; set; }

    // Only their order connects the outputs with the inputs.
    private protected override int ConcurrencyLimit => 1;

    /// <inheritdoc/>
    protected override void BeginProcessing() => key = TakeKey(ApiKey, provider: null);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string? name in Name ?? [null!])
        {
            InpaintProvider provider;
            try
            {
                provider = ModuleEngine.Shared.Providers.Get(name);
            }
            catch (InpaintException e)
            {
                WriteFailure(e, name);
                continue;
            }

            key.Begin(provider.Name, () => Start(provider, (pipeline, cancellationToken) => TestAsync(provider, pipeline, cancellationToken)));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        SettleKey(key);
        base.EndProcessing();
    }

    private async Task TestAsync(InpaintProvider provider, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        bool isGood = true;
        try
        {
            await ModuleEngine.Shared.CheckAccessAsync(provider, new RunOptions { ApiKey = key.For(provider.Name) }, cancellationToken).ConfigureAwait(false);
        }
        catch (InpaintException e)
        {
            isGood = false;
            pipeline.Post(c => c.WriteWarning($"{e.Message} {ShellAdvice.For(e, c.MyInvocation.MyCommand)}"));
        }

        await pipeline.WriteObjectAsync(isGood, cancellationToken).ConfigureAwait(false);
    }
}
