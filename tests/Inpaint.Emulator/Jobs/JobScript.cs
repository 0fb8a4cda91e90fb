using Inpaint.Emulator.Wire;
using Inpaint.Jobs;

namespace Inpaint.Emulator.Jobs;

/// <summary>
/// How a job goes. Every status read finds the current step and moves the job one step on, so that a test needs no clock; after the last step the job is completed.
/// A stream of events shows all steps by itself.
/// </summary>
public sealed record JobScript
{
    /// <summary>The steps before completion.</summary>
    public IReadOnlyList<JobStep> Steps { get; init; } = [JobStep.Queued(0), JobStep.Running("loading weights", "denoising 14/28", "denoising 28/28")];

    /// <summary>The queue position that the submit's own answer tells.</summary>
    public int SubmittedPosition { get; init; } = 1;

    /// <summary>The id that the job gets; null makes one.</summary>
    public string? RequestId { get; init; }

    /// <summary>Steps go by with time instead of with reads.</summary>
    public TimeSpan? StepTime { get; init; }

    /// <summary>How many of the newest log lines a status tells: the services show a moving window.</summary>
    public int LogWindow { get; init; } = int.MaxValue;

    /// <summary>The answer that the result replays in place of the model's own.</summary>
    public Answer? Result { get; init; }

    /// <summary>The text of an infrastructure failure, told by the completed status.</summary>
    public string? Error { get; init; }

    /// <summary>The type of an infrastructure failure.</summary>
    public string? ErrorType { get; init; }

    /// <summary>A cancel reaches a running job too late: it completes with its picture.</summary>
    public bool IgnoresCancel { get; init; }

    /// <summary>The caller's start deadline, if it gave one, expires in the queue.</summary>
    public bool StartsTooLate { get; init; }

    /// <summary>Completed at the first read.</summary>
    public static JobScript Immediate { get; } = new() { Steps = [] };

    /// <summary>Stays in the queue until released.</summary>
    /// <param name="position">Requests ahead.</param>
    /// <returns>The script.</returns>
    public static JobScript HeldInQueue(int position = 0) => new() { Steps = [JobStep.Queued(position).Hold()] };

    /// <summary>Runs until released.</summary>
    /// <param name="logs">Log lines that appear.</param>
    /// <returns>The script.</returns>
    public static JobScript HeldInProgress(params string[] logs) => new() { Steps = [JobStep.Running(logs).Hold()] };

    /// <summary>Takes a number of reads in the queue, with falling positions, and a number in progress, with one log line each.</summary>
    /// <param name="queued">Reads in the queue.</param>
    /// <param name="running">Reads in progress.</param>
    /// <returns>The script.</returns>
    public static JobScript Reads(int queued, int running) => new()
    {
        SubmittedPosition = queued,
        Steps =
        [
            .. Enumerable.Range(1, queued).Select(index => JobStep.Queued(queued - index)),
            .. Enumerable.Range(1, running).Select(index => JobStep.Running($"denoising {index}/{running}")),
        ],
    };
}
