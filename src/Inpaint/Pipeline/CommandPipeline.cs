using System.Management.Automation;
using System.Runtime.ExceptionServices;

namespace Inpaint.Pipeline;

/// <summary>
/// What background work is given of the pipeline. Cmdlets may be touched on the pipeline's own thread only, so work never sees its cmdlet: it puts
/// records here, and the pipeline's thread writes them out. Objects and errors are awaited until they are out, which keeps a slow reader downstream from
/// piling up results; the queue needs no other bound, because a cmdlet has only so many pieces of work under way.
/// </summary>
internal sealed class CommandPipeline
{
    // A BlockingCollection would spin for each record before it waits, which for small pictures is a noticeable part of all processor time.
    private readonly object gate = new();
    private readonly Queue<Action<PSCmdlet>> records = new();

    /// <summary>Writes an object; done when everything downstream has had it.</summary>
    /// <param name="value">The object.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    /// <returns>When it is out.</returns>
    public Task WriteObjectAsync(object value, CancellationToken cancellationToken) => WriteAsync(c => c.WriteObject(value), cancellationToken);

    /// <summary>Writes an error; done when it is out.</summary>
    /// <param name="error">The error.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    /// <returns>When it is out.</returns>
    public Task WriteErrorAsync(ErrorRecord error, CancellationToken cancellationToken) => WriteAsync(c => c.WriteError(error), cancellationToken);

    /// <summary>Does something with the cmdlet on the pipeline's thread; done when that is done.</summary>
    /// <param name="write">What to do.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    /// <returns>When it is done.</returns>
    public async Task WriteAsync(Action<PSCmdlet> write, CancellationToken cancellationToken)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(c =>
        {
            // When this throws, the whole pipeline ends: the token is cancelled, and with it the wait below.
            write(c);
            done.SetResult();
        });
        await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks the cmdlet something on the pipeline's thread.</summary>
    /// <typeparam name="T">The request.</typeparam>
    /// <param name="ask">Asks; an <see cref="InpaintException"/> of it is thrown here, any other ends the pipeline.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    public async Task<T> AskAsync<T>(Func<PSCmdlet, T> ask, CancellationToken cancellationToken)
    {
        T answer = default!;
        ExceptionDispatchInfo? refusal = null;
        await WriteAsync(
            c =>
            {
                try
                {
                    answer = ask(c);
                }
                catch (InpaintException e)
                {
                    refusal = ExceptionDispatchInfo.Capture(e);
                }
            },
            cancellationToken).ConfigureAwait(false);
        refusal?.Throw();
        return answer;
    }

    /// <summary>Asks for something to be done on the pipeline's thread, without waiting for it; may be called from any thread and never blocks.</summary>
    /// <param name="write">What to do.</param>
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
