using System.Management.Automation;
using System.Management.Automation.Host;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Removes jobs from the journal, with the pictures stored for them. The provider is not called.</summary>
[Cmdlet(VerbsCommon.Remove, "InpaintJob", HelpUri = HelpLinks.Commands + "Remove-InpaintJob.md", DefaultParameterSetName = JobSet, SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveInpaintJobCommand : JobCommand
{
    private const string AllSet = "All";
    private const string CompletedSet = "Completed";

    private bool yesToAll;
    private bool noToAll;

    /// <summary>Removes every job of the journal.</summary>
    [Parameter(ParameterSetName = AllSet, Mandatory = true, HelpMessage = "Removes every job from the journal.")]
    public SwitchParameter All { get; set; }

    /// <summary>Removes the jobs with nothing left to collect: all their pictures are saved, or they failed or were cancelled.</summary>
    [Parameter(ParameterSetName = AllSet)]
    [Parameter(ParameterSetName = CompletedSet, Mandatory = true, HelpMessage = "Removes only jobs that need no further action.")]
    public SwitchParameter Completed { get; set; }

    /// <summary>Removes only jobs that are older than this: 30d, 12h, 45m, or a TimeSpan.</summary>
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
            if (ShouldProcess($"{job.Provider} {job.Id}", "Remove the job from the journal") && ConfirmRemoval(job))
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
            // A provider that is not set in this session counts as paid.
            return true;
        }
    }

    /// <summary>
    /// Whether a job may be removed. A user who names a job means it; one who says "all" may have forgotten a job that was paid for and is still to be collected. That is confirmed as
    /// an action of high impact, which a command can declare only for all its actions: not if -Confirm has already asked or -Confirm:$false suppresses it, nor if nothing is to be confirmed.
    /// </summary>
    private bool ConfirmRemoval(InpaintJob job)
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
            // The host cannot prompt.
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"{what} It was not removed, because the session cannot prompt for confirmation.", e)
            {
                Parameter = "Confirm",
                RecommendedAction = $"Collect it with Receive-InpaintJob -Id {job.Id} -Wait; -Confirm:$false removes it without a prompt.",
            };
        }
    }
}
