using Inpaint.Journal;

namespace Inpaint.Jobs;

/// <summary>Says of a job that brings no result now why that is, what is true of the job all the same, and what to do about it.</summary>
internal static class JobFailures
{
    /// <summary>A job whose submit has not been answered, or never will be.</summary>
    /// <param name="job">The job.</param>
    /// <param name="lookup">How to look such a job up at its provider; null where nothing is known of that.</param>
    /// <returns>SubmissionUncertain.</returns>
    public static InpaintException NotAtProvider(InpaintJob job, string? lookup) => job.State == InpaintJobState.Submitting
        ? new InpaintException(InpaintErrorId.SubmissionUncertain, $"{job.Provider} has not answered yet to the job of {job.CreatedAt:u}, which another process is submitting at this moment.")
        {
            Job = job,
            RecommendedAction = "Ask again in a moment, or wait for it.",
        }
        : new InpaintException(InpaintErrorId.SubmissionUncertain, $"Whether {job.Provider} has taken the job of {job.CreatedAt:u} is not known, and neither is its id.")
        {
            Job = job,
            RecommendedAction = lookup,
        };

    /// <summary>A wait that was longer than the user allowed.</summary>
    /// <param name="timeout">What was allowed.</param>
    /// <param name="job">The job, with what stopping it did; null when none was made.</param>
    /// <returns>JobTimedOut.</returns>
    public static InpaintException TimedOut(TimeSpan timeout, InpaintJob? job)
    {
        string fate = job switch
        {
            null => "Nothing was sent.",
            { StopOutcome: StopOutcome.Cancelled } => $"{job.Provider} has cancelled the job {job.Id}.",
            { StopOutcome: StopOutcome.CancellationRequested } => $"{job.Provider} was asked to cancel the job {job.Id}; it may still complete.",
            { StopOutcome: StopOutcome.AlreadyCompleted } => $"The job {job.Id} had just completed.",
            _ => $"The job {job.Id} goes on at {job.Provider}.",
        };
        InpaintException e = new(InpaintErrorId.JobTimedOut, FormattableString.Invariant($"The job was not finished after {timeout.TotalSeconds:0.#} s. {fate}"));
        return job is null ? e : e.About(job);
    }

    /// <summary>
    /// Works on a job that a provider has accepted. Whatever goes wrong in it, foreseen or not, carries the job, and with it the advice that fits a job that is
    /// paid for.
    /// </summary>
    /// <typeparam name="T">What the work brings.</typeparam>
    /// <param name="journal">Knows the job's latest standing.</param>
    /// <param name="entry">The job.</param>
    /// <param name="work">The work.</param>
    /// <returns>What the work brings.</returns>
    /// <exception cref="InpaintException">What went wrong; <see cref="InpaintException.Job"/> holds the job.</exception>
    public static async Task<T> AttributeAsync<T>(JobJournal journal, JournalEntry entry, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (LacksJob(e))
        {
            throw AfterAcceptance(e, journal.Latest(entry).Job);
        }
    }

    /// <summary>Whether an exception is a failure that does not say which job it befell. That somebody gave up is no failure.</summary>
    /// <param name="e">The exception.</param>
    /// <returns>True when it needs <see cref="AfterAcceptance"/>.</returns>
    public static bool LacksJob(Exception e) => e is not (OperationCanceledException or InpaintException { Job: not null });

    /// <summary>A failure that befell an accepted job.</summary>
    /// <param name="e">What went wrong.</param>
    /// <param name="job">The job as last known.</param>
    /// <returns>The same failure, with the job.</returns>
    public static InpaintException AfterAcceptance(Exception e, InpaintJob job) => (e as InpaintException
        ?? new InpaintException(InpaintErrorId.UnexpectedError, $"Something unforeseen went wrong with the job {job.Id} of {job.Provider}: {e.Message}", e)).About(job);

    /// <summary>A job that has ended without pictures.</summary>
    /// <param name="job">The job.</param>
    /// <returns>Why, by the provider's word where there is one.</returns>
    public static InpaintException WithoutResult(InpaintJob job)
    {
        InpaintErrorId id = job.ErrorId ?? (job.State == InpaintJobState.Cancelled ? InpaintErrorId.JobCancelled : InpaintErrorId.JobFailed);
        return new InpaintException(id, job.Error ?? $"{job.Provider} reports the job {job.Id} as {job.State}.") { Job = job, Provider = job.Provider, RequestId = job.Id };
    }
}
