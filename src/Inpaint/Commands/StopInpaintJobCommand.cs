using System.Management.Automation;
using Inpaint.Engine;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Asks providers to cancel jobs, and reports the outcome for each.</summary>
[Cmdlet(VerbsLifecycle.Stop, "InpaintJob", HelpUri = HelpLinks.Commands + "Stop-InpaintJob.md", DefaultParameterSetName = JobSet, SupportsShouldProcess = true)]
[OutputType(typeof(InpaintJob))]
public sealed class StopInpaintJobCommand : ProviderJobCommand
{
    private protected override void Process(InpaintJob job)
    {
        if (!ShouldProcess($"{job.Provider} {job.Id}", "Stop the job"))
        {
            return;
        }

        Start(
            job,
            async (pipeline, cancellationToken) =>
            {
                InpaintJob stopped = await ModuleEngine.Shared.StopAsync(job, new RunOptions { ApiKey = Key.For(job.Provider) }, cancellationToken).ConfigureAwait(false);
                if (stopped.StopOutcome == StopOutcome.NotSupported)
                {
                    string warning = $"{job.Provider} cannot cancel the job {job.Id} from here. It continues; collect it with Receive-InpaintJob -Id {job.Id} -Wait.";
                    await pipeline.WriteAsync(command => command.WriteWarning(warning), cancellationToken).ConfigureAwait(false);
                }

                await pipeline.WriteObjectAsync(stopped, cancellationToken).ConfigureAwait(false);
            });
    }
}
