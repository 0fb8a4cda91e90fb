using System.ComponentModel;
using System.Management.Automation;
using System.Security;
using Inpaint.Binding;
using Inpaint.Engine;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>The base of the commands that act on jobs, given as objects (also from JSON or Clixml) or as ids.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class JobCommand : BackgroundCommand
{
    /// <summary>The name of the parameter set that takes job objects.</summary>
    protected const string JobSet = "Job";

    /// <summary>The name of the parameter set that takes ids.</summary>
    protected const string IdSet = "Id";

    /// <summary>The jobs; ids and results are accepted, too.</summary>
    [Parameter(ParameterSetName = JobSet, Mandatory = true, Position = 0, ValueFromPipeline = true, HelpMessage = "The job, a result of it, or its id.")]
    [JobTransformation]
    [ArgumentCompleter(typeof(JobIdCompleter))]
    public InpaintJob[]? Job { get; set; }

    /// <summary>The ids of the jobs, or unambiguous prefixes of them.</summary>
    [Parameter(ParameterSetName = IdSet, Mandatory = true, ValueFromPipelineByPropertyName = true, HelpMessage = "The ids of the jobs.")]
    [AllowNull]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(JobIdCompleter))]
    public string[]? Id { get; set; }

    /// <summary>The provider; needed only for jobs that were not made on this machine.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string? Provider { get; set; }

    /// <summary>Processes one job.</summary>
    private protected abstract void Process(InpaintJob job);

    /// <summary>Schedules the processing of one job: now, or when all jobs have been received.</summary>
    /// <exception cref="InpaintException">The job cannot be processed.</exception>
    private protected virtual void Take(InpaintJob job) => Process(job);

    /// <summary>Lists the journal's jobs of the provider on the command line, or of all providers.</summary>
    /// <param name="all">Whether jobs with nothing left to collect are listed, too.</param>
    /// <exception cref="InpaintException">ProviderNotFound: there is no such provider, and the journal has no job of it.</exception>
    private protected IEnumerable<InpaintJob> ListJobs(bool all)
    {
        InpaintEngine engine = ModuleEngine.Shared;
        if (Provider is null)
        {
            return engine.ListJobs(all, WriteWarning);
        }

        // The journal may have jobs of a provider that is not set in this session.
        bool IsOf(InpaintJob job) => string.Equals(job.Provider, Provider, StringComparison.OrdinalIgnoreCase);
        if (!engine.Providers.List().Any(p => string.Equals(p.Name, Provider, StringComparison.OrdinalIgnoreCase)) && !engine.ListJobs(all: true).Any(IsOf))
        {
            engine.Providers.Get(Provider);
        }

        return engine.ListJobs(all, WriteWarning).Where(IsOf);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (InpaintJob given in Job ?? Id?.Select(i => new InpaintJob { Id = i ?? "" }) ?? [])
        {
            try
            {
                Take(Complete(given, Provider ?? given.Provider));
            }
            catch (InpaintException e)
            {
                WriteFailure(e, given.Id);
            }
        }
    }

    /// <summary>Looks up in the journal what is missing from a job that is little more than an id: its provider and model.</summary>
    /// <param name="job">The job.</param>
    /// <param name="provider">The provider; empty when it is not known.</param>
    /// <exception cref="InpaintException">JobNotFound, ProviderNotFound.</exception>
    internal static InpaintJob Complete(InpaintJob job, string provider)
    {
        if (string.IsNullOrWhiteSpace(job.Id) && job.JournalId.Length == 0)
        {
            throw new InpaintException(InpaintErrorId.JobNotFound, "A job id is blank, perhaps because of an empty cell.");
        }

        return job.Provider.Length > 0 && job.Model.Length > 0 ? job : ModuleEngine.Shared.FindJob(string.IsNullOrWhiteSpace(job.Id) ? job.JournalId : job.Id, provider.Length == 0 ? null : provider);
    }
}

/// <summary>The base of the job commands that call the provider.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ProviderJobCommand : JobCommand
{
    /// <summary>The key, when not the one set with Set-InpaintProvider or found in the environment.</summary>
    [Parameter]
    [SecureStringTransformation]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public SecureString? ApiKey { get; set; }

    // As many status requests as all waiting jobs of a provider make at once.
    private protected override int ConcurrencyLimit => 8;

    /// <summary>The key, and the provider that it belongs to.</summary>
    private protected CommandKey Key { get; private set; } = null!;

    /// <inheritdoc/>
    protected override void BeginProcessing() => Key = TakeKey(ApiKey, MyInvocation.BoundParameters.ContainsKey(nameof(Provider)) ? Provider : null);

    // The command's name is known only when it runs.
    private protected BatchProgress Waits => field ??= new BatchProgress(MyInvocation.MyCommand.Name, CommandPipeline, new SpendCeiling(maximum: null, assumed: null), TimeProvider.System);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        SettleKey(Key);
        Waits.CompleteInput();
        base.EndProcessing();
        Waits.Summarize(this);
    }

    /// <summary>Waits for a job in the background, as one of several whose summary is shown.</summary>
    /// <param name="job">The job.</param>
    /// <param name="wait">Waits, and returns what became of the job, a word or two; null when it belongs to another process.</param>
    private protected void StartWait(InpaintJob job, Func<JobProgress, CommandPipeline, CancellationToken, Task<string?>> wait)
    {
        Waits.AddItem();
        Start(
            job,
            async (pipeline, cancellationToken) =>
            {
                string name = ItemName.Of(job)!;
                DateTimeOffset begun = Waits.Begin(isPaid: false);
                string? outcome = null;
                bool isOthers = false;
                using JobProgress progress = new(pipeline, job, Waits);
                try
                {
                    outcome = await wait(progress, pipeline, cancellationToken).ConfigureAwait(false);
                    isOthers = outcome is null;
                }
                finally
                {
                    if (isOthers)
                    {
                        Waits.Pause();
                        Waits.RemoveItem();
                    }
                    else
                    {
                        Waits.End(name, outcome is null ? null : $"{job.Provider}  {outcome}", begun);
                    }
                }
            });
    }

    private protected override void Take(InpaintJob job) => Key.Begin(job.Provider, () => Process(job));
}
