using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Engine;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Collects the results of jobs.</summary>
[Cmdlet(VerbsCommunications.Receive, "InpaintJob", HelpUri = HelpLinks.Commands + "Receive-InpaintJob.md", DefaultParameterSetName = JobSet)]
[OutputType(typeof(InpaintResult))]
public sealed class ReceiveInpaintJobCommand : ProviderJobCommand
{
    /// <summary>Waits for unfinished jobs. Without it, they cause a warning.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Skips jobs that another process with the same state folder is collecting or has saved.</summary>
    [Parameter]
    public SwitchParameter Exclusive { get; set; }

    /// <summary>The maximum time to wait, in seconds; 0 for no limit. The jobs themselves go on.</summary>
    [Parameter]
    [ValidateRange(0, TimeLimit.MaximumSeconds)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int TimeoutSec { get; set; }

    /// <summary>A file to which every event is appended as a line of JSON.</summary>
    [Parameter]
    [BlankIsNull(typeof(string))]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        OpenLog(LogPath);
    }

    // The provider's watcher polls all waiting jobs at its own rate.
    private protected override int ConcurrencyLimit => Wait ? int.MaxValue : base.ConcurrencyLimit;

    private protected override void Process(InpaintJob job) => StartWait(
        job,
        async (progress, pipeline, cancellationToken) =>
        {
            InpaintResult? result = await ModuleEngine.Shared
                .ReceiveAsync(job, Wait.IsPresent, new RunOptions { Timeout = TimeLimit.FromSeconds(TimeoutSec), Events = Jobs.Watch(ItemName.Of(job)!, progress, isOwn: false), ApiKey = Key.For(job.Provider) }, cancellationToken).ConfigureAwait(false);
            if (result is null)
            {
                pipeline.Post(c => c.WriteWarning($"{job.Provider} {job.Id} is not finished yet. Add -Wait to wait for it."));
                return "not finished";
            }

            if (Exclusive && !ModuleEngine.Shared.TryClaim(result.Job))
            {
                pipeline.Post(c => c.WriteVerbose($"{job.Provider} {job.Id} is being collected by another process."));
                return null;
            }

            Jobs.Finished(result);
            await pipeline.WriteObjectAsync(result, cancellationToken).ConfigureAwait(false);
            return "received";
        });
}
