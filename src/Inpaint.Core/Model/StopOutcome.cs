namespace Inpaint;

/// <summary>What an attempt to stop a job really did.</summary>
public enum StopOutcome
{
    /// <summary>The job will not run.</summary>
    Cancelled,

    /// <summary>The provider took note; a running job may still complete and be charged.</summary>
    CancellationRequested,

    /// <summary>Too late: the job had finished.</summary>
    AlreadyCompleted,

    /// <summary>The provider does not know the job.</summary>
    NotFound,

    /// <summary>The provider cannot cancel; only the waiting has ended.</summary>
    NotSupported,
}
