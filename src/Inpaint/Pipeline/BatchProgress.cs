using System.Globalization;
using System.Management.Automation;

namespace Inpaint.Pipeline;

/// <summary>The summary bar above the jobs' own, from the second job on: how many are done, how many run, what they cost together.</summary>
/// <param name="commandName">The command's name.</param>
/// <param name="maximumCost">The spend ceiling in US dollars; null for none.</param>
internal sealed class BatchProgress(string commandName, decimal? maximumCost)
{
    private readonly object gate = new();
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

        pipeline.Post(c => Show(c, spent: 0));
    }

    /// <summary>Counts a job that is over, and takes the bar away with the last.</summary>
    /// <param name="pipeline">Where the bar is shown.</param>
    /// <param name="spent">What all of them cost so far, in US dollars.</param>
    public void End(CommandPipeline pipeline, decimal spent)
    {
        lock (gate)
        {
            ended++;
        }

        pipeline.Post(c => Show(c, spent));
    }

    private void Show(PSCmdlet command, decimal spent)
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

        string cost = maximumCost is decimal maximum ? $"{new InpaintCost(spent)} of {new InpaintCost(maximum)}" : spent > 0 ? new InpaintCost(spent).ToString() : "";
        string status = string.Create(CultureInfo.InvariantCulture, $"{done} done  {running} running  {cost}").TrimEnd();
        command.WriteProgress(new ProgressRecord(ActivityId, commandName, status) { RecordType = running == 0 ? ProgressRecordType.Completed : ProgressRecordType.Processing });
    }
}
