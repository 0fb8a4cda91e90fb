using System.Diagnostics;

namespace Inpaint.Journal;

/// <summary>Names a process so that another one can tell whether it still runs. The system uses a process's number again; number and start together are its own.</summary>
/// <param name="Machine">The machine's name: a state folder may be shared.</param>
/// <param name="Id">The process's number.</param>
/// <param name="StartedAt">When it started.</param>
internal sealed record ProcessMark(string Machine, int Id, DateTimeOffset StartedAt)
{
    /// <summary>Two processes may compute the same start time a little differently.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    private static readonly Lazy<ProcessMark> Own = new(() =>
    {
        using Process self = Process.GetCurrentProcess();
        return new ProcessMark(Environment.MachineName, self.Id, new DateTimeOffset(self.StartTime.ToUniversalTime()));
    });

    /// <summary>This process.</summary>
    public static ProcessMark Current => Own.Value;

    /// <summary>Whether the process still runs.</summary>
    /// <returns>Null when that cannot be told from here: it belongs to another machine or to somebody else.</returns>
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
