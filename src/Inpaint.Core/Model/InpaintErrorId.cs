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
