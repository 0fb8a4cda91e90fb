using Inpaint.Journal;

namespace Inpaint.Victim;

/// <summary>
/// Counts the steps of the engine, and stops for good at one of them. The engine tells of its steps through what it is given anyway: it asks the clock, asks the
/// environment for the state folder (at each use of a file in it), and tells events. Nothing in it knows of this.
/// </summary>
internal sealed class Steps(int hangAt) : TimeProvider, IProgress<JobEvent>
{
    private readonly Lock console = new();
    private int taken;

    /// <summary>Where the engine keeps its state.</summary>
    public required string StateFolder { get; init; }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        Take("clock");
        return base.GetUtcNow();
    }

    /// <inheritdoc/>
    public void Report(JobEvent value)
    {
        Say($"event {value.Text}");
        Take("event");
    }

    /// <summary>The environment as the engine sees it.</summary>
    /// <param name="variable">A variable's name.</param>
    /// <returns>Its value.</returns>
    public string? Environment(string variable)
    {
        if (variable != "INPAINT_HOME")
        {
            return null;
        }

        Take("state folder");
        return StateFolder;
    }

    /// <summary>Takes a step.</summary>
    /// <param name="what">What is about to happen.</param>
    public void Take(string what)
    {
        if (Interlocked.Increment(ref taken) == hangAt)
        {
            Say($"hanging before {what}");
            Thread.Sleep(Timeout.Infinite);
        }
    }

    /// <summary>Says something to whoever started this process.</summary>
    /// <param name="line">The line.</param>
    public void Say(string line)
    {
        lock (console)
        {
            Console.Out.WriteLine(line.ReplaceLineEndings(" "));
            Console.Out.Flush();
        }
    }

    /// <summary>Says how many steps there were.</summary>
    public void Sum() => Say($"steps {Volatile.Read(ref taken)}");
}
