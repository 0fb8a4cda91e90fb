using System.Globalization;
using System.Management.Automation;
using Inpaint.Engine;

namespace Inpaint.Pipeline;

/// <summary>
/// The summary bar above the jobs' own, from the second job on: <c>214/1200  8 running  5 refused  $7.49 of $20  38 min left</c>. Each item that ends gets a line, verbose and as information, and so
/// does the batch at its end.
/// </summary>
/// <param name="commandName">The command's name.</param>
/// <param name="pipeline">Where the bar is shown.</param>
/// <param name="ceiling">The cost so far, and its limit.</param>
/// <param name="time">The clock.</param>
internal sealed class BatchProgress(string commandName, CommandPipeline pipeline, SpendCeiling ceiling, TimeProvider time)
{
    /// <summary>The tag of the information record for a finished item.</summary>
    public const string ItemTag = "InpaintItem";

    /// <summary>Marks the line about the whole batch.</summary>
    public const string BatchTag = "InpaintBatch";

    /// <summary>The maximum number of jobs with a bar of their own: more would push the summary off a terminal of 24 lines.</summary>
    private const int MaxBars = 8;

    private readonly BatchPace pace = new(time);
    private readonly Lock gate = new();
    private int seen;
    private int begun;
    private int ended;
    private int failed;
    private int refused;
    private int bars;
    private bool isWhole;

    /// <summary>The bar's id, which is the parent of the bars below it.</summary>
    public int ActivityId { get; } = ProgressIds.Next();

    /// <summary>Counts an item of the input.</summary>
    public void AddItem() => Interlocked.Increment(ref seen);

    /// <summary>Subtracts an item without a job.</summary>
    public void RemoveItem() => Interlocked.Decrement(ref seen);

    /// <summary>Notes that the input has ended, so that the number of items is known.</summary>
    public void CompleteInput()
    {
        Volatile.Write(ref isWhole, true);
        Update();
    }

    /// <summary>Counts a job that starts.</summary>
    /// <param name="isPaid">Whether the job is made now. One that was made earlier may have ended long ago, so it says nothing about the remaining time.</param>
    /// <param name="since">When its item started, if this is the second job of an item.</param>
    /// <returns>When its item started.</returns>
    public DateTimeOffset Begin(bool isPaid, DateTimeOffset? since = null)
    {
        lock (gate)
        {
            begun++;
        }

        Update();
        return since ?? (isPaid ? pace.Begin() : time.GetUtcNow());
    }

    /// <summary>Shows the bar as it is now.</summary>
    public void Update()
    {
        if (pipeline.ShowsProgress)
        {
            pipeline.Post(Show);
        }
    }

    /// <summary>Reserves one of the bars for single jobs.</summary>
    /// <returns>Whether one was free.</returns>
    public bool TryTakeBar()
    {
        lock (gate)
        {
            if (bars == MaxBars)
            {
                return false;
            }

            bars++;
            return true;
        }
    }

    /// <summary>Returns a bar that <see cref="TryTakeBar"/> has reserved.</summary>
    public void ReturnBar()
    {
        lock (gate)
        {
            bars--;
        }
    }

    /// <summary>Counts an item that is refused before anything of it is sent.</summary>
    /// <param name="command">The command, on whose thread this is called.</param>
    /// <param name="item">The item's name.</param>
    /// <param name="isQuiet">Whether only the error says it, because nothing would be sent anyway.</param>
    public void Refuse(PSCmdlet command, string? item, bool isQuiet)
    {
        lock (gate)
        {
            begun++;
            refused++;
        }

        int number = Count();
        if (!isQuiet)
        {
            WriteLine(command, number, item, "refused");
        }

        Show(command);
    }

    /// <summary>Counts an item that fails between two of its jobs, after <see cref="Pause"/>.</summary>
    /// <param name="item">The item's name.</param>
    /// <param name="since">When it started.</param>
    public void Fail(string item, DateTimeOffset since)
    {
        pace.End(since);
        lock (gate)
        {
            begun++;
            failed++;
        }

        int number = Count();
        pipeline.Post(command =>
        {
            WriteLine(command, number, item, "failed");
            Show(command);
        });
    }

    /// <summary>Counts a job that is finished while its item continues with another job.</summary>
    public void Pause()
    {
        lock (gate)
        {
            begun--;
        }
    }

    /// <summary>Counts a finished item, and removes the bar with the last one.</summary>
    /// <param name="item">The item's name.</param>
    /// <param name="outcome">What became of it, a few words; null when it failed.</param>
    /// <param name="since">When it started.</param>
    public void End(string item, string? outcome, DateTimeOffset since)
    {
        pace.End(since);
        lock (gate)
        {
            failed += outcome is null ? 1 : 0;
        }

        int number = Count();
        TimeSpan took = time.GetUtcNow() - since;
        pipeline.Post(command =>
        {
            WriteLine(command, number, item, outcome ?? "failed", string.Create(CultureInfo.InvariantCulture, $"{took.TotalSeconds:0.0} s"));
            Show(command);
        });
    }

    /// <summary>What became of all items, when they are done.</summary>
    public BatchTotal Total => new(seen, ended - failed - refused, failed, refused, new InpaintCost(ceiling.Spent));

    /// <summary>Says what became of all items, where there are several.</summary>
    /// <param name="command">The command, on whose thread this is called.</param>
    public void Summarize(PSCmdlet command)
    {
        if (seen > 1)
        {
            Say(command, Total.ToString(), BatchTag);
        }
    }

    /// <summary>Formats the text of the bar.</summary>
    /// <param name="done">The number of finished items.</param>
    /// <param name="running">The number of running jobs.</param>
    /// <param name="trouble">How many have failed or been refused; empty for none.</param>
    /// <param name="total">The number of items; null when it is not known.</param>
    /// <param name="cost">The cost; empty for none.</param>
    /// <param name="left">The remaining time; null when it is not known.</param>
    /// <returns>One line.</returns>
    internal static string Describe(int done, int running, string trouble, int? total, string cost, TimeSpan? left)
    {
        string count = total is { } all ? string.Create(CultureInfo.InvariantCulture, $"{done}/{all}") : string.Create(CultureInfo.InvariantCulture, $"{done} done");
        string rest = left is { } time && done < total ? $"{Rounded(time)} left" : "";
        return string.Join("  ", new[] { count, string.Create(CultureInfo.InvariantCulture, $"{running} running"), trouble, cost, rest }.Where(part => part.Length > 0));
    }

    private static string Rounded(TimeSpan time) => time.TotalSeconds < 99.5 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s")
        : time.TotalMinutes < 99.5 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min");

    // As it was specified: $20 rather than $20.00.
    private static string Limit(decimal maximum) => new InpaintCost(maximum).ToString(decimal.IsInteger(maximum) ? "0" : null, CultureInfo.InvariantCulture);

    private static void Say(PSCmdlet command, string line, string tag)
    {
        command.WriteVerbose(line);
        command.WriteInformation(line, [tag]);
    }

    private int Count()
    {
        lock (gate)
        {
            return ++ended;
        }
    }

    private void WriteLine(PSCmdlet command, int number, params string?[] parts)
    {
        string count = Volatile.Read(ref isWhole) ? string.Create(CultureInfo.InvariantCulture, $"{number}/{seen}") : number.ToString(CultureInfo.InvariantCulture);
        Say(command, string.Join("  ", parts.OfType<string>().Prepend(count)), ItemTag);
    }

    private void Show(PSCmdlet command)
    {
        if (!pipeline.ShowsProgress)
        {
            return;
        }

        int done;
        int running;
        string trouble;
        lock (gate)
        {
            (done, running) = (ended, begun - ended);
            trouble = BatchTotal.Describe(failed, refused, "  ");
        }

        int? total = Volatile.Read(ref isWhole) ? seen : null;
        if ((total ?? (done + running)) < 2)
        {
            return;
        }

        decimal spent = ceiling.Spent;
        string cost = ceiling.Maximum is decimal maximum ? $"{new InpaintCost(spent)} of {Limit(maximum)}" : spent > 0 ? new InpaintCost(spent).ToString() : "";
        string status = Describe(done, running, trouble, total, cost, total is { } all ? pace.TimeLeft(all - done) : null);
        bool isOver = running == 0 && (total is null || done >= total);
        command.WriteProgress(new ProgressRecord(ActivityId, commandName, status)
        {
            PercentComplete = total is > 0 ? Math.Min(100, 100 * done / total.Value) : -1,
            RecordType = isOver ? ProgressRecordType.Completed : ProgressRecordType.Processing,
        });
    }
}

/// <summary>What became of the items of a batch.</summary>
/// <param name="Items">How many there were.</param>
/// <param name="Done">How many jobs were made, or attached to, and did not fail.</param>
/// <param name="Failed">How many were sent, or begun to be, without success.</param>
/// <param name="Refused">How many were refused before anything was sent.</param>
/// <param name="Cost">What was spent.</param>
internal sealed record BatchTotal(int Items, int Done, int Failed, int Refused, InpaintCost Cost)
{
    /// <summary>The items without success, in words; empty for none.</summary>
    public static string Describe(int failed, int refused, string separator) =>
        string.Join(separator, new[] { (failed, "failed"), (refused, "refused") }.Where(part => part.Item1 > 0).Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Item1} {part.Item2}")));

    /// <inheritdoc/>
    public override string ToString() => string.Join("  ", new[]
    {
        string.Create(CultureInfo.InvariantCulture, $"{Done} of {Items} done"), Describe(Failed, Refused, "  "), Cost.Amount == 0 ? "" : Cost.ToString(),
    }.Where(part => part.Length > 0));
}

/// <summary>Ids for progress bars, by which the shell tells them apart.</summary>
internal static class ProgressIds
{
    // A high start avoids the small numbers that scripts use for their own bars.
    private static int last = 0x1A70_0000;

    /// <summary>Returns an id that no other bar of this process has.</summary>
    public static int Next() => Interlocked.Increment(ref last);
}
