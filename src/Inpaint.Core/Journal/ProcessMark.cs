using System.Diagnostics;

namespace Inpaint.Journal;

/// <summary>Identifies a process so that another one can tell whether it still runs. Process ids are reused; id and start time together are unique.</summary>
/// <param name="Machine">The machine's name: a state folder may be shared.</param>
/// <param name="Id">The process id.</param>
/// <param name="StartedAt">The start time.</param>
internal sealed record ProcessMark(string Machine, int Id, DateTimeOffset StartedAt)
{
    /// <summary>Two processes may compute the same start time a little differently.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    private static readonly Lazy<ProcessMark> Own = new(() =>
    {
        using Process self = Process.GetCurrentProcess();
        return new ProcessMark(Environment.MachineName, self.Id, new DateTimeOffset(self.StartTime.ToUniversalTime()));
    });

    public static ProcessMark Current => Own.Value;

    /// <summary>Whether the process still runs; null when that cannot be determined, because it belongs to another machine or user.</summary>
    public bool? IsRunning()
    {
        if (this == Current)
        {
            return true;
        }

        if (!string.Equals(Machine, Environment.MachineName, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        try
        {
            using Process process = Process.GetProcessById(Id);
            return (process.StartTime.ToUniversalTime() - StartedAt.UtcDateTime).Duration() < Tolerance;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
