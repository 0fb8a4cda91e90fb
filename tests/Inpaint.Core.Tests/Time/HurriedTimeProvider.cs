namespace Inpaint.Tests.Time;

/// <summary>The system's clock, on which a pause takes a moment and a deadline its whole time: for long runs in which only the order of things matters.</summary>
internal sealed class HurriedTimeProvider : TimeProvider
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    // The timers of deadlines belong to cancellation sources, those of pauses to delays.
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, state is not CancellationTokenSource && dueTime > Moment ? Moment : dueTime, period);
}
