namespace Inpaint;

/// <summary>
/// The vocabulary of failures. The names are a contract: programs match them. Each has its default advice in <see cref="ErrorAdvice"/>; a provider maps its own errors to
/// these and keeps the service's text in the message.
/// </summary>
public enum InpaintErrorId : long
{
    /// <summary>The provider needs a key and none was given, set or found in the environment.</summary>
    ApiKeyMissing,

    /// <summary>The provider refused the key.</summary>
    AuthenticationFailed,

    /// <summary>The key is good, but the account is locked or lacks the plan.</summary>
    AccountLocked,

    /// <summary>The account has no credit left.</summary>
    QuotaExceeded,

    /// <summary>The provider asked to slow down, and the retries were used up.</summary>
    RateLimited,

    /// <summary>A parameter is out of range, not supported by the provider, or rejected by it.</summary>
    InvalidParameter,

    /// <summary>A picture or mask does not exist or cannot be opened.</summary>
    ImageNotFound,

    /// <summary>A file is not a picture, is damaged, or has a format that the provider does not take.</summary>
    ImageUnsupported,

    /// <summary>A picture exceeds a size limit, in bytes or pixels.</summary>
    ImageTooLarge,

    /// <summary>Mask and picture differ in size.</summary>
    MaskSizeMismatch,

    /// <summary>The mask marks nothing to repaint.</summary>
    MaskEmpty,

    /// <summary>The mask marks everything, so that nothing of the picture would be kept.</summary>
    MaskFull,

    /// <summary>The provider rejected the prompt or a picture for its content.</summary>
    ContentPolicyViolation,

    /// <summary>No provider of that name is known.</summary>
    ProviderNotFound,

    /// <summary>The provider cannot be reached or is out of service.</summary>
    ProviderUnavailable,

    /// <summary>A key would be sent over plain http.</summary>
    InsecureTransport,

    /// <summary>The provider's response could not be understood.</summary>
    ResponseInvalid,

    /// <summary>A request may or may not have reached the provider; it was not repeated.</summary>
    SubmissionUncertain,

    /// <summary>The provider accepted the job, and it failed.</summary>
    JobFailed,

    /// <summary>Neither the journal nor the provider knows the job.</summary>
    JobNotFound,

    /// <summary>The time limit for waiting was reached; the job itself may go on.</summary>
    JobTimedOut,

    /// <summary>The job was cancelled.</summary>
    JobCancelled,

    /// <summary>The provider has deleted the result.</summary>
    ResultExpired,

    /// <summary>The result's file exists, but its server refuses access.</summary>
    ResultAccessDenied,

    /// <summary>The job would exceed the cost limit.</summary>
    CostLimitExceeded,

    /// <summary>A file of that name exists and may not be overwritten.</summary>
    OutputExists,

    /// <summary>An output file or folder cannot be written.</summary>
    OutputWriteFailed,

    /// <summary>The journal or another state file cannot be read or written.</summary>
    StateUnavailable,

    /// <summary>The image library is missing on this platform, so that no pixels can be read or written.</summary>
    ImageLibraryMissing,

    /// <summary>An unexpected failure: a defect of Inpaint or of what it runs on.</summary>
    UnexpectedError,
}

/// <summary>
/// What to do about each failure, in general terms; a program adds its own commands. Once a provider has accepted a job, the job determines the advice: that it is paid for and how to
/// collect it, and never to submit another.
/// </summary>
public static class ErrorAdvice
{
    /// <summary>Says what to do about a failure before there is a job, when the failure has no advice of its own.</summary>
    /// <param name="errorId">The failure.</param>
    /// <returns>One sentence.</returns>
    public static string For(InpaintErrorId errorId) => errorId switch
    {
        InpaintErrorId.ApiKeyMissing => "Set the provider's key, or its environment variable.",
        InpaintErrorId.AuthenticationFailed => "Check the key, and set a valid one.",
        InpaintErrorId.AccountLocked => "Check the account on the provider's website; only the provider can unlock it.",
        InpaintErrorId.QuotaExceeded => "Top up the account on the provider's site, then try again.",
        InpaintErrorId.RateLimited => "Wait, run fewer jobs at once, or allow more retries.",
        InpaintErrorId.InvalidParameter => "Correct the value; the provider's capabilities say what it takes.",
        InpaintErrorId.ImageNotFound => "Check the path.",
        InpaintErrorId.ImageUnsupported => "Convert the picture to PNG or JPEG.",
        InpaintErrorId.ImageTooLarge => "Send a smaller picture.",
        InpaintErrorId.ImageLibraryMissing => "Install libvips 8.18 or newer with the system's package manager, or work with pictures and masks at https URLs, whose pixels are not needed here.",
        InpaintErrorId.MaskSizeMismatch => "Make the mask the size of the picture, or have it resized.",
        InpaintErrorId.MaskEmpty => "Paint the part to repaint white, or choose another mask mode.",
        InpaintErrorId.MaskFull => "Paint the part to keep black, or choose another mask mode.",
        InpaintErrorId.ContentPolicyViolation => "Change the prompt or the picture; the provider will refuse the same request again.",
        InpaintErrorId.ProviderNotFound => "Name a known provider, or add this one.",
        InpaintErrorId.ProviderUnavailable => "Check the connection and the provider's status page, then try again.",
        InpaintErrorId.InsecureTransport => "Use an https URL; plain http is allowed for 127.0.0.1 and localhost only.",
        InpaintErrorId.ResponseInvalid => "Try once more; if it persists, the service has changed, or something in between rewrites its responses.",
        InpaintErrorId.SubmissionUncertain => "Look the job up in the journal or on the provider's site before sending it again.",
        InpaintErrorId.JobFailed => "Read the provider's message; the same request may fail the same way.",
        InpaintErrorId.JobNotFound => "Check the id and the provider.",
        InpaintErrorId.JobTimedOut => "Allow more time, and try again.",
        InpaintErrorId.JobCancelled => "Nothing is left to collect.",
        InpaintErrorId.ResultExpired => "The file can no longer be downloaded; save results soon after they are made.",
        InpaintErrorId.ResultAccessDenied => "Make the file public on the provider's site, or request the pictures inside the response.",
        InpaintErrorId.CostLimitExceeded => "Raise the limit, or send fewer or smaller pictures.",
        InpaintErrorId.OutputExists => "Choose another name, or allow the file to be replaced.",
        InpaintErrorId.OutputWriteFailed => "Choose a folder that can be written, or free some space.",
        InpaintErrorId.StateUnavailable => "Point INPAINT_HOME at a folder that can be read and written.",
        _ => "This is a defect of Inpaint or of what it runs on; please report it.",
    };

    /// <summary>Says what to do about a failure of a job.</summary>
    /// <param name="errorId">The failure.</param>
    /// <param name="job">The job as last known.</param>
    /// <returns>A few sentences.</returns>
    public static string For(InpaintErrorId errorId, InpaintJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (!job.IsAccepted)
        {
            return For(errorId);
        }

        if (job.EndedWithoutResult)
        {
            return Join($"Nothing is left to collect for the job {job.Id}.", ForNextJob(errorId, job));
        }

        string paid = job.IsFree ? "is kept" : "is paid for";
        return (errorId, job) switch
        {
            (InpaintErrorId.JobTimedOut, { StopOutcome: StopOutcome.CancellationRequested }) =>
                $"Check the status of the job {job.Id}. If it completed after all, it {paid}: collect its result.",
            (InpaintErrorId.JobTimedOut, { StopOutcome: not StopOutcome.AlreadyCompleted, IsFinished: false }) =>
                $"The job {job.Id} continues and {paid}: collect its result later, or stop it.",
            _ => Join(ForPaidJob(errorId), $"The job {job.Id} {paid}: collect its result."),
        };
    }

    /// <summary>Says what prevents a job from being collected, and how to resolve it.</summary>
    /// <param name="errorId">The failure.</param>
    /// <returns>One sentence; empty where nothing prevents it.</returns>
    public static string ForPaidJob(InpaintErrorId errorId) => errorId switch
    {
        InpaintErrorId.QuotaExceeded => "Top up the account on the provider's site.",
        InpaintErrorId.RateLimited => "Wait a little.",
        InpaintErrorId.ProviderUnavailable => "Check the connection and the provider's status page.",
        InpaintErrorId.ResponseInvalid => "If this persists, the service has changed, or something in between rewrites its responses.",
        InpaintErrorId.ResultExpired => "The provider may have deleted the file, or deny access to it: check the account's files on its website.",
        InpaintErrorId.ResultAccessDenied =>
            "Make the account's files public on the provider's site. Later jobs can return the pictures inside the response.",
        InpaintErrorId.ApiKeyMissing or InpaintErrorId.AuthenticationFailed or InpaintErrorId.AccountLocked or InpaintErrorId.ProviderNotFound or InpaintErrorId.InsecureTransport
            or InpaintErrorId.OutputExists or InpaintErrorId.OutputWriteFailed or InpaintErrorId.StateUnavailable or InpaintErrorId.ImageLibraryMissing => For(errorId),
        _ => "",
    };

    /// <summary>Says what to do differently after a job that ended without a result.</summary>
    /// <param name="errorId">The failure.</param>
    /// <param name="job">The job that ended.</param>
    /// <returns>One or two sentences, or empty where the next job needs no change.</returns>
    public static string ForNextJob(InpaintErrorId errorId, InpaintJob job) => errorId switch
    {
        InpaintErrorId.JobFailed when job.IsTransient => "The failure may be transient: try again later.",
        InpaintErrorId.ContentPolicyViolation or InpaintErrorId.InvalidParameter or InpaintErrorId.ImageUnsupported or InpaintErrorId.ImageTooLarge
            or InpaintErrorId.MaskSizeMismatch or InpaintErrorId.MaskEmpty or InpaintErrorId.MaskFull or InpaintErrorId.JobFailed => For(errorId),
        InpaintErrorId.ImageNotFound =>
            "The service could not load a picture. URLs must be public; upload files instead of sending them inside the request.",
        InpaintErrorId.JobTimedOut => "A longer time limit, or none, lets a job finish.",
        InpaintErrorId.ResultExpired => "The provider has deleted the result.",
        _ => "",
    };

    private static string Join(params string[] sentences) => string.Join(' ', sentences.Where(s => s.Length > 0));
}
