namespace Inpaint.Emulator.Recording;

/// <summary>Tells of changes, so that a test can wait for a state instead of looking again and again.</summary>
internal sealed class Changes
{
    private TaskCompletionSource next = NewSource();

    /// <summary>Ends with the next change.</summary>
    public Task Next => Volatile.Read(ref next).Task;

    /// <summary>Wakes all that wait. To be called after the change.</summary>
    public void Announce() => Interlocked.Exchange(ref next, NewSource()).SetResult();

    /// <summary>Waits until a condition is met. It is checked now, and again after each change.</summary>
    public async Task WaitForAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        // A change that comes while the condition is being checked must not be missed.
        for (Task change = Next; !condition(); change = Next)
        {
            await change.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
