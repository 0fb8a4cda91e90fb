namespace Inpaint.Tests.Http;

/// <summary>The system's clock, which tells when a timer of a certain length is set: a test then knows that a pause has begun.</summary>
internal sealed class TimerNotingTime(TimeSpan length) : TimeProvider
{
    private readonly TaskCompletionSource noted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Noted => noted.Task;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == length)
        {
            noted.TrySetResult();
        }

        return base.CreateTimer(callback, state, dueTime, period);
    }
}
