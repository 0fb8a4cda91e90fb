namespace Inpaint.Emulator.Jobs;

/// <summary>Where a job is.</summary>
public enum JobPhase
{
    /// <summary>Waiting for a runner.</summary>
    InQueue,

    /// <summary>Running.</summary>
    InProgress,

    /// <summary>Over: with a picture, with a failure or cancelled.</summary>
    Completed,
}
