using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;
using Inpaint.Planning;

namespace Inpaint;

/// <summary>Makes pictures from prompts alone.</summary>
[Cmdlet(VerbsCommon.New, "InpaintImage", HelpUri = HelpLinks.Commands + "New-InpaintImage.md", SupportsShouldProcess = true)]
[OutputType(typeof(InpaintResult))]
public sealed class NewInpaintImageCommand : SubmitCommand
{
    private const int LongestName = 40;

    /// <summary>What the picture shall show.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Prompt { get; set; } = null!;

    /// <summary>Asks for the direct answer instead of the queue, where the provider has both.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(SwitchParameter))]
    public SwitchParameter Synchronous { get; set; }

    /// <summary>A folder for intermediate pictures, which are written there as they come, where the provider shows them.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string))]
    public string? PreviewPath { get; set; }

    /// <summary>Longest time for each job, in seconds; 0 for no limit. A job that takes longer is cancelled at the provider.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(int), Minimum = 0, Maximum = TimeLimit.MaximumSeconds)]
    public int? TimeoutSec { get; set; }

    private protected override TimeSpan? Limit => TimeLimit.FromSeconds(Given(nameof(TimeoutSec), TimeoutSec) ?? 0);

    private protected override InpaintRequest CreateRequest() => CommonRequest(InpaintOperation.TextToImage, Prompt) with
    {
        Synchronous = Given(nameof(Synchronous), Synchronous.IsPresent),
        PreviewFolder = PreviewPath is null ? null : FileSystemPaths.Resolve(SessionState.Path, PreviewPath)
            ?? throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{PreviewPath}' does not lead to a folder of the file system."),
    };

    private protected override string TargetOfInput => Prompt;

    // A prompt has no name; its beginning tells it from the others.
    private protected override string NameOfInput => Prompt.Length <= LongestName ? $"'{Prompt}'" : $"'{Prompt[..LongestName].TrimEnd()}…'";

    private protected override async Task<InpaintCost?> SubmitAsync(RequestPlan plan, TimeSpan? limit, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        InpaintResult result = await ModuleEngine.Shared.RunAsync(plan, OptionsFor(plan, events) with { Timeout = limit }, cancellationToken).ConfigureAwait(false);
        await pipeline.WriteObjectAsync(result.WithColumns(plan.Request.Columns), cancellationToken).ConfigureAwait(false);
        return result.Cost;
    }
}
