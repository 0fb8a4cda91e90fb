using System.Management.Automation;
using System.Security;
using Inpaint.Binding;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>What the commands share that act on jobs: jobs as objects, also rebuilt from JSON or Clixml, or as ids.</summary>
public abstract class JobCommand : BackgroundCommand
{
    /// <summary>The name of the parameter set that takes job objects.</summary>
    protected const string JobSet = "Job";

    /// <summary>The name of the parameter set that takes ids.</summary>
    protected const string IdSet = "Id";

    /// <summary>The jobs; ids and results are taken too.</summary>
    [Parameter(ParameterSetName = JobSet, Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [JobTransformation]
    [ArgumentCompleter(typeof(JobIdCompleter))]
    public InpaintJob[]? Job { get; set; }

    /// <summary>The ids of the jobs, or unmistakable beginnings of them.</summary>
    [Parameter(ParameterSetName = IdSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(JobIdCompleter))]
    public string[]? Id { get; set; }

    /// <summary>The provider; needed only for jobs that were not made on this machine.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string))]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string? Provider { get; set; }

    /// <summary>What happens to one job.</summary>
    private protected abstract void Process(InpaintJob job);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (InpaintJob given in Job ?? Id?.Select(i => new InpaintJob { Id = i }) ?? [])
        {
            InpaintJob job = given;
            try
            {
                // An id alone says neither which provider nor which model it belongs to; the journal does.
                if (job.Provider.Length == 0 || job.Model.Length == 0)
                {
                    job = InpaintEngine.Shared.FindJob(job.Id, Provider ?? (job.Provider.Length > 0 ? job.Provider : null));
                }
            }
            catch (InpaintException e)
            {
                WriteFailure(e, given.Id);
                continue;
            }

            Process(job);
        }
    }
}

/// <summary>What those of them share that ask the provider.</summary>
public abstract class ProviderJobCommand : JobCommand
{
    /// <summary>The key, when it is not the one set with Set-InpaintProvider or found in the environment.</summary>
    [Parameter]
    [SecureStringTransformation]
    public SecureString? ApiKey { get; set; }
}
