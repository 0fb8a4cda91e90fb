using System.Globalization;
using System.Management.Automation;
using Inpaint.Engine;

namespace Inpaint.Pipeline;

/// <summary>
/// The summary bar above the jobs' own, from the second job on, and a line for each item that ends, verbose and as information:
/// <c>214/1200  8 running  $7.49 of $20  38 min left</c>.
/// </summary>
/// <param name="commandName">The command's name.</param>
/// <param name="ceiling">What the jobs cost, and may cost.</param>
/// <param name="time">The clock.</param>
internal sealed class BatchProgress(string commandName, SpendCeiling ceiling, TimeProvider time)
{
    /// <summary>Marks the line of an item that has ended among a script's information records.</summary>
    public const string ItemTag = "InpaintItem";

    private readonly BatchPace pace = new(time);
    private readonly Lock gate = new();
    private int seen;
    private int begun;
    private int ended;
    private bool isWhole;

    /// <summary>The bar's number, for the bars below it.</summary>
    public int ActivityId { get; } = ProgressIds.Next();

    /// <summary>Counts an item of the input.</summary>
    public void AddItem() => Interlocked.Increment(ref seen);

    /// <summary>Takes away an item that no job is made for.</summary>
    public void RemoveItem() => Interlocked.Decrement(ref seen);

    /// <summary>The input has ended, so that the number of items is known.</summary>
    public void CompleteInput() => Volatile.Write(ref isWhole, true);

    /// <summary>Counts a job that begins.</summary>
    /// <param name="pipeline">Where the bar is shown.</param>
    /// <returns>When it began.</returns>
    public DateTimeOffset Begin(CommandPipeline pipeline)
    {
        pace.Begin();
        lock (gate)
        {
            begun++;
        }

        pipeline.Post(Show);
        return time.GetUtcNow();
    }

    /// <summary>A job is over after which its item goes on with another.</summary>
    public void Pause()
    {
        lock (gate)
        {
            begun--;
        }
    }

    /// <summary>Counts a job that is over, and takes the bar away with the last.</summary>
    /// <param name="pipeline">Where the bar is shown.</param>
    /// <param name="item">The item's name.</param>
    /// <param name="outcome">What became of it, a few words.</param>
    /// <param name="since">When it began.</param>
    public void End(CommandPipeline pipeline, string item, string outcome, DateTimeOffset since)
    {
        pace.End();
        int number;
        lock (gate)
        {
            number = ++ended;
        }

        TimeSpan took = time.GetUtcNow() - since;
        pipeline.Post(command =>
        {
            string count = Volatile.Read(ref isWhole) ? string.Create(CultureInfo.InvariantCulture, $"{number}/{seen}") : number.ToString(CultureInfo.InvariantCulture);
            string line = string.Create(CultureInfo.InvariantCulture, $"{count}  {item}  {outcome}  {took.TotalSeconds:0.0} s");
            command.WriteVerbose(line);
            command.WriteInformation(line, [ItemTag]);
            Show(command);
        });
    }

    /// <summary>What the bar says.</summary>
    /// <param name="done">How many items are over.</param>
    /// <param name="running">How many are under way.</param>
    /// <param name="total">How many there are in all; null when that is not known.</param>
    /// <param name="cost">What they cost; empty for nothing.</param>
    /// <param name="left">How long the rest takes; null when that is not known.</param>
    /// <returns>One line.</returns>
    internal static string Describe(int done, int running, int? total, string cost, TimeSpan? left)
    {
        string count = total is { } all ? string.Create(CultureInfo.InvariantCulture, $"{done}/{all}") : string.Create(CultureInfo.InvariantCulture, $"{done} done");
        string rest = left is { } time && done < total ? $"{Rounded(time)} left" : "";
        return string.Join("  ", new[] { count, string.Create(CultureInfo.InvariantCulture, $"{running} running"), cost, rest }.Where(part => part.Length > 0));
    }

    private static string Rounded(TimeSpan time) => time.TotalSeconds < 99.5 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s")
        : time.TotalMinutes < 99.5 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min");

    private void Show(PSCmdlet command)
    {
        int done;
        int running;
        lock (gate)
        {
            (done, running) = (ended, begun - ended);
        }

        int? total = Volatile.Read(ref isWhole) ? seen : null;
        if ((total ?? (done + running)) < 2)
        {
            return;
        }

        decimal spent = ceiling.Spent;
        string cost = ceiling.Maximum is decimal maximum ? $"{new InpaintCost(spent)} of {new InpaintCost(maximum)}" : spent > 0 ? new InpaintCost(spent).ToString() : "";
        string status = Describe(done, running, total, cost, total is { } all ? pace.TimeLeft(all - done) : null);
        bool isOver = running == 0 && (total is null || done >= total);
        command.WriteProgress(new ProgressRecord(ActivityId, commandName, status)
        {
            PercentComplete = total is > 0 ? Math.Min(100, 100 * done / total.Value) : -1,
            RecordType = isOver ? ProgressRecordType.Completed : ProgressRecordType.Processing,
        });
    }
}

/// <summary>Numbers for progress bars, which the shell tells apart by them.</summary>
internal static class ProgressIds
{
    // Starting high keeps clear of the small numbers that scripts give their own bars.
    private static int last = 0x1A70_0000;

    /// <summary>A number that no other bar of this process has.</summary>
    public static int Next() => Interlocked.Increment(ref last);
}
