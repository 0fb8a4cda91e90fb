using System.Collections.Concurrent;
using System.Globalization;
using Inpaint.Planning;

namespace Inpaint.Pipeline;

/// <summary>The jobs that a command is running: written to the log if there is one, and named when the command is stopped. Thread-safe.</summary>
internal sealed class CommandJobs
{
    private const int MaxNames = 5;

    private readonly ConcurrentDictionary<string, (string Item, InpaintJob Job)> underWay = new(StringComparer.Ordinal);
    private int released;
    private int notSent;

    /// <summary>The log; null for none.</summary>
    public BatchLog? Log { get; set; }

    /// <summary>Follows a job through its events.</summary>
    /// <param name="item">The item's name.</param>
    /// <param name="next">Receives the events as well.</param>
    /// <param name="isOwn">Whether the command made the job, as opposed to waiting for an earlier one.</param>
    /// <returns>The receiver of the job's events.</returns>
    public IProgress<JobEvent> Watch(string item, IProgress<JobEvent> next, bool isOwn) => new Watcher(this, item, next, isOwn);

    /// <summary>Logs an item that is about to be sent.</summary>
    public void Planned(RequestPlan plan, InpaintCost? estimate) => Log?.Planned(plan, estimate);

    /// <summary>Logs that the command attached to an earlier job.</summary>
    public void Attached(string item, InpaintJob job) => Log?.Job("attached", item, job);

    /// <summary>Releases a job that goes on without the command.</summary>
    public void Release(InpaintJob job)
    {
        underWay.TryRemove(job.JournalId, out _);
        Interlocked.Increment(ref released);
    }

    /// <summary>Logs a result.</summary>
    public void Finished(InpaintResult result)
    {
        underWay.TryRemove(result.Job.JournalId, out _);
        Log?.Finished(result);
    }

    /// <summary>Logs a failure.</summary>
    public void Failed(Exception exception, object? target, string? name)
    {
        if (exception is InpaintException { Job: { IsFinished: true } job })
        {
            underWay.TryRemove(job.JournalId, out _);
        }

        Log?.Failed(exception, target, name);
    }

    /// <summary>Describes what became of the jobs when the command was stopped: which were cancelled, and which may still complete.</summary>
    /// <param name="notBegun">How many items were not begun.</param>
    /// <returns>One or more sentences; null when there is nothing to report.</returns>
    public string? DescribeStop(int notBegun)
    {
        (string Item, InpaintJob Job)[] all = [.. underWay.Values.OrderBy(one => one.Job.JournalId, StringComparer.Ordinal)];
        string Names(Func<InpaintJob, bool> which)
        {
            string[] names = [.. all.Where(one => which(one.Job)).Select(one => $"{one.Item} ({one.Job.Provider} {one.Job.Id})")];
            return names.Length <= MaxNames ? string.Join(", ", names) : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names.Take(MaxNames))} and {names.Length - MaxNames} more");
        }

        int unsent = notBegun + notSent;
        string cancelled = Names(job => job.State == InpaintJobState.Cancelled);
        string asked = Names(job => job is { StopOutcome: StopOutcome.CancellationRequested, IsFinished: false });
        string uncertain = Names(job => !job.IsAccepted);
        string goesOn = Names(job => job.IsAccepted && job.State is not (InpaintJobState.Cancelled or InpaintJobState.Failed) && (job.IsFinished || job.StopOutcome != StopOutcome.CancellationRequested));
        string?[] parts =
        [
            cancelled.Length == 0 ? null : $"Cancelled: {cancelled}.",
            asked.Length == 0 ? null : $"Cancellation requested, may still complete and be charged: {asked}.",
            uncertain.Length == 0 ? null : $"Sent without a response, possibly accepted: {uncertain}.",
            goesOn.Length == 0 ? null : $"Not cancelled: {goesOn}.",
            unsent == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"Not sent: {unsent} {(unsent == 1 ? "item" : "items")}."),
            released == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{released} started {(released == 1 ? "job continues" : "jobs continue")}."),
            (asked.Length + uncertain.Length + goesOn.Length + released) == 0 ? null : "Get-InpaintStatus lists these jobs, and Receive-InpaintJob collects them.",
        ];
        string text = string.Join(' ', parts.OfType<string>());
        return text.Length == 0 ? null : text;
    }

    private void Update(string item, InpaintJob job, bool isOwn)
    {
        if (job is { State: InpaintJobState.Cancelled, SubmittedAt: null })
        {
            // Nothing was sent, so there is no job to report.
            underWay.TryRemove(job.JournalId, out _);
            Interlocked.Increment(ref notSent);
            return;
        }

        bool isNew = !underWay.TryGetValue(job.JournalId, out (string Item, InpaintJob Job) before);
        underWay[job.JournalId] = (item, job);
        if (isOwn && job.IsAccepted && (isNew || !before.Job.IsAccepted))
        {
            Log?.Job("submitted", item, job);
        }

        if (!isOwn && job.IsFinished)
        {
            underWay.TryRemove(job.JournalId, out _);
        }

        if (job.StopOutcome is { } outcome && before.Job?.StopOutcome != outcome)
        {
            Log?.Job("stopped", item, job);
        }
    }

    private sealed class Watcher(CommandJobs jobs, string item, IProgress<JobEvent> next, bool isOwn) : IProgress<JobEvent>
    {
        private readonly Lock gate = new();

        public void Report(JobEvent value)
        {
            // Warnings may come after a job is finished.
            if (value is { Job: { JournalId.Length: > 0 } job, Kind: not JobEventKind.Warning })
            {
                lock (gate)
                {
                    jobs.Update(item, job, isOwn);
                }
            }

            next.Report(value);
        }
    }
}
