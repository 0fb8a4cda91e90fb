using System.Management.Automation;
using Inpaint.Engine;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Asks where jobs stand: the given ones, or all that are unfinished or uncollected.</summary>
[Cmdlet(VerbsCommon.Get, "InpaintStatus", HelpUri = HelpLinks.Commands + "Get-InpaintStatus.md", DefaultParameterSetName = JournalSet)]
[Alias("Get-InpaintJob")]
[OutputType(typeof(InpaintJob))]
public sealed class GetInpaintStatusCommand : ProviderJobCommand
{
    private const string JournalSet = "Journal";

    private Task before = Task.CompletedTask;

    /// <summary>Lists every job of the journal, also those that are done with.</summary>
    [Parameter(ParameterSetName = JournalSet)]
    public SwitchParameter All { get; set; }

    /// <summary>Asks for the provider's log lines too.</summary>
    [Parameter]
    public SwitchParameter IncludeLog { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!string.Equals(ParameterSetName, JournalSet, StringComparison.Ordinal))
        {
            base.ProcessRecord();
            return;
        }

        try
        {
            ListJournal();
        }
        catch (InpaintException e)
        {
            WriteFailure(e, target: null);
        }
    }

    private protected override void Process(InpaintJob job) => Start(
        job,
        async (pipeline, cancellationToken) =>
        {
            InpaintJob now = await ModuleEngine.Shared.GetStatusAsync(job, IncludeLog.IsPresent, new RunOptions { ApiKey = Key.For(job.Provider) }, cancellationToken).ConfigureAwait(false);
            await pipeline.WriteObjectAsync(now, cancellationToken).ConfigureAwait(false);
        });

    private void ListJournal()
    {
        ModuleEngine.Shared.RemoveExpired(WriteWarning);
        foreach (InpaintJob job in ListJobs(All.IsPresent))
        {
            Key.Begin(job.Provider, () => StartInTurn(job));
        }
    }

    /// <summary>A list is read from top to bottom, so the answers come out in the journal's order, each as soon as those before it have.</summary>
    private void StartInTurn(InpaintJob job)
    {
        TaskCompletionSource written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task turn = before;
        before = written.Task;
        Start(
            job,
            async (pipeline, cancellationToken) =>
            {
                try
                {
                    InpaintJob known = await RefreshOrKeepAsync(job, pipeline, cancellationToken).ConfigureAwait(false);
                    await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
                    await pipeline.WriteObjectAsync(known, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    written.SetResult();
                }
            });
    }

    // A list with holes would hide jobs that were paid for. Where the provider does not answer, the journal's own word stands.
    private async Task<InpaintJob> RefreshOrKeepAsync(InpaintJob job, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        if (job.IsFinished && !IncludeLog.IsPresent)
        {
            return job;
        }

        try
        {
            return await ModuleEngine.Shared.GetStatusAsync(job, IncludeLog.IsPresent, new RunOptions { ApiKey = Key.For(job.Provider) }, cancellationToken).ConfigureAwait(false);
        }
        catch (InpaintException e)
        {
            pipeline.Post(c => c.WriteWarning($"{job.Provider} {job.Id} is shown as last known: {e.Message}"));
            return job;
        }
    }
}
