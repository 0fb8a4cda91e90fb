using System.Management.Automation;

namespace Inpaint.Pipeline;

/// <summary>
/// The access of background work to the pipeline. A cmdlet may be used only on the pipeline's own thread, so work never sees its cmdlet: it queues records here, and
/// the pipeline's thread writes them. Writing an object or an error completes when it is written, so that a slow command downstream slows the work down instead of
/// accumulating results; the queue needs no other bound, because the number of simultaneous work items is limited.
/// </summary>
/// <param name="showsProgress">Whether the shell shows progress records.</param>
/// <param name="writeError">Writes a failure as the error of an item, which has a name.</param>
internal sealed class CommandPipeline(bool showsProgress, Action<Exception, object?, string?> writeError)
{
    // A BlockingCollection would spin for each record before it waits, which for small pictures is a noticeable part of all processor time.
    private readonly object gate = new();
    private readonly Queue<Action<PSCmdlet>> records = new();

    /// <summary>Whether the shell shows progress records, so that they are not made for nobody.</summary>
    public bool ShowsProgress => showsProgress;

    /// <summary>Writes an object; completes when all downstream commands have processed it.</summary>
    /// <param name="value">The object.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    public Task WriteObjectAsync(object value, CancellationToken cancellationToken) => WriteAsync(c => c.WriteObject(value), cancellationToken);

    /// <summary>Writes an error; completes when it is written.</summary>
    /// <param name="exception">The failure.</param>
    /// <param name="target">The item that it belongs to.</param>
    /// <param name="name">The item's name; null to derive it from the item.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    public Task WriteErrorAsync(Exception exception, object? target, string? name, CancellationToken cancellationToken) =>
        WriteAsync(_ => writeError(exception, target, name), cancellationToken);

    /// <summary>Runs an action with the cmdlet on the pipeline's thread; completes when it has run.</summary>
    /// <param name="write">The action.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    public Task WriteAsync(Action<PSCmdlet> write, CancellationToken cancellationToken)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(c =>
        {
            // An exception here ends the pipeline: it cancels the token, and with it the wait below.
            write(c);
            done.SetResult();
        });
        return done.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Calls a function with the cmdlet on the pipeline's thread, and returns its value.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="ask">The function. An <see cref="InpaintException"/> from it is rethrown here; any other exception ends the pipeline.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    public Task<T> AskAsync<T>(Func<PSCmdlet, T> ask, CancellationToken cancellationToken)
    {
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(c =>
        {
            try
            {
                answer.SetResult(ask(c));
            }
            catch (InpaintException e)
            {
                answer.SetException(e);
            }
        });
        return answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Queues an action for the pipeline's thread without waiting; thread-safe, never blocks.</summary>
    /// <param name="write">The action.</param>
    public void Post(Action<PSCmdlet> write)
    {
        lock (gate)
        {
            records.Enqueue(write);
            Monitor.Pulse(gate);
        }
    }

    /// <summary>Waits for the next record.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The record.</returns>
    internal Action<PSCmdlet> Take(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration wake = cancellationToken.Register(() =>
        {
            lock (gate)
            {
                Monitor.Pulse(gate);
            }
        });
        lock (gate)
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (records.TryDequeue(out Action<PSCmdlet>? record))
                {
                    return record;
                }

                Monitor.Wait(gate);
            }
        }
    }

    /// <summary>Takes the next record if there is one.</summary>
    /// <param name="record">The record.</param>
    /// <returns>Whether there was one.</returns>
    internal bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Action<PSCmdlet>? record)
    {
        lock (gate)
        {
            return records.TryDequeue(out record);
        }
    }
}
