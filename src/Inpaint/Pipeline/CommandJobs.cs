using System.Collections.Concurrent;
using System.Globalization;
using Inpaint.Planning;

namespace Inpaint.Pipeline;

/// <summary>The jobs that a command has under way: told to a log where there is one, and named when the command is stopped. Used from any thread.</summary>
internal sealed class CommandJobs
{
    private const int MaxNames = 5;

    private readonly ConcurrentDictionary<string, (string Item, InpaintJob Job)> underWay = new(StringComparer.Ordinal);
    private int handedOn;
    private int notSent;

    /// <summary>The log; null for none.</summary>
    public BatchLog? Log { get; set; }

    /// <summary>Follows a job through its events.</summary>
    /// <param name="item">What it is called.</param>
    /// <param name="next">Who is told of the events, too.</param>
    /// <param name="isOwn">Whether the command makes the job, as opposed to waiting for one that was made before.</param>
    /// <returns>Who is to be told of them.</returns>
    public IProgress<JobEvent> Watch(string item, IProgress<JobEvent> next, bool isOwn) => new Watcher(this, item, next, isOwn);

    /// <summary>Says that an item is about to be sent.</summary>
    public void Planned(RequestPlan plan, InpaintCost? estimate) => Log?.Planned(plan, estimate);

    /// <summary>Attaches to a job that was made before.</summary>
    public void Attached(string item, InpaintJob job) => Log?.Job("attached", item, job);

    /// <summary>Hands on a job that goes on without the command.</summary>
    public void HandOn(InpaintJob job)
    {
        underWay.TryRemove(job.JournalId, out _);
        Interlocked.Increment(ref handedOn);
    }

    /// <summary>Says that there is a result.</summary>
    public void Finished(InpaintResult result)
    {
        underWay.TryRemove(result.Job.JournalId, out _);
        Log?.Finished(result);
    }

    /// <summary>Says that something failed.</summary>
    public void Failed(Exception exception, object? target, string? name)
    {
        if (exception is InpaintException { Job: { IsFinished: true } job })
        {
            underWay.TryRemove(job.JournalId, out _);
        }

        Log?.Failed(exception, target, name);
    }

    /// <summary>What became of the jobs when the command was stopped: which were cancelled, and which are still to be reckoned with.</summary>
    /// <param name="notBegun">How many items were not begun.</param>
    /// <returns>One or more sentences; null when there is nothing to be said.</returns>
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
            asked.Length == 0 ? null : $"Asked to be cancelled, and may still complete and be charged: {asked}.",
            uncertain.Length == 0 ? null : $"Sent without a response, and perhaps accepted: {uncertain}.",
            goesOn.Length == 0 ? null : $"Not cancelled: {goesOn}.",
            unsent == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"Not sent: {unsent} {(unsent == 1 ? "item" : "items")}."),
            handedOn == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{handedOn} started {(handedOn == 1 ? "job goes" : "jobs go")} on."),
            (asked.Length + uncertain.Length + goesOn.Length + handedOn) == 0 ? null : "Get-InpaintStatus lists what is left, and Receive-InpaintJob collects it.",
        ];
        string text = string.Join(' ', parts.OfType<string>());
        return text.Length == 0 ? null : text;
    }

    private void See(string item, InpaintJob job, bool isOwn)
    {
        if (job is { State: InpaintJobState.Cancelled, SubmittedAt: null })
        {
            // Nothing was sent, so that there is nothing to be said of it.
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
            // Warnings are about jobs that are finished, too.
            if (value is { Job: { JournalId.Length: > 0 } job, Kind: not JobEventKind.Warning })
            {
                lock (gate)
                {
                    jobs.See(item, job, isOwn);
                }
            }

            next.Report(value);
        }
    }
}
