using Inpaint.Journal;

namespace Inpaint.Jobs;

/// <summary>Makes of a job that has ended what the user gets: its result, finished where the job says so, or why there is none.</summary>
internal sealed class ResultCollector(JobJournal journal, ResultFinisher finisher)
{
    /// <summary>Collects a job's result.</summary>
    /// <param name="entry">The job, settled.</param>
    /// <param name="events">Told of the finishing, and of pictures that the safety checker flagged.</param>
    /// <param name="cancellationToken">Ends it; the job stays as it was.</param>
    /// <returns>The result.</returns>
    /// <exception cref="InpaintException">Why there is none; <see cref="InpaintException.Job"/> holds the job.</exception>
    public Task<InpaintResult> CollectAsync(JournalEntry entry, IProgress<JobEvent>? events, CancellationToken cancellationToken) =>
        JobFailures.AttributeAsync(journal, entry, async () => ResultOf(await finisher.FinishAsync(entry, events, cancellationToken).ConfigureAwait(false), events));

    private static InpaintResult ResultOf(JournalEntry entry, IProgress<JobEvent>? events)
    {
        InpaintJob job = entry.Job;
        if (entry.Result is null)
        {
            throw JobFailures.WithoutResult(job);
        }

        InpaintResult result = ResultBuilder.Build(entry);
        int flagged = result.HasNsfwConcepts.Count(f => f);
        if (flagged > 0)
        {
            events?.Report(new JobEvent(JobEventKind.Warning, $"{job.Provider}'s safety checker flagged {flagged} of {result.Images.Count} picture(s) of job {job.Id}; such a picture is blanked, and charged all the same.", job));
        }

        return result;
    }
}
