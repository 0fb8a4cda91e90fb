using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Wire;

namespace Inpaint.Tests.Time;

/// <summary>
/// A clock for one call at a time over a real wire: nobody waits for it, and nothing rings too early. A pause is over as soon as it begins, since its
/// caller does nothing else meanwhile; a deadline rings when it falls into a pause, or when the emulator is known to hold an answer back. How far the
/// clock has come is then how long the call would have taken.
/// </summary>
internal sealed class WireTimeProvider : ManualTimeProvider
{
    /// <summary>Deadlines further off than this are not what a held answer waits for: an attempt's own is nearer, and is set a moment after the answer was held.</summary>
    private static readonly TimeSpan LongestAttempt = TimeSpan.FromMinutes(11);

    private int pauses;
    private TaskCompletionSource timerMade = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Called before a pause passes.</summary>
    public Func<Task>? BeforePause { get; set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);

        // The timers of deadlines belong to cancellation sources, those of pauses to delays.
        if (state is not CancellationTokenSource && dueTime > TimeSpan.Zero)
        {
            Interlocked.Increment(ref pauses);
            _ = Task.Run(() => PassAsync(timer));
        }

        Interlocked.Exchange(ref timerMade, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        return timer;
    }

    /// <summary>Runs a call to its end, ringing one deadline for each answer that the emulator holds back.</summary>
    /// <param name="call">The call, begun already.</param>
    /// <param name="faults">Knows of held answers.</param>
    /// <param name="heldBefore">How many answers had been held before the call.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// When the call has ended, well or not: whether its time is right. It is not when a deadline rang for something that had already arrived but was still unread.
    /// </returns>
    public async Task<bool> FollowAsync(Task call, FaultBook faults, int heldBefore, CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        int hold = heldBefore + 1;
        bool isRight = true;
        while (await IsFirstAsync(faults.WaitForHoldsAsync(hold, over.Token), call, cancellationToken))
        {
            Task next = faults.WaitForHoldsAsync(++hold, over.Token);
            await LetWhatArrivedBeReadAsync();
            int pausesBefore = Volatile.Read(ref pauses);
            int rings = 0;

            // Another attempt begins with a pause; a deadline without one belongs to the attempt that is still held.
            while (!call.IsCompleted && !next.IsCompleted && Volatile.Read(ref pauses) == pausesBefore)
            {
                Task made = timerMade.Task;
                rings += RingNext(GetUtcNow() + LongestAttempt) ? 1 : 0;
                await Task.WhenAny(made, call, next).WaitAsync(cancellationToken);
            }

            isRight &= rings <= 1;
        }

        await over.CancelAsync();
        return isRight;
    }

    // What the service sent before it held the rest is on its way through the thread pool, which may be busy with other tests; each step goes behind all that is waiting there.
    private static async Task LetWhatArrivedBeReadAsync()
    {
        for (int step = 0; step < 20; step++)
        {
            await Task.Factory.StartNew(() => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default).ConfigureAwait(false);
        }
    }

    private static async Task<bool> IsFirstAsync(Task expected, Task call, CancellationToken cancellationToken) =>
        await Task.WhenAny(expected, call).WaitAsync(cancellationToken) == expected && !call.IsCompleted;

    private async Task PassAsync(ITimer pause)
    {
        if (BeforePause is { } act)
        {
            await act();
        }

        while (IsPending(pause) && RingNext(DateTimeOffset.MaxValue))
        {
        }
    }
}
