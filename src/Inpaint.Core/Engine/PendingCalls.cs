namespace Inpaint.Engine;

/// <summary>Counts the calls of an engine that are under way, so that its disposal can wait for them.</summary>
internal sealed class PendingCalls
{
    private readonly Lock gate = new();
    private TaskCompletionSource? drained;
    private int count;

    /// <summary>Begins a call, which ends with the disposal of what is returned.</summary>
    /// <exception cref="ObjectDisposedException">The engine has been disposed of.</exception>
    public Call Enter()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(drained is not null, typeof(InpaintEngine));
            count++;
            return new Call(this);
        }
    }

    /// <summary>Refuses further calls and completes when none is under way.</summary>
    public Task CloseAsync()
    {
        lock (gate)
        {
            if (drained is null)
            {
                drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (count == 0)
                {
                    drained.SetResult();
                }
            }

            return drained.Task;
        }
    }

    private void Leave()
    {
        lock (gate)
        {
            if (--count == 0)
            {
                drained?.SetResult();
            }
        }
    }

    /// <summary>A call that is under way.</summary>
    internal readonly struct Call(PendingCalls calls) : IDisposable
    {
        public void Dispose() => calls.Leave();
    }
}
