namespace Inpaint.Jobs;

/// <summary>
/// A stop has two moments: when it is asked for, from which nothing new is begun, and a moment later the deadline, by which everything must have ended.
/// In between a submit may still be answered and a remote cancel be sent.
/// </summary>
internal sealed class StopDeadline : IDisposable
{
    /// <summary>A stop must be felt as immediate; a second is the limit, and some of it belongs to the shell, which takes up to 0.2 seconds to end itself after an interrupt signal.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(700);

    private readonly CancellationTokenSource deadline;
    private readonly CancellationTokenRegistration registration;

    public StopDeadline(TimeProvider time, CancellationToken asked)
    {
        Asked = asked;
        deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        registration = asked.Register(() => deadline.CancelAfter(Grace));
    }

    /// <summary>Cancelled when the stop is asked for.</summary>
    public CancellationToken Asked { get; }

    /// <summary>Cancelled when the time for ending is up.</summary>
    public CancellationToken Deadline => deadline.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        registration.Dispose();
        deadline.Dispose();
    }
}
