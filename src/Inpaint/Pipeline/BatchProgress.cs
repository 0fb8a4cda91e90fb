using System.Globalization;
using System.Management.Automation;

namespace Inpaint.Pipeline;

/// <summary>The summary bar above the jobs' own, from the second job on: how many are done, how many run, what they cost together.</summary>
/// <param name="commandName">The command's name.</param>
/// <param name="ceiling">What the jobs cost, and may cost.</param>
internal sealed class BatchProgress(string commandName, SpendCeiling ceiling)
{
    private readonly Lock gate = new();
    private int begun;
    private int ended;

    /// <summary>The bar's number, for the bars below it.</summary>
    public int ActivityId { get; } = ProgressIds.Next();

    /// <summary>Counts a job that begins.</summary>
    /// <param name="pipeline">Where the bar is shown.</param>
    public void Begin(CommandPipeline pipeline)
    {
        lock (gate)
        {
            begun++;
        }

        pipeline.Post(Show);
    }

    /// <summary>Counts a job that is over, and takes the bar away with the last.</summary>
    /// <param name="pipeline">Where the bar is shown.</param>
    public void End(CommandPipeline pipeline)
    {
        lock (gate)
        {
            ended++;
        }

        pipeline.Post(Show);
    }

    private void Show(PSCmdlet command)
    {
        int done;
        int running;
        lock (gate)
        {
            (done, running) = (ended, begun - ended);
        }

        if (done + running < 2)
        {
            return;
        }

        decimal spent = ceiling.Spent;
        string cost = ceiling.Maximum is decimal maximum ? $"{new InpaintCost(spent)} of {new InpaintCost(maximum)}" : spent > 0 ? new InpaintCost(spent).ToString() : "";
        string status = string.Create(CultureInfo.InvariantCulture, $"{done} done  {running} running  {cost}").TrimEnd();
        command.WriteProgress(new ProgressRecord(ActivityId, commandName, status) { RecordType = running == 0 ? ProgressRecordType.Completed : ProgressRecordType.Processing });
    }
}

/// <summary>Numbers for progress bars, which the shell tells apart by them.</summary>
internal static class ProgressIds
{
    // Starting high keeps clear of the small numbers that scripts give their own bars.
    private static int last = 0x1A70_0000;

    /// <summary>A number that no other bar of this process has.</summary>
    /// <returns>The number.</returns>
    public static int Next() => Interlocked.Increment(ref last);
}
