using System.Management.Automation;
using System.Management.Automation.Host;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Forgets jobs: their files in the journal and the pictures kept for them. The providers are not told.</summary>
[Cmdlet(VerbsCommon.Remove, "InpaintJob", HelpUri = HelpLinks.Commands + "Remove-InpaintJob.md", DefaultParameterSetName = JobSet, SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveInpaintJobCommand : JobCommand
{
    private const string AllSet = "All";
    private const string CompletedSet = "Completed";

    private bool yesToAll;
    private bool noToAll;

    /// <summary>Forgets every job of the journal.</summary>
    [Parameter(ParameterSetName = AllSet, Mandatory = true, HelpMessage = "Removes every job from the journal.")]
    public SwitchParameter All { get; set; }

    /// <summary>Forgets the jobs with which nothing is left to be done: all their pictures are saved, or they failed or were cancelled.</summary>
    [Parameter(ParameterSetName = AllSet)]
    [Parameter(ParameterSetName = CompletedSet, Mandatory = true, HelpMessage = "Removes only jobs that need no further action.")]
    public SwitchParameter Completed { get; set; }

    /// <summary>Only those made longer ago than this: 30d, 12h, 45m, or a TimeSpan.</summary>
    [Parameter(ParameterSetName = AllSet)]
    [Parameter(ParameterSetName = CompletedSet)]
    [AgeTransformation]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public TimeSpan? OlderThan { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName is not (AllSet or CompletedSet))
        {
            base.ProcessRecord();
            return;
        }

        try
        {
            DateTimeOffset now = ModuleEngine.Shared.TimeProvider.GetUtcNow();
            foreach (InpaintJob job in ListJobs(all: true))
            {
                bool isWanted = (All || Completed)
                    && (!Completed || IsDoneWith(job))
                    && (OlderThan is null || now - job.CreatedAt > OlderThan);
                if (isWanted)
                {
                    Process(job);
                }
            }
        }
        catch (InpaintException e)
        {
            WriteFailure(e, target: null);
        }
    }

    private protected override void Process(InpaintJob job)
    {
        try
        {
            if (ShouldProcess($"{job.Provider} {job.Id}", "Remove the job from the journal") && MayBeLost(job))
            {
                ModuleEngine.Shared.Forget(job);
            }
        }
        catch (InpaintException e)
        {
            WriteFailure(e, job);
        }
    }

    private static bool IsDoneWith(InpaintJob job) => job.SavedAt is not null || job.State is InpaintJobState.Failed or InpaintJobState.Cancelled;

    private static bool IsPaid(InpaintJob job)
    {
        try
        {
            return ModuleEngine.Shared.Providers.Get(job.Provider).CapabilitiesFor(job.Operation)?.IsPaid ?? true;
        }
        catch (InpaintException)
        {
            // A provider of the user's own that is not set in this session: for all that is known, it is paid.
            return true;
        }
    }

    /// <summary>
    /// Who names a job means it; who says "all" may not think of one that was paid for and is still to be collected. It is asked for as what has a high impact is, which
    /// a command can say of itself only as a whole: not after -Confirm has asked or -Confirm:$false has forbidden it, nor where nothing is to be confirmed.
    /// </summary>
    private bool MayBeLost(InpaintJob job)
    {
        bool isAsked = string.Equals(ParameterSetName, AllSet, StringComparison.Ordinal) && !IsDoneWith(job) && IsPaid(job)
            && !MyInvocation.BoundParameters.ContainsKey("Confirm")
            && LanguagePrimitives.ConvertTo<ConfirmImpact>(GetVariableValue("ConfirmPreference", ConfirmImpact.High)) != ConfirmImpact.None;
        if (!isAsked)
        {
            return true;
        }

        string what = $"Job {job.Id} at {job.Provider} is {job.State}, and its pictures are not all saved. Without its journal entry, pictures that were paid for may be lost.";
        try
        {
            return ShouldContinue($"{what} Remove it?", "Remove a paid job", ref yesToAll, ref noToAll);
        }
        catch (Exception e) when (e is InvalidOperationException or HostException or NotImplementedException)
        {
            // There is nobody to be asked.
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"{what} It was not removed, because the session cannot prompt for confirmation.", e)
            {
                RecommendedAction = $"Collect it with Receive-InpaintJob -Id {job.Id} -Wait; -Confirm:$false removes it without a prompt.",
            };
        }
    }
}
