using Microsoft.Extensions.Logging;

namespace Inpaint.Engine;

/// <summary>Writes the events of jobs to a log, and hands them on.</summary>
internal sealed partial class EventLog(ILogger logger, IProgress<JobEvent>? next) : IProgress<JobEvent>
{
    public void Report(JobEvent value)
    {
        switch (value.Kind)
        {
            case JobEventKind.Warning:
                LogWarning(value.Job?.Id, value.Text);
                break;
            case JobEventKind.Pause:
                LogPause(value.Job?.Id, value.Text);
                break;
            case JobEventKind.Timeline:
                LogStep(value.Job?.Id, value.Text);
                break;
            default:
                LogDetail(value.Job?.Id, value.Kind, value.Text);
                break;
        }

        next?.Report(value);
    }

    [LoggerMessage(1, LogLevel.Warning, "Job {JobId}: {Text}")]
    private partial void LogWarning(string? jobId, string text);

    [LoggerMessage(2, LogLevel.Information, "Job {JobId} waits: {Text}")]
    private partial void LogPause(string? jobId, string text);

    [LoggerMessage(3, LogLevel.Information, "Job {JobId}: {Text}")]
    private partial void LogStep(string? jobId, string text);

    [LoggerMessage(4, LogLevel.Debug, "Job {JobId} {Kind}: {Text}")]
    private partial void LogDetail(string? jobId, JobEventKind kind, string text);
}
