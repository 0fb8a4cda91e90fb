using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Engine;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Waits for jobs, and writes each when it is finished. Cancelling the wait does not cancel a job.</summary>
[Cmdlet(VerbsLifecycle.Wait, "InpaintJob", HelpUri = HelpLinks.Commands + "Wait-InpaintJob.md", DefaultParameterSetName = JobSet)]
[OutputType(typeof(InpaintJob))]
public sealed class WaitInpaintJobCommand : ProviderJobCommand
{
    private readonly List<InpaintJob> jobs = [];

    /// <summary>The maximum time to wait, in seconds; 0 for no limit. The jobs themselves go on.</summary>
    [Parameter]
    [ValidateRange(0, TimeLimit.MaximumSeconds)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int TimeoutSec { get; set; }

    /// <summary>Returns when the first job is finished.</summary>
    [Parameter]
    public SwitchParameter Any { get; set; }

    // The provider's watcher polls all jobs at its own rate.
    private protected override int ConcurrencyLimit => int.MaxValue;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Any.IsPresent && jobs.Count > 0)
        {
            SettleKey(Key);
            Start(target: null, WaitForFirstAsync);
        }

        base.EndProcessing();
    }

    private protected override void Process(InpaintJob job)
    {
        if (Any.IsPresent)
        {
            jobs.Add(job);
            return;
        }

        StartWait(
            job,
            async (progress, pipeline, cancellationToken) =>
            {
                InpaintJob finished = await WaitAsync(job, progress, cancellationToken).ConfigureAwait(false);
                await pipeline.WriteObjectAsync(finished, cancellationToken).ConfigureAwait(false);
                return finished.State.ToString();
            });
    }

    private async Task WaitForFirstAsync(CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        using CancellationTokenSource others = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task<InpaintJob>> waits = [.. jobs.Select(WaitWithProgressAsync)];
        try
        {
            // A job that cannot be waited for is reported only if no other finishes, because -Any asks for one that does.
            List<Task<InpaintJob>> open = [.. waits];
            while (true)
            {
                Task<InpaintJob> first = await Task.WhenAny(open).ConfigureAwait(false);
                open.Remove(first);
                if (first.IsCompletedSuccessfully || open.Count == 0)
                {
                    await pipeline.WriteObjectAsync(await first.ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
                    return;
                }
            }
        }
        finally
        {
            await others.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(waits)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<InpaintJob> WaitWithProgressAsync(InpaintJob job)
        {
            using JobProgress progress = new(pipeline, job, Waits);
            return await WaitAsync(job, progress, others.Token).ConfigureAwait(false);
        }
    }

    private Task<InpaintJob> WaitAsync(InpaintJob job, JobProgress progress, CancellationToken cancellationToken) =>
        ModuleEngine.Shared.WaitAsync(job, new RunOptions { Timeout = TimeLimit.FromSeconds(TimeoutSec), Events = Jobs.Watch(ItemName.Of(job)!, progress, isOwn: false), ApiKey = Key.For(job.Provider) }, cancellationToken);
}
