using System.Management.Automation;
using Inpaint.Engine;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Gets the current state of jobs: the given ones, or all that are unfinished or uncollected.</summary>
[Cmdlet(VerbsCommon.Get, "InpaintStatus", HelpUri = HelpLinks.Commands + "Get-InpaintStatus.md", DefaultParameterSetName = JournalSet)]
[Alias("Get-InpaintJob")]
[OutputType(typeof(InpaintJob))]
public sealed class GetInpaintStatusCommand : ProviderJobCommand
{
    private const string JournalSet = "Journal";

    private Task before = Task.CompletedTask;

    /// <summary>Lists every job of the journal, even those with nothing left to collect.</summary>
    [Parameter(ParameterSetName = JournalSet)]
    public SwitchParameter All { get; set; }

    /// <summary>Includes the provider's log lines.</summary>
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
            if (IsFinal(job) && before.IsCompleted)
            {
                WriteObject(job);
                continue;
            }

            Key.Begin(job.Provider, () => StartInTurn(job));
        }
    }

    /// <summary>Whether the provider need not be asked about a job: most of the journal's are finished.</summary>
    private bool IsFinal(InpaintJob job) => job.IsFinished && !IncludeLog.IsPresent;

    /// <summary>Refreshes a job. The list is written in the journal's order, each job as soon as those before it are written.</summary>
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

    // A missing row would hide a job that was paid for. Where the provider does not respond, the state in the journal is listed.
    private async Task<InpaintJob> RefreshOrKeepAsync(InpaintJob job, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        if (IsFinal(job))
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
