namespace Inpaint.Http;

/// <summary>What a call is for; each kind has its own rules for repeating it and its own patience.</summary>
internal enum CallKind
{
    /// <summary>Asks for a paid job that is worked on later.</summary>
    Submit,

    /// <summary>Asks for a paid job whose output comes in the same answer.</summary>
    Run,

    /// <summary>Asks where a job stands.</summary>
    Status,

    /// <summary>Listens to a job.</summary>
    Stream,

    /// <summary>Collects what a job has made.</summary>
    Result,

    /// <summary>Asks to stop a job.</summary>
    Cancel,

    /// <summary>Asks what there is and what it costs, which a job can do without.</summary>
    Lookup,

    /// <summary>Hands over a picture.</summary>
    Upload,

    /// <summary>Fetches a picture.</summary>
    Download,
}
