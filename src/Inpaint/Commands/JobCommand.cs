using System.ComponentModel;
using System.Management.Automation;
using System.Security;
using Inpaint.Binding;
using Inpaint.Engine;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>What the commands share that act on jobs: jobs as objects, also rebuilt from JSON or Clixml, or as ids.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class JobCommand : BackgroundCommand
{
    /// <summary>The name of the parameter set that takes job objects.</summary>
    protected const string JobSet = "Job";

    /// <summary>The name of the parameter set that takes ids.</summary>
    protected const string IdSet = "Id";

    /// <summary>The jobs; ids and results are taken too.</summary>
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

    /// <summary>What happens to one job.</summary>
    private protected abstract void Process(InpaintJob job);

    /// <summary>Sees to it that something happens to one job, now or when all have been seen.</summary>
    /// <exception cref="InpaintException">Why nothing can happen to it.</exception>
    private protected virtual void Take(InpaintJob job) => Process(job);

    /// <summary>Lists the journal's jobs of the provider that is named, or of all.</summary>
    /// <param name="all">Whether those that are done with are listed too.</param>
    /// <exception cref="InpaintException">ProviderNotFound: no provider is called so, and no job of the journal is of one.</exception>
    private protected IEnumerable<InpaintJob> ListJobs(bool all)
    {
        InpaintEngine engine = ModuleEngine.Shared;
        if (Provider is null)
        {
            return engine.ListJobs(all, WriteWarning);
        }

        // A provider of the user's own that is not set in this session may still have its jobs here.
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

    /// <summary>Completes a job that is little more than an id, which says neither which provider nor which model it belongs to; the journal does.</summary>
    /// <param name="job">The job.</param>
    /// <param name="provider">The provider; empty when it is not known.</param>
    /// <exception cref="InpaintException">JobNotFound, ProviderNotFound.</exception>
    internal static InpaintJob Complete(InpaintJob job, string provider)
    {
        if (string.IsNullOrWhiteSpace(job.Id) && job.JournalId.Length == 0)
        {
            throw new InpaintException(InpaintErrorId.JobNotFound, "A job's id is blank, as an empty table cell would be.");
        }

        return job.Provider.Length > 0 && job.Model.Length > 0 ? job : ModuleEngine.Shared.FindJob(string.IsNullOrWhiteSpace(job.Id) ? job.JournalId : job.Id, provider.Length == 0 ? null : provider);
    }
}

/// <summary>What those of them share that ask the provider.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ProviderJobCommand : JobCommand
{
    /// <summary>The key, when it is not the one set with Set-InpaintProvider or found in the environment.</summary>
    [Parameter]
    [SecureStringTransformation]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public SecureString? ApiKey { get; set; }

    // As many questions as a service is asked at once by all jobs that wait.
    private protected override int ConcurrencyLimit => 8;

    /// <summary>The key, and whose it is.</summary>
    private protected CommandKey Key { get; private set; } = null!;

    /// <inheritdoc/>
    protected override void BeginProcessing() => Key = TakeKey(ApiKey, MyInvocation.BoundParameters.ContainsKey(nameof(Provider)) ? Provider : null);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        SettleKey(Key);
        base.EndProcessing();
    }

    private protected override void Take(InpaintJob job) => Key.Begin(job.Provider, () => Process(job));
}
