namespace Inpaint.Quickstart;

/// <summary>Prints what happens, a line for each change.</summary>
internal sealed class ConsoleEvents : IProgress<JobEvent>
{
    /// <inheritdoc/>
    public void Report(JobEvent value)
    {
        string share = value.Job?.Progress is double done ? FormattableString.Invariant($" {done * 100:0} %") : "";
        string queue = value.Job?.QueuePosition is int ahead ? FormattableString.Invariant($", {ahead} ahead") : "";
        Console.Error.WriteLine($"{value.Kind}: {value.Text}{share}{queue}");
    }
}
