using System.Management.Automation;
using Inpaint.Loading;
using Inpaint.Pipeline;
using Inpaint.Planning;

namespace Inpaint;

/// <summary>Repaints the masked part of pictures without waiting: writes each job as soon as the provider has accepted it.</summary>
[Cmdlet(VerbsLifecycle.Start, "InpaintJob", HelpUri = HelpLinks.Commands + "Start-InpaintJob.md", DefaultParameterSetName = ImageSet, SupportsShouldProcess = true)]
[OutputType(typeof(InpaintJob))]
public sealed class StartInpaintJobCommand : RepaintCommand
{
    private protected override async Task<InpaintCost?> SubmitAsync(RequestPlan plan, PaidItem item, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        Jobs.Planned(plan, plan.EstimatedCost);
        InpaintJob job = await ModuleEngine.Shared.StartAsync(plan, OptionsFor(plan, events) with { Timeout = item.Limit }, cancellationToken).ConfigureAwait(false);
        Jobs.Release(job);
        await pipeline.WriteObjectAsync(job, cancellationToken).ConfigureAwait(false);
        return job.Cost;
    }

    private protected override Task FollowAsync(InpaintJob job, RequestPlan plan, PaidItem item, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        Jobs.Attached(plan.SourceName, job);
        Jobs.Release(job);
        return pipeline.WriteObjectAsync(job with { Columns = plan.Request.Columns }, cancellationToken);
    }
}
