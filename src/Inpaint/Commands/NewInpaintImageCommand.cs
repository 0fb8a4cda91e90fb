using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;
using Inpaint.Planning;

namespace Inpaint;

/// <summary>Creates pictures from prompts alone.</summary>
[Cmdlet(VerbsCommon.New, "InpaintImage", HelpUri = HelpLinks.Commands + "New-InpaintImage.md", DefaultParameterSetName = InputObjectSet, SupportsShouldProcess = true)]
[OutputType(typeof(InpaintResult))]
public sealed class NewInpaintImageCommand : RequestCommand
{
    private const string PromptSet = "Prompt";
    private const int MaxNameLength = 40;

    private string prompt = "";

    /// <summary>What the picture should show.</summary>
    [Parameter(ParameterSetName = PromptSet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "Describes what the picture should show.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Prompt { get; set; }

    /// <summary>Prompts, or rows with a column Prompt.</summary>
    [Parameter(ParameterSetName = PromptSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = InputObjectSet, Mandatory = true, ValueFromPipeline = true, HelpMessage = "Prompts, or rows that have one in their column Prompt.")]
    public override PSObject? InputObject
    {
        get => base.InputObject;
        set => base.InputObject = value;
    }

    /// <summary>Requests a direct response instead of the queue, where the provider has both.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(SwitchParameter))]
    public SwitchParameter Synchronous { get; set; }

    /// <summary>A folder for intermediate pictures, which are written as they arrive, where the provider streams them.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    public string? PreviewPath { get; set; }

    private protected override InpaintRequest CreateRequest() => CommonRequest(InpaintOperation.TextToImage, prompt) with
    {
        Synchronous = Given(nameof(Synchronous), Synchronous.IsPresent),
        PreviewFolder = PreviewPath is null ? null : FileSystemPaths.Resolve(SessionState.Path, PreviewPath)
            ?? throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{PreviewPath}' is not a path in the file system."),
    };

    private protected override void ProcessItem()
    {
        prompt = Prompt ?? (InputObject?.BaseObject is string text ? text : InputObject?.Properties[nameof(Prompt)]?.Value?.ToString()) ?? "";
        if (string.IsNullOrWhiteSpace(prompt))
        {
            WriteFailure(new InpaintException(InpaintErrorId.InvalidParameter, $"{ItemName} has no prompt. Nothing was sent.") { Parameter = nameof(Prompt), RecommendedAction = "Add a column Prompt to the rows, or pipe strings." }, InputObject);
            return;
        }

        base.ProcessItem();
    }

    private protected override string TargetOfInput => prompt;

    // A prompt has no name, so messages use its beginning.
    private protected override string NameOfInput => prompt.Length <= MaxNameLength ? $"'{prompt}'" : $"'{prompt[..MaxNameLength].TrimEnd()}…'";

    private protected override async Task<InpaintCost?> SubmitAsync(RequestPlan plan, PaidItem item, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        Jobs.Planned(plan, plan.EstimatedCost);
        InpaintResult result = await ModuleEngine.Shared.RunAsync(plan, OptionsFor(plan, events) with { Timeout = item.Limit }, cancellationToken).ConfigureAwait(false);
        Jobs.Finished(result);
        await pipeline.WriteObjectAsync(result.WithColumns(plan.Request.Columns), cancellationToken).ConfigureAwait(false);
        return result.Cost;
    }
}
