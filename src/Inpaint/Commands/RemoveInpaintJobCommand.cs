using System.Management.Automation;

namespace Inpaint;

/// <summary>Forgets jobs: their files in the journal and the pictures kept for them. The providers are not told.</summary>
[Cmdlet(VerbsCommon.Remove, "InpaintJob", DefaultParameterSetName = JobSet, SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveInpaintJobCommand : JobCommand
{
    private protected override void Process(InpaintJob job)
    {
        if (!ShouldProcess($"{job.Provider} {job.Id}", "Forget the job"))
        {
            return;
        }

        try
        {
            InpaintEngine.Shared.Forget(job);
        }
        catch (InpaintException e)
        {
            WriteFailure(e, job);
        }
    }
}
