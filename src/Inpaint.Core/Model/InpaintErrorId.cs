namespace Inpaint;

/// <summary>
/// The vocabulary of failures. The names are a contract: scripts match them in <c>FullyQualifiedErrorId</c>. Each has its default advice in
/// <see cref="ErrorAdvice"/>; a provider maps its own errors onto these and keeps the provider's text in the message.
/// </summary>
public enum InpaintErrorId
{
    /// <summary>The provider needs a key and none was given, set or found in the environment.</summary>
    ApiKeyMissing,

    /// <summary>The provider refused the key.</summary>
    AuthenticationFailed,

    /// <summary>The key is good, but the account is locked or lacks the plan.</summary>
    AccountLocked,

    /// <summary>The account has no credit left.</summary>
    QuotaExceeded,

    /// <summary>The provider asked to slow down and the retries ran out.</summary>
    RateLimited,

    /// <summary>A parameter is out of range, unknown to the provider, or refused by it.</summary>
    InvalidParameter,

    /// <summary>A picture or mask does not exist or cannot be opened.</summary>
    ImageNotFound,

    /// <summary>A file is not a picture, is broken, or has a format that the provider does not take.</summary>
    ImageUnsupported,

    /// <summary>A picture exceeds a size limit, in bytes or pixels.</summary>
    ImageTooLarge,

    /// <summary>Mask and picture differ in size.</summary>
    MaskSizeMismatch,

    /// <summary>The mask marks nothing to repaint.</summary>
    MaskEmpty,

    /// <summary>The mask marks everything, so that nothing of the picture would be kept.</summary>
    MaskFull,

    /// <summary>The provider refused prompt or picture for their content.</summary>
    ContentPolicyViolation,

    /// <summary>No provider of that name is known.</summary>
    ProviderNotFound,

    /// <summary>The provider cannot be reached or is out of order.</summary>
    ProviderUnavailable,

    /// <summary>A key would have to travel over plain http.</summary>
    InsecureTransport,

    /// <summary>The provider's answer could not be understood.</summary>
    ResponseInvalid,

    /// <summary>A submit may or may not have reached the provider; it was not repeated.</summary>
    SubmissionUncertain,

    /// <summary>The provider took the job and failed at it.</summary>
    JobFailed,

    /// <summary>Neither the journal nor the provider knows the job.</summary>
    JobNotFound,

    /// <summary>The time given for waiting ran out; the job itself may go on.</summary>
    JobTimedOut,

    /// <summary>The job was cancelled.</summary>
    JobCancelled,

    /// <summary>The result was there once and has been deleted by the provider.</summary>
    ResultExpired,

    /// <summary>The result's file is there, but the server that keeps it refuses to hand it out.</summary>
    ResultAccessDenied,

    /// <summary>The job would exceed the spend ceiling.</summary>
    CostLimitExceeded,

    /// <summary>A file of that name exists and may not be overwritten.</summary>
    OutputExists,

    /// <summary>An output file or folder cannot be written.</summary>
    OutputWriteFailed,

    /// <summary>The journal or another state file cannot be read or written.</summary>
    StateUnavailable,

    /// <summary>The image library is not there for this platform, so that no pixels can be read or written.</summary>
    ImageLibraryMissing,

    /// <summary>Something that nobody foresaw: a defect of this module or of what it runs on.</summary>
    UnexpectedError,
}
