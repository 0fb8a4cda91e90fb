using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;
using Inpaint.Planning;

namespace Inpaint;

/// <summary>Repaints the masked part of pictures and waits for the results, which come out as they finish.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "Inpaint", HelpUri = HelpLinks.Commands + "Invoke-Inpaint.md", DefaultParameterSetName = ImageSet, SupportsShouldProcess = true)]
[OutputType(typeof(InpaintResult))]
public sealed class InvokeInpaintCommand : RepaintCommand
{
    /// <summary>Asks for the direct answer instead of the queue, where the provider has both.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(SwitchParameter))]
    public SwitchParameter Synchronous { get; set; }

    /// <summary>Longest time for each job, in seconds; 0 for no limit. A job that takes longer is cancelled at the provider.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(int), Minimum = 0, Maximum = TimeLimit.MaximumSeconds)]
    public int? TimeoutSec { get; set; }

    private protected override TimeSpan? Limit => TimeLimit.FromSeconds(Given(nameof(TimeoutSec), TimeoutSec) ?? 0);

    private protected override InpaintRequest CreateRequest() => base.CreateRequest() with { Synchronous = Given(nameof(Synchronous), Synchronous.IsPresent) };

    private protected override async Task<InpaintCost?> SubmitAsync(RequestPlan plan, TimeSpan? limit, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        InpaintResult result = await ModuleEngine.Shared.RunAsync(plan, OptionsFor(plan, events) with { Timeout = limit }, cancellationToken).ConfigureAwait(false);
        await pipeline.WriteObjectAsync(result.WithColumns(plan.Request.Columns), cancellationToken).ConfigureAwait(false);
        return result.Cost;
    }
}
