using System.Diagnostics.CodeAnalysis;
using Inpaint.Planning;

namespace Inpaint.Journal;

/// <summary>
/// The jobs of the journal to which a repeated batch may attach instead of paying again, by the fingerprint of the request. Each is handed out once, so that a batch
/// with two equal requests gets two jobs. Failed and uncertain jobs are excluded, and those that were asked to stop, since attaching to them would bring nothing. Jobs
/// that other batches create meanwhile are found as well; those that this batch creates are not.
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
        ReadNewJobs(warn ?? (_ => { }));
    }

    /// <summary>Finds a job that was made for the same request, and reserves it.</summary>
    /// <param name="plan">The request.</param>
    /// <param name="job">The job, the oldest of several.</param>
    /// <returns>True when there is one.</returns>
    /// <exception cref="InpaintException">StateUnavailable: the journal cannot be read.</exception>
    public bool TryTake(RequestPlan plan, [NotNullWhen(true)] out InpaintJob? job)
    {
        ArgumentNullException.ThrowIfNull(plan);
        lock (gate)
        {
            ReadNewJobs(warn: null);
            return TryTake(plan.Fingerprint, out job);
        }
    }

    /// <summary>Finds an earlier submit of the same request that got no response, so that a new one may pay for it a second time.</summary>
    /// <param name="plan">The request.</param>
    /// <param name="job">The newest such job.</param>
    /// <returns>True when there is one.</returns>
    public bool TryFindUncertain(RequestPlan plan, [NotNullWhen(true)] out InpaintJob? job)
    {
        ArgumentNullException.ThrowIfNull(plan);
        lock (gate)
        {
            return uncertain.TryGetValue(plan.Fingerprint, out job);
        }
    }

    /// <summary>Finds, just before a submit, a job that another batch has made or is making for the same request. The caller holds the journal's claim to the request.</summary>
    /// <param name="fingerprint">The fingerprint of the request.</param>
    /// <param name="own">The journal id of the job that the caller creates if there is no other.</param>
    /// <returns>The other job: reserved when it is accepted, to be looked up again while it is <see cref="InpaintJobState.Submitting"/>; null when the caller is to create its own.</returns>
    internal InpaintJob? TakeOther(string fingerprint, string own)
    {
        lock (gate)
        {
            ReadNewJobs(warn: null);
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

    /// <summary>Reads the jobs that the journal has got since the last read.</summary>
    private void ReadNewJobs(Action<string>? warn)
    {
        submitting.Clear();
        foreach (JournalEntry entry in journal.Entries(includeDone: true, warn, seen.Contains))
        {
            if (journal.ResolveState(entry)?.Job is not { } job)
            {
                continue;
            }

            if (job.State == InpaintJobState.Submitting)
            {
                // Not known yet; read again the next time.
                if (job.Fingerprint is not null)
                {
                    submitting[job.Fingerprint] = job;
                }

                continue;
            }

            seen.Add(job.JournalId);
            if (job.Fingerprint is string fingerprint)
            {
                Classify(fingerprint, job);
            }
        }
    }

    private void Classify(string fingerprint, InpaintJob job)
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
