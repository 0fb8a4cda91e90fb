using System.ComponentModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using Inpaint.Binding;
using Inpaint.Loading;

namespace Inpaint.Pipeline;

/// <summary>
/// A cmdlet that works in the background, several pieces at a time, while its records keep flowing. Whatever ends the pipeline early (Ctrl+C, a reader
/// that has enough, -ErrorAction Stop, a failure up- or downstream) cancels the work and waits for it, so that no task outlives its command.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class BackgroundCommand : PSCmdlet, IDisposable
{
    // The promise is to end within a second. Work that needs longer to finish with a slow service goes on without the pipeline.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromMilliseconds(800);

    private const string Stopped = "was stopped";

    private readonly CommandPipeline pipeline = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Dictionary<int, Task> running = [];
    private CommandKey? key;
    private int started;
    private bool isStopped;
    private bool isOver;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The jobs that the command has under way.</summary>
    internal CommandJobs Jobs { get; } = new();

    /// <summary>How many pieces of work may be under way at once.</summary>
    private protected virtual int ConcurrencyLimit => int.MaxValue;

    /// <summary>How many items the command has been given that it has not begun.</summary>
    private protected virtual int ItemsNotBegun => 0;

    /// <summary>Begins a piece of work as soon as there is room, and meanwhile writes what others have brought.</summary>
    /// <param name="target">What the work is about, for its error record.</param>
    /// <param name="work">The work. Its failure becomes one error record and ends nothing else.</param>
    private protected void Start(object? target, Func<CommandPipeline, CancellationToken, Task> work) => Start(target, name: null, work);

    /// <summary>Begins a piece of work as soon as there is room, and meanwhile writes what others have brought.</summary>
    /// <param name="target">What the work is about, for its error record.</param>
    /// <param name="name">What that is called in messages; null for what the target says of itself.</param>
    /// <param name="work">The work. Its failure becomes one error record and ends nothing else.</param>
    internal void Start(object? target, string? name, Func<CommandPipeline, CancellationToken, Task> work)
    {
        while (running.Count >= ConcurrencyLimit)
        {
            Write(Take());
        }

        int number = started++;
        running.Add(number, Task.Run(() => RunAsync(number, target, name, work)));
        WriteAvailable();
    }

    /// <summary>Whether another piece of work would begin at once.</summary>
    internal bool HasRoom => running.Count < ConcurrencyLimit;

    /// <summary>Writes the records that have been brought so far.</summary>
    internal void WriteAvailable()
    {
        while (pipeline.TryTake(out Action<PSCmdlet>? record))
        {
            Write(record);
        }
    }

    /// <summary>Writes records until some work has come so far, or the pipeline is stopped. Whoever completes the task posts a record after that, so that this is noticed.</summary>
    /// <param name="reached">Completed when it has.</param>
    internal void WriteUntil(Task reached)
    {
        while (!reached.IsCompleted)
        {
            Write(Take());
        }
    }

    /// <summary>Writes records until all work is done.</summary>
    private protected void Drain()
    {
        while (running.Count > 0)
        {
            Write(Take());
        }
    }

    /// <summary>Writes an engine's failure as this item's error.</summary>
    /// <param name="exception">The failure.</param>
    /// <param name="target">The item.</param>
    /// <param name="name">What it is called in messages; null for what it says of itself.</param>
    internal virtual void WriteFailure(Exception exception, object? target, string? name = null)
    {
        Jobs.Failed(exception, target, name);
        WriteError(ErrorRecords.From(exception, target, name));
    }

    /// <summary>Reads the path that the command line names for what is written. One that leads nowhere ends the command: it concerns no single item.</summary>
    /// <param name="path">The path; null when none was given.</param>
    /// <returns>Where it leads; neither to a folder nor to a file when none was given.</returns>
    private protected OutputTarget ResolveOutput(string? path) => OrTerminate(() => path is null ? new OutputTarget(Folder: null, File: null) : OutputTarget.Resolve(SessionState.Path, path), path);

    /// <summary>Opens the log that the command line names. One that cannot be written ends the command before anything is sent.</summary>
    /// <param name="path">The log's path; null for none.</param>
    private protected void OpenLog(string? path)
    {
        if (path is not null)
        {
            Jobs.Log = OrTerminate(
                () => new BatchLog(
                    FileSystemPaths.Resolve(SessionState.Path, path) ?? throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' does not lead to a file of the file system. Nothing was sent.") { Parameter = "LogPath" },
                    MyInvocation.MyCommand.Name,
                    ModuleEngine.Shared.TimeProvider,
                    text => pipeline.Post(c => c.WriteWarning(text))),
                path);
        }
    }

    /// <summary>Does what concerns the whole command; its failure ends the command.</summary>
    /// <param name="action">What to do.</param>
    /// <param name="target">What the failure is about.</param>
    private protected T OrTerminate<T>(Func<T> action, object? target)
    {
        try
        {
            return action();
        }
        catch (InpaintException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e, target));
            throw;
        }
    }

    /// <summary>Takes over the key that the command was given. One that is empty ends the command: it concerns no single item.</summary>
    /// <param name="given">The value of its -ApiKey.</param>
    /// <param name="provider">The provider that the command line names; null when the items decide.</param>
    /// <returns>The key, disposed of with the command.</returns>
    internal CommandKey TakeKey(SecureString? given, string? provider) => key = OrTerminate(() => new CommandKey(this, given, provider), target: null);

    /// <summary>Begins what waited for all items to be seen; when they disagree about whose the key is, that is the command's only error.</summary>
    internal void SettleKey(CommandKey settled)
    {
        try
        {
            settled.Settle();
        }
        catch (InpaintException e)
        {
            WriteFailure(e, target: null);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Drain();
        isOver = true;
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        isStopped = true;
        stop.Cancel();
    }

    /// <summary>Ends what is still running. The shell calls this however the pipeline ended, also when a command before this one threw.</summary>
    /// <param name="disposing">Whether managed state may be touched.</param>
    protected virtual void Dispose(bool disposing)
    {
        // The source is left to the collector: a stop from another thread may still reach it, and it holds nothing but memory.
        if (disposing)
        {
            StopWork(isStopped ? Stopped : "ended before its input did");
            key?.Dispose();
        }
    }

    private async Task RunAsync(int number, object? target, string? name, Func<CommandPipeline, CancellationToken, Task> work)
    {
        CancellationToken stopToken = stop.Token;
        try
        {
            await work(pipeline, stopToken).ConfigureAwait(false);
        }
        catch (Exception) when (stopToken.IsCancellationRequested)
        {
            // Nobody is left to be told.
        }
        catch (Exception e)
        {
            Jobs.Failed(e, target, name);
            pipeline.Post(c => c.WriteError(ErrorRecords.From(e, target, name)));
        }
        finally
        {
            // Room is made by the pipeline's thread, behind everything this work has written.
            pipeline.Post(_ => running.Remove(number));
        }
    }

    private Action<PSCmdlet> Take()
    {
        try
        {
            return pipeline.Take(stop.Token);
        }
        catch (OperationCanceledException)
        {
            StopWork(Stopped);
            throw new PipelineStoppedException();
        }
    }

    private void Write(Action<PSCmdlet> record)
    {
        try
        {
            record(this);
        }
        catch
        {
            // A command behind this one that has enough, or fails, says so itself.
            StopWork(isStopped ? Stopped : null);
            throw;
        }
    }

    /// <summary>Ends what is running, and says once what that means. A pipeline that has ended takes no more records, but its host does.</summary>
    /// <param name="how">How the command ended; null when that needs no words.</param>
    private void StopWork(string? how)
    {
        if (running.Count > 0)
        {
            stop.Cancel();
            Task.WaitAll([.. running.Values], ShutdownTimeout);
            running.Clear();
        }

        if (!isOver && how is not null && Jobs.DescribeStop(ItemsNotBegun) is { } text)
        {
            try
            {
                Host?.UI?.WriteWarningLine($"{MyInvocation.MyCommand.Name} {how}. {text}");
            }
            catch (Exception e) when (e is HostException or InvalidOperationException or NotImplementedException)
            {
                // There is nobody to be told.
            }
        }

        isOver = true;
    }
}
