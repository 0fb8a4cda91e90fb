namespace Inpaint;

/// <summary>Where a job stands.</summary>
public enum InpaintJobState
{
    /// <summary>The intent is written down; the provider has not answered yet.</summary>
    Submitting,

    /// <summary>The request was sent, but no answer came: the provider may or may not have it.</summary>
    Uncertain,

    /// <summary>Accepted and waiting.</summary>
    InQueue,

    /// <summary>Being worked on.</summary>
    InProgress,

    /// <summary>Finished; the result can be collected.</summary>
    Completed,

    /// <summary>The provider failed at it.</summary>
    Failed,

    /// <summary>Cancelled.</summary>
    Cancelled,
}
