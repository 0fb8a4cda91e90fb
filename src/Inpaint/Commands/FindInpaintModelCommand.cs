using System.Management.Automation;
using System.Security;
using Inpaint.Binding;
using Inpaint.Engine;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Searches the models that a provider offers.</summary>
[Cmdlet(VerbsCommon.Find, "InpaintModel", HelpUri = HelpLinks.Commands + "Find-InpaintModel.md")]
[OutputType(typeof(InpaintModel))]
public sealed class FindInpaintModelCommand : BackgroundCommand
{
    /// <summary>The type name of models that are displayed with all their parameters.</summary>
    private const string Detail = "Inpaint.InpaintModel#Detailed";

    private CommandKey key = null!;

    /// <summary>Words that the model's id or name contains; all models when not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Query { get; set; }

    /// <summary>The provider; when not given, the default one, or Fal if that is the embedded one.</summary>
    [Parameter]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string? Provider { get; set; }

    /// <summary>The operation that the model is for; any when not given.</summary>
    [Parameter]
    public InpaintOperation? Operation { get; set; }

    /// <summary>Shows each model's parameters.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <summary>The key, when not the one that is set or in the environment. Prices require one.</summary>
    [Parameter]
    [SecureStringTransformation]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public SecureString? ApiKey { get; set; }

    // Only their order connects the outputs with the inputs.
    private protected override int ConcurrencyLimit => 1;

    /// <inheritdoc/>
    protected override void BeginProcessing() => key = TakeKey(ApiKey, Provider);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        InpaintModelQuery query = new() { Text = Query, Provider = Provider, Operation = Operation };
        string? pattern = Query;
        try
        {
            string provider = ModuleEngine.Shared.ProviderFor(query).Name;
            key.Begin(provider, () => Start(pattern, (pipeline, cancellationToken) => FindAsync(query, key.For(provider), pipeline, cancellationToken)));
        }
        catch (InpaintException e)
        {
            WriteFailure(e, Provider);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        SettleKey(key);
        base.EndProcessing();
    }

    private async Task FindAsync(InpaintModelQuery query, SecureString? apiKey, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        void Warn(string warning) => pipeline.Post(command => command.WriteWarning(warning));
        await foreach (InpaintModel model in ModuleEngine.Shared.FindModelsAsync(query, Warn, new RunOptions { ApiKey = apiKey }, cancellationToken).ConfigureAwait(false))
        {
            PSObject shown = new(model);
            if (Detailed)
            {
                shown.TypeNames.Insert(0, Detail);
            }

            await pipeline.WriteObjectAsync(shown, cancellationToken).ConfigureAwait(false);
        }
    }
}
