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
            RecommendedAction = "Ask again in a moment, or wait for it with Receive-InpaintJob -Wait.",
        }
        : new InpaintException(InpaintErrorId.SubmissionUncertain, $"Whether {job.Provider} has taken the job of {job.CreatedAt:u} is not known, and neither is its id.")
        {
            Job = job,
            RecommendedAction = lookup ?? ErrorAdvice.For(InpaintErrorId.SubmissionUncertain),
        };

    /// <summary>A wait that was longer than the user allowed.</summary>
    /// <param name="timeout">What was allowed.</param>
    /// <param name="job">The job, with what stopping it did; null when none was made.</param>
    /// <returns>JobTimedOut.</returns>
    public static InpaintException TimedOut(TimeSpan timeout, InpaintJob? job)
    {
        const string Anew = "Raise -TimeoutSec, or leave it out, and run the line again.";
        (string fate, string? advice) = job switch
        {
            null => ("Nothing was sent.", Anew),
            { StopOutcome: StopOutcome.Cancelled } => ($"{job.Provider} has cancelled the job {job.Id}.", Anew),
            { StopOutcome: StopOutcome.CancellationRequested } => ($"{job.Provider} was asked to cancel the job {job.Id}; it may still complete.", $"Look with Get-InpaintStatus -Id {job.Id} what became of it before running the line again."),
            { StopOutcome: StopOutcome.AlreadyCompleted } => ($"The job {job.Id} had just completed.", $"Collect it with Receive-InpaintJob -Id {job.Id}."),
            _ => ($"The job {job.Id} goes on at {job.Provider}.", (string?)null),
        };
        InpaintException e = new(InpaintErrorId.JobTimedOut, FormattableString.Invariant($"The job was not finished after {timeout.TotalSeconds:0.#} s. {fate}"));
        return job is null ? new InpaintException(e.ErrorId, e.Message) { RecommendedAction = Anew } : e.About(job, advice);
    }

    /// <summary>
    /// A failure that befell the watching and not the job: the job is paid for and may well succeed, so that the usual advice to run the line again would be
    /// bad.
    /// </summary>
    /// <param name="e">What befell the watching.</param>
    /// <param name="job">The job as last known.</param>
    /// <returns>The same failure, with the job and with advice that keeps it.</returns>
    public static InpaintException Unfinished(InpaintException e, InpaintJob job)
    {
        bool isPassing = e.IsTransient || e.ErrorId is InpaintErrorId.ProviderUnavailable or InpaintErrorId.RateLimited or InpaintErrorId.ResponseInvalid or InpaintErrorId.StateUnavailable;
        return e.About(job, isPassing ? $"The job {job.Id} is not lost: collect it later with Receive-InpaintJob -Id {job.Id} -Wait. Running the line again would make and pay for another." : null);
    }

    /// <summary>A job that has ended without pictures.</summary>
    /// <param name="job">The job.</param>
    /// <returns>Why, by the provider's word where there is one.</returns>
    public static InpaintException WithoutResult(InpaintJob job)
    {
        InpaintErrorId id = job.ErrorId ?? (job.State == InpaintJobState.Cancelled ? InpaintErrorId.JobCancelled : InpaintErrorId.JobFailed);
        return new InpaintException(id, job.Error ?? $"{job.Provider} reports the job {job.Id} as {job.State}.") { Job = job, Provider = job.Provider, RequestId = job.Id };
    }
}
