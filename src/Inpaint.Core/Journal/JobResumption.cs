using System.Diagnostics.CodeAnalysis;
using Inpaint.Planning;

namespace Inpaint.Journal;

/// <summary>
/// The jobs of the journal that a batch may attach to when it is run again, by what was asked for. Each is given out once, so that a batch which asks for the
/// same thing twice gets two jobs. Failed and uncertain ones are not among them, and none that was asked to stop: attaching to those would bring nothing. Jobs that
/// other batches make meanwhile are found as well; those that this one makes itself are not.
/// </summary>
public sealed class JobResumption
{
    private readonly Lock gate = new();
    private readonly JobJournal journal;
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<InpaintJob>> accepted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, InpaintJob> submitting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, InpaintJob> uncertain = new(StringComparer.Ordinal);

    internal JobResumption(JobJournal journal, Action<string>? warn)
    {
        this.journal = journal;
        Look(warn ?? (_ => { }));
    }

    /// <summary>Looks for a job that was made for the same request, and reserves it.</summary>
    /// <param name="plan">The request.</param>
    /// <param name="job">The job, the oldest of several.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="InpaintException">StateUnavailable: the journal cannot be read.</exception>
    public bool TryTake(RequestPlan plan, [NotNullWhen(true)] out InpaintJob? job)
    {
        ArgumentNullException.ThrowIfNull(plan);
        lock (gate)
        {
            Look(warn: null);
            return TryTake(plan.Fingerprint, out job);
        }
    }

    /// <summary>Looks for an earlier submit of the same request that got no answer, so that a new one may pay for it a second time.</summary>
    /// <param name="plan">The request.</param>
    /// <param name="job">The newest of them.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryFindUncertain(RequestPlan plan, [NotNullWhen(true)] out InpaintJob? job)
    {
        ArgumentNullException.ThrowIfNull(plan);
        lock (gate)
        {
            return uncertain.TryGetValue(plan.Fingerprint, out job);
        }
    }

    /// <summary>Looks, at the last moment before a submit, for a job that somebody else has made or is just making for the same request. The caller holds the claim to the request.</summary>
    /// <param name="fingerprint">The request's.</param>
    /// <param name="own">The name of the job that the caller makes if there is no other.</param>
    /// <returns>The other job: reserved when it is accepted, and to be asked for again while it is <see cref="InpaintJobState.Submitting"/>; null when the caller is to make its own.</returns>
    internal InpaintJob? TakeOther(string fingerprint, string own)
    {
        lock (gate)
        {
            Look(warn: null);
            if (TryTake(fingerprint, out InpaintJob? job) || submitting.TryGetValue(fingerprint, out job))
            {
                return job;
            }

            seen.Add(own);
            return null;
        }
    }

    private bool TryTake(string fingerprint, [NotNullWhen(true)] out InpaintJob? job)
    {
        job = null;
        return accepted.TryGetValue(fingerprint, out Queue<InpaintJob>? same) && same.TryDequeue(out job);
    }

    /// <summary>Reads what the journal has got since the last look.</summary>
    private void Look(Action<string>? warn)
    {
        submitting.Clear();
        foreach (JournalEntry entry in journal.Entries(includeDone: true, warn, seen.Contains))
        {
            if (journal.Standing(entry)?.Job is not { } job)
            {
                continue;
            }

            if (job.State == InpaintJobState.Submitting)
            {
                // Not settled yet; looked at again the next time.
                if (job.Fingerprint is not null)
                {
                    submitting[job.Fingerprint] = job;
                }

                continue;
            }

            seen.Add(job.JournalId);
            if (job.Fingerprint is string fingerprint)
            {
                Sort(fingerprint, job);
            }
        }
    }

    private void Sort(string fingerprint, InpaintJob job)
    {
        if (job.State == InpaintJobState.Uncertain)
        {
            uncertain[fingerprint] = job;
        }
        else if (job.State is not (InpaintJobState.Failed or InpaintJobState.Cancelled) && (job.State == InpaintJobState.Completed || job.StopOutcome != StopOutcome.CancellationRequested))
        {
            if (!accepted.TryGetValue(fingerprint, out Queue<InpaintJob>? same))
            {
                accepted.Add(fingerprint, same = new Queue<InpaintJob>());
            }

            same.Enqueue(job);
        }
    }
}
