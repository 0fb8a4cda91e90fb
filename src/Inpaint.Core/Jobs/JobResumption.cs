using System.Diagnostics.CodeAnalysis;

namespace Inpaint;

/// <summary>
/// The jobs of the journal that a batch may attach to when it is run again, by what was asked for. Each is given out once, so that a batch which asks for the
/// same thing twice gets two jobs. Failed and uncertain ones are not among them, and none that was asked to stop: attaching to those would bring nothing.
/// </summary>
public sealed class JobResumption
{
    private readonly Dictionary<string, Queue<InpaintJob>> jobs = new(StringComparer.Ordinal);
    private readonly HashSet<string> uncertain = new(StringComparer.Ordinal);

    internal JobResumption(IEnumerable<InpaintJob> known)
    {
        foreach (InpaintJob job in known)
        {
            if (job.Fingerprint is not string fingerprint)
            {
                continue;
            }

            if (job.State is InpaintJobState.Submitting or InpaintJobState.Uncertain)
            {
                uncertain.Add(fingerprint);
            }
            else if (job.State is not (InpaintJobState.Failed or InpaintJobState.Cancelled) && (job.State == InpaintJobState.Completed || job.StopOutcome != StopOutcome.CancellationRequested))
            {
                if (!jobs.TryGetValue(fingerprint, out Queue<InpaintJob>? same))
                {
                    jobs.Add(fingerprint, same = new Queue<InpaintJob>());
                }

                same.Enqueue(job);
            }
        }
    }

    /// <summary>Looks for a job that was made for the same request, and reserves it.</summary>
    /// <param name="plan">The request.</param>
    /// <param name="job">The job, the oldest of several.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryTake(RequestPlan plan, [NotNullWhen(true)] out InpaintJob? job)
    {
        ArgumentNullException.ThrowIfNull(plan);
        lock (jobs)
        {
            job = null;
            return jobs.TryGetValue(plan.Fingerprint, out Queue<InpaintJob>? same) && same.TryDequeue(out job);
        }
    }

    /// <summary>Whether an earlier submit of the same request got no answer, so that a new one may pay for it a second time.</summary>
    /// <param name="plan">The request.</param>
    /// <returns>True when there is one.</returns>
    public bool IsUncertain(RequestPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return uncertain.Contains(plan.Fingerprint);
    }
}
