using Inpaint.Journal;

namespace Inpaint.Jobs;

/// <summary>Builds the errors of jobs that give no result now: why, what state the job is in, and what to do.</summary>
internal static class JobFailures
{
    /// <summary>SubmissionUncertain, for a job whose submit has got no response. <paramref name="lookup"/> says how to look such a job up at its provider; null when that is not known.</summary>
    public static InpaintException NotAtProvider(InpaintJob job, string? lookup) => job.State == InpaintJobState.Submitting
        ? new InpaintException(InpaintErrorId.SubmissionUncertain, $"{job.Provider} has not yet responded to the job of {job.CreatedAt:u}, which another process is submitting at the moment.")
        {
            Job = job,
            RecommendedAction = "Ask again in a moment, or wait for the job.",
            IsTransient = true,
        }
        : new InpaintException(InpaintErrorId.SubmissionUncertain, $"It is not known whether {job.Provider} accepted the job of {job.CreatedAt:u}; no id of it was received.")
        {
            Job = job,
            RecommendedAction = lookup,
        };

    /// <summary>JobTimedOut, for a wait that exceeded the user's timeout. The job holds the outcome of cancelling it; null when none was created.</summary>
    public static InpaintException TimedOut(TimeSpan timeout, InpaintJob? job)
    {
        string fate = job switch
        {
            null => "Nothing was sent.",
            { StopOutcome: StopOutcome.Cancelled } => $"{job.Provider} has cancelled the job {job.Id}.",
            { StopOutcome: StopOutcome.CancellationRequested } => $"{job.Provider} was asked to cancel the job {job.Id}; it may still complete.",
            { StopOutcome: StopOutcome.AlreadyCompleted } => $"The job {job.Id} had just completed.",
            _ => $"The job {job.Id} continues at {job.Provider}.",
        };
        InpaintException e = new(InpaintErrorId.JobTimedOut, FormattableString.Invariant($"The job was not finished after {timeout.TotalSeconds:0.#} s. {fate}")) { IsTransient = job is null or { EndedWithoutResult: false } };
        return job is null ? e : e.About(job);
    }

    /// <summary>
    /// Runs work on a job that a provider has accepted. Whatever fails in it, expected or not, gets the job attached, and with it the advice for a job that is paid
    /// for.
    /// </summary>
    /// <exception cref="InpaintException">What went wrong, with <see cref="InpaintException.Job"/>.</exception>
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

    /// <summary>Whether an exception is an error without its job. A cancellation is no error.</summary>
    public static bool LacksJob(Exception e) => e is not (OperationCanceledException or InpaintException { Job: not null });

    /// <summary>The same error, with the accepted job to which it happened.</summary>
    public static InpaintException AfterAcceptance(Exception e, InpaintJob job) => (e as InpaintException
        ?? new InpaintException(InpaintErrorId.UnexpectedError, $"An unexpected error occurred with job {job.Id} of {job.Provider}: {e.Message}", e)).About(job);

    /// <summary>The error of a job that ended without pictures, in the provider's words where there are any.</summary>
    public static InpaintException WithoutResult(InpaintJob job)
    {
        InpaintErrorId id = job.ErrorId ?? (job.State == InpaintJobState.Cancelled ? InpaintErrorId.JobCancelled : InpaintErrorId.JobFailed);
        return new InpaintException(id, job.Error ?? $"{job.Provider} reports job {job.Id} as {job.State}.") { Job = job, Provider = job.Provider, RequestId = job.Id, IsTransient = job.IsProvisional || job.IsTransient };
    }
}
