using System.Text.Json.Nodes;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Jobs;

namespace Inpaint.Emulator.Jobs;

/// <summary>A log line of a job.</summary>
/// <param name="Message">The text.</param>
/// <param name="Timestamp">When it was written.</param>
public sealed record JobLog(string Message, DateTimeOffset Timestamp);

/// <summary>What one look at a job shows.</summary>
/// <param name="Step">The step, or null when the job is completed.</param>
/// <param name="Logs">The log lines of the window.</param>
internal sealed record JobView(JobStep? Step, IReadOnlyList<JobLog> Logs);

/// <summary>A job that was paid for.</summary>
public sealed class EmulatedJob
{
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly Lazy<Task<Answer>> output;
    private readonly List<JobLog> logs = [];
    private readonly Changes changes = new();
    private DateTimeOffset stepBegan;
    private int step;
    private bool entered;
    private bool released;

    internal EmulatedJob(string id, WireService service, string endpoint, JsonObject input, JobScript script, TimeProvider time, Func<EmulatedJob, Task<Answer>> run)
    {
        Id = id;
        Service = service;
        Endpoint = endpoint;
        Input = input;
        Script = script;
        this.time = time;
        stepBegan = SubmittedAt = time.GetUtcNow();
        output = new(() => Script.Result is { } result ? Task.FromResult(result) : run(this));
    }

    /// <summary>The id that the client was given.</summary>
    public string Id { get; }

    /// <summary>Who took it.</summary>
    public WireService Service { get; }

    /// <summary>The model's full id, for example fal-ai/flux-lora/inpainting.</summary>
    public string Endpoint { get; }

    /// <summary>The submitted input.</summary>
    public JsonObject Input { get; }

    /// <summary>The headers of the submit; names compare without case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; internal init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>How it goes.</summary>
    public JobScript Script { get; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset SubmittedAt { get; }

    /// <summary>A cancel ended it.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>The provider has deleted it: nobody knows the id any more.</summary>
    public bool IsExpired { get; private set; }

    /// <summary>How often its status was read, by single reads and by events.</summary>
    public int StatusReads { get; private set; }

    /// <summary>How often its result was read.</summary>
    public int ResultReads { get; internal set; }

    /// <summary>Where it is now, without moving it on.</summary>
    public JobPhase Phase
    {
        get
        {
            lock (gate)
            {
                PassTime();
                return Current?.Phase ?? JobPhase.Completed;
            }
        }
    }

    private JobStep? Current => IsCancelled || step >= Script.Steps.Count ? null : Script.Steps[step];

    /// <summary>Lets a held step go.</summary>
    public void Release()
    {
        lock (gate)
        {
            released = true;
            changes.Announce();
        }
    }

    /// <summary>Ends the job with its result.</summary>
    public void Complete()
    {
        lock (gate)
        {
            for (; Current is { } current; step++)
            {
                Enter(current);
                entered = false;
            }

            changes.Announce();
        }
    }

    /// <summary>Makes the provider forget the job.</summary>
    public void Expire()
    {
        lock (gate)
        {
            IsExpired = true;
            changes.Announce();
        }
    }

    /// <summary>Asks for the job's end.</summary>
    /// <returns>False when it was over already.</returns>
    internal bool Cancel()
    {
        lock (gate)
        {
            PassTime();
            if (Current is not { } current)
            {
                return false;
            }

            if (!(Script.IgnoresCancel && current.Phase == JobPhase.InProgress))
            {
                IsCancelled = true;
                changes.Announce();
            }

            return true;
        }
    }

    /// <summary>Shows the current step and moves on, unless the step is held or goes by with time.</summary>
    internal JobView Read()
    {
        lock (gate)
        {
            StatusReads++;
            PassTime();
            JobStep? current = Current;
            if (current is not null)
            {
                Enter(current);
                if (Script.StepTime is null && MayLeave(current))
                {
                    Leave();
                }
            }

            return new(current, [.. logs.TakeLast(Script.LogWindow)]);
        }
    }

    /// <summary>Waits for what an event stream waits for between two events.</summary>
    internal async Task NextAsync(JobView seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next;
            TimeSpan? timed = null;
            lock (gate)
            {
                PassTime();
                if (!ReferenceEquals(Current, seen.Step) || IsExpired || (Current is { } current && Script.StepTime is null && MayLeave(current)))
                {
                    return;
                }

                next = changes.Next;
                if (Script.StepTime is { } span && !seen.Step!.Held)
                {
                    timed = stepBegan + span - time.GetUtcNow();
                }
            }

            if (timed is { } wait)
            {
                next = Task.WhenAny(next, Task.Delay(wait < TimeSpan.Zero ? TimeSpan.Zero : wait, time, cancellationToken));
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits until the job is over, by whatever moves it on.</summary>
    internal async Task CompletionAsync(CancellationToken cancellationToken)
    {
        await changes.WaitForAsync(IsOver, cancellationToken);

        bool IsOver()
        {
            lock (gate)
            {
                return Current is null;
            }
        }
    }

    /// <summary>The answer of the result, made once.</summary>
    internal Task<Answer> OutputAsync() => output.Value;

    private bool MayLeave(JobStep current) => !current.Held || released;

    private void Enter(JobStep current)
    {
        if (!entered)
        {
            entered = true;
            // Lines of one step keep their order by a millisecond each, like lines of a real run that are written close together.
            DateTimeOffset now = time.GetUtcNow();
            logs.AddRange(current.Logs.Select((line, index) => new JobLog(line, now.AddMilliseconds(index))));
        }
    }

    private void Leave()
    {
        step++;
        entered = false;
        released = false;
        stepBegan = time.GetUtcNow();
        changes.Announce();
    }

    private void PassTime()
    {
        if (Script.StepTime is not { } span)
        {
            return;
        }

        while (Current is { } current && MayLeave(current) && time.GetUtcNow() - stepBegan >= span)
        {
            Enter(current);
            DateTimeOffset began = stepBegan;
            Leave();
            stepBegan = began + span;
        }
    }
}
