using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;

namespace Inpaint.Pipeline;

/// <summary>
/// The progress bar of one job; also passes the job's warnings and verbose messages to the shell. Thread-safe; if several changes arrive while the
/// pipeline is busy, the bar shows the last. Where the shell shows no progress, or enough jobs of the batch have a bar, there is none.
/// </summary>
internal sealed class JobProgress : IProgress<JobEvent>, IDisposable
{
    private readonly CommandPipeline pipeline;
    private readonly string item;
    private readonly string activity;
    private readonly BatchProgress? batch;
    private readonly int activityId = ProgressIds.Next();
    private readonly Stopwatch running = new();
    private readonly Lock gate = new();
    private readonly Timer? clock;
    private InpaintJob? job;
    private string? logLine;
    private string? phase;
    private string? pause;
    private bool isOver;
    private bool queued;
    private bool shown;

    /// <summary>Creates the bar; it appears with the first event.</summary>
    /// <param name="pipeline">The pipeline that shows it.</param>
    /// <param name="name">The picture's name.</param>
    /// <param name="provider">The provider's name.</param>
    /// <param name="batch">The summary bar above it; null for none.</param>
    public JobProgress(CommandPipeline pipeline, string name, string provider, BatchProgress? batch = null)
    {
        this.batch = batch;
        this.pipeline = pipeline;
        item = name;
        activity = $"{name}  {provider}";

        // The elapsed seconds are updated even while the provider sends nothing.
        clock = pipeline.ShowsProgress && batch?.TryTakeBar() != false ? new Timer(_ => Tick(), state: null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) : null;
    }

    /// <summary>Creates the bar of an earlier job.</summary>
    /// <param name="pipeline">The pipeline that shows it.</param>
    /// <param name="job">The job; the bar is named after its picture, or its id.</param>
    /// <param name="batch">The summary bar above it; null for none.</param>
    public JobProgress(CommandPipeline pipeline, InpaintJob job, BatchProgress? batch = null)
        : this(pipeline, ItemName.Of(job)!, job.Provider, batch)
    {
    }

    private int ParentId => batch?.ActivityId ?? -1;

    /// <inheritdoc/>
    public void Report(JobEvent value)
    {
        switch (value.Kind)
        {
            case JobEventKind.Warning:
                string warning = ItemName.Before(value.Text, item);
                pipeline.Post(c => c.WriteWarning(warning));
                return;
            case JobEventKind.Timeline or JobEventKind.Preview or JobEventKind.Pause:
                pipeline.Post(c => c.WriteVerbose($"{activity}: {value.Text}"));
                break;
            default:
                break;
        }

        if (clock is null)
        {
            return;
        }

        lock (gate)
        {
            job = value.Job ?? job;
            pause = value.Kind == JobEventKind.Pause ? value.Text : null;
            if (value.Kind is JobEventKind.Log or JobEventKind.Preview)
            {
                logLine = value.Text;
            }
            else if (value.Kind != JobEventKind.Pause)
            {
                phase = value.Text;
            }

            if (job?.State == InpaintJobState.InProgress)
            {
                running.Start();
            }
        }

        Queue();
    }

    /// <summary>Removes the bar.</summary>
    public void Dispose()
    {
        if (clock is null)
        {
            return;
        }

        clock.Dispose();
        batch?.ReturnBar();
        lock (gate)
        {
            isOver = true;
        }

        pipeline.Post(c =>
        {
            if (shown)
            {
                c.WriteProgress(new ProgressRecord(activityId, activity, "done") { ParentActivityId = ParentId, RecordType = ProgressRecordType.Completed });
            }
        });
    }

    /// <summary>Formats the text of the bar.</summary>
    /// <param name="job">The job; null before it exists.</param>
    /// <param name="phase">The current step, for a job that reports none.</param>
    /// <param name="logLine">The provider's last log line.</param>
    /// <param name="runningTime">How long it has been running.</param>
    /// <returns>One line.</returns>
    internal static string Describe(InpaintJob? job, string? phase, string? logLine, TimeSpan runningTime)
    {
        string standing = job switch
        {
            { State: InpaintJobState.InQueue, QueuePosition: int position and > 0 } => string.Create(CultureInfo.InvariantCulture, $"queue position {position}"),
            { State: InpaintJobState.InQueue } => "queued",
            { State: InpaintJobState.InProgress } => string.Create(CultureInfo.InvariantCulture, $"running {runningTime.TotalSeconds:0} s"),
            _ => phase ?? "starting",
        };
        return logLine is null || job?.State == InpaintJobState.InQueue ? standing : $"{standing}  \"{logLine}\"";
    }

    private void Tick()
    {
        if (running.IsRunning)
        {
            Queue();
        }

        // The remaining time of the batch, which passes between the ends of its items.
        batch?.Update();
    }

    private void Queue()
    {
        lock (gate)
        {
            // A late tick must not show the bar again.
            if (queued || isOver)
            {
                return;
            }

            queued = true;
        }

        pipeline.Post(Show);
    }

    private void Show(PSCmdlet command)
    {
        ProgressRecord record;
        lock (gate)
        {
            queued = false;
            record = new ProgressRecord(activityId, activity, pause ?? Describe(job, phase, logLine, running.Elapsed))
            {
                ParentActivityId = ParentId,
                PercentComplete = job?.Progress is double share ? (int)(Math.Clamp(share, 0, 1) * 100) : -1,
            };
        }

        shown = true;
        command.WriteProgress(record);
    }
}
