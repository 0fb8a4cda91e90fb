namespace Inpaint.Emulator.Wire;

/// <summary>What a request asks for, whatever the service's URLs look like: the unit that faults and records are about.</summary>
public enum WireOperation
{
    /// <summary>A path or method that the service does not have.</summary>
    Unknown,

    /// <summary>A job is handed in (paid).</summary>
    Submit,

    /// <summary>A job's status is read once.</summary>
    Status,

    /// <summary>A job's status is followed by server-sent events.</summary>
    StatusStream,

    /// <summary>A job's result is read.</summary>
    Result,

    /// <summary>A job is to be cancelled.</summary>
    Cancel,

    /// <summary>A model is run and its output returned in the same answer (paid).</summary>
    Run,

    /// <summary>A model is run and its intermediate pictures are streamed (paid).</summary>
    RunStream,

    /// <summary>An upload is announced.</summary>
    UploadInitiate,

    /// <summary>A file's bytes are put.</summary>
    UploadPut,

    /// <summary>One part of a file is put.</summary>
    UploadPart,

    /// <summary>The parts of a file are joined.</summary>
    UploadComplete,

    /// <summary>A file is fetched from the file host.</summary>
    Download,

    /// <summary>Models are listed or described.</summary>
    Models,

    /// <summary>Prices are read.</summary>
    Pricing,

    /// <summary>The account is read: balance, credits.</summary>
    Account,

    /// <summary>A service calls an address of the caller's own.</summary>
    Webhook,
}
