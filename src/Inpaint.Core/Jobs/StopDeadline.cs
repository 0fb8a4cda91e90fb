namespace Inpaint.Jobs;

/// <summary>
/// A stop has two moments: when it is asked for, from which nothing new is begun, and a moment later the deadline, by which everything must have ended.
/// In between a submit may still be answered and a remote cancel be sent.
/// </summary>
internal sealed class StopDeadline : IDisposable
{
    /// <summary>A stop must be felt as immediate; a second is the limit, and some of it belongs to the shell, which takes up to 0.2 seconds to end itself after an interrupt signal.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(700);

    private readonly CancellationTokenSource deadline = new();
    private readonly CancellationTokenRegistration registration;
    private readonly ITimer timer;

    public StopDeadline(TimeProvider time, CancellationToken asked)
    {
        Asked = asked;
        timer = time.CreateTimer(_ => CancelDeadline(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        registration = asked.Register(() => timer.Change(Grace, Timeout.InfiniteTimeSpan));
    }

    /// <summary>Cancelled when the stop is asked for.</summary>
    public CancellationToken Asked { get; }

    /// <summary>Cancelled when the time for ending is up.</summary>
    public CancellationToken Deadline => deadline.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        registration.Dispose();
        timer.Dispose();
        deadline.Dispose();
    }

    private void CancelDeadline()
    {
        try
        {
            deadline.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The timer fired while everything was ending by itself.
        }
    }
}
