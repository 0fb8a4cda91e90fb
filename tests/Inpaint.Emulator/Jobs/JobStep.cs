namespace Inpaint.Emulator.Jobs;

/// <summary>One thing that a status read can find before the job is over.</summary>
/// <param name="Phase">In queue or in progress.</param>
public sealed record JobStep(JobPhase Phase)
{
    /// <summary>Requests ahead, from 0; told only in the queue.</summary>
    public int QueuePosition { get; init; }

    /// <summary>Log lines that appear with this step.</summary>
    public IReadOnlyList<string> Logs { get; init; } = [];

    /// <summary>The job stays here, however often it is read, until it is released.</summary>
    public bool Held { get; init; }

    /// <summary>Another status text than the phase's own.</summary>
    public string? Status { get; init; }

    /// <summary>A step in the queue.</summary>
    /// <param name="position">Requests ahead, from 0.</param>
    /// <returns>The step.</returns>
    public static JobStep Queued(int position) => new(JobPhase.InQueue) { QueuePosition = position };

    /// <summary>A step of running.</summary>
    /// <param name="logs">Log lines that appear.</param>
    /// <returns>The step.</returns>
    public static JobStep Running(params string[] logs) => new(JobPhase.InProgress) { Logs = logs };

    /// <summary>The same step, held until released.</summary>
    /// <returns>A changed copy.</returns>
    public JobStep Hold() => this with { Held = true };
}
