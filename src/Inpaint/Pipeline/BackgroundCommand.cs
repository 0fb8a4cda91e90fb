using System.ComponentModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using Inpaint.Binding;
using Inpaint.Loading;

namespace Inpaint.Pipeline;

/// <summary>
/// A cmdlet that does its work in the background, several items at a time, while its records are written. Whatever ends the pipeline early (Ctrl+C, Select-Object -First,
/// -ErrorAction Stop, a failure upstream or downstream) cancels the work and waits for it, so that no task outlives the command.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class BackgroundCommand : PSCmdlet, IDisposable
{
    // A command guarantees to end within a second. Work that needs longer to finish with a slow service continues without the pipeline.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromMilliseconds(800);

    private const string Stopped = "was stopped";

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

    /// <summary>The jobs that the command is running.</summary>
    internal CommandJobs Jobs { get; } = new();

    /// <summary>The access of the work to the pipeline. Whether progress is shown is determined at the first use, on the pipeline's thread, and once, as the shell itself does.</summary>
    internal CommandPipeline CommandPipeline => field ??= new CommandPipeline(
        !LanguagePrimitives.TryConvertTo(Preference("ProgressAction", "ProgressPreference"), out ActionPreference action) || action is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore),
        WriteItemError);

    /// <summary>The maximum number of simultaneous work items.</summary>
    private protected virtual int ConcurrencyLimit => int.MaxValue;

    /// <summary>How many items the command was given and has not begun.</summary>
    private protected virtual int ItemsNotBegun => 0;

    /// <summary>Starts work as soon as there is room, and writes available records meanwhile.</summary>
    /// <param name="target">The object that the work is for, for its error record.</param>
    /// <param name="work">The work. A failure becomes one error record and affects nothing else.</param>
    private protected void Start(object? target, Func<CommandPipeline, CancellationToken, Task> work) => Start(target, name: null, work);

    /// <summary>Starts work as soon as there is room, and writes available records meanwhile.</summary>
    /// <param name="target">The object that the work is for, for its error record.</param>
    /// <param name="name">Its name in messages; null to derive it from the target.</param>
    /// <param name="work">The work. A failure becomes one error record and affects nothing else.</param>
    internal void Start(object? target, string? name, Func<CommandPipeline, CancellationToken, Task> work)
    {
        WaitForRoom();
        int number = started++;
        CommandPipeline pipeline = CommandPipeline;
        running.Add(number, Task.Run(() => RunAsync(pipeline, number, target, name, work)));
        WriteAvailable();
    }

    /// <summary>Gets the value of a common parameter, or of the variable that replaces it.</summary>
    /// <param name="parameter">The parameter's name.</param>
    /// <param name="variable">The variable's name.</param>
    internal object? Preference(string parameter, string variable) => MyInvocation.BoundParameters.TryGetValue(parameter, out object? given) ? given : GetVariableValue(variable);

    /// <summary>Whether more work would start at once.</summary>
    internal bool HasRoom => running.Count < ConcurrencyLimit;

    /// <summary>Writes records until more work would start at once.</summary>
    internal void WaitForRoom()
    {
        while (!HasRoom)
        {
            Write(Take());
        }
    }

    /// <summary>Writes the records that are available.</summary>
    internal void WriteAvailable()
    {
        while (CommandPipeline.TryTake(out Action<PSCmdlet>? record))
        {
            Write(record);
        }
    }

    /// <summary>Writes records until a task is completed, or the pipeline is stopped. Whoever completes the task posts a record afterwards, which wakes this method.</summary>
    /// <param name="reached">The task.</param>
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

    /// <summary>Writes a failure as the error of an item.</summary>
    /// <param name="exception">The failure.</param>
    /// <param name="target">The item.</param>
    /// <param name="name">Its name in messages; null to derive it from the item.</param>
    internal virtual void WriteFailure(Exception exception, object? target, string? name = null)
    {
        Jobs.Failed(exception, target, name);
        WriteItemError(exception, target, name);
    }

    /// <summary>Resolves the output path on the command line. An invalid one ends the command, because it concerns all items.</summary>
    /// <param name="path">The path; null when none was given.</param>
    /// <returns>The destination; neither a folder nor a file when none was given.</returns>
    private protected OutputTarget ResolveOutput(string? path) => OrTerminate(() => path is null ? new OutputTarget(Folder: null, File: null) : OutputTarget.Resolve(SessionState.Path, path), path);

    /// <summary>Opens the log on the command line. If it cannot be written, the command ends before anything is sent.</summary>
    /// <param name="path">The log's path; null for none.</param>
    private protected void OpenLog(string? path)
    {
        if (path is not null)
        {
            Jobs.Log = OrTerminate(
                () => new BatchLog(
                    FileSystemPaths.Resolve(SessionState.Path, path) ?? throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' is not a path in the file system. Nothing was sent.") { Parameter = "LogPath" },
                    MyInvocation.MyCommand.Name,
                    ModuleEngine.Shared.TimeProvider,
                    text => CommandPipeline.Post(c => c.WriteWarning(text))),
                path);
        }
    }

    /// <summary>Runs an action that concerns the whole command; its failure ends the command.</summary>
    /// <param name="action">The action.</param>
    /// <param name="target">The object that the failure is about.</param>
    private protected T OrTerminate<T>(Func<T> action, object? target)
    {
        try
        {
            return action();
        }
        catch (InpaintException e)
        {
            ThrowTerminatingError(ErrorRecords.From(this, e, target));
            throw;
        }
    }

    /// <summary>Takes the key that was passed to the command. An empty one ends the command, because it concerns all items.</summary>
    /// <param name="given">The value of -ApiKey.</param>
    /// <param name="provider">The provider on the command line; null when the items decide.</param>
    /// <returns>The key, disposed of with the command.</returns>
    internal CommandKey TakeKey(SecureString? given, string? provider) => key = OrTerminate(() => new CommandKey(this, given, provider), target: null);

    /// <summary>Starts the items that waited for all providers to be known; if they disagree about the owner of the key, that is the command's only error.</summary>
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

    /// <summary>Cancels running work. The shell calls this however the pipeline ended, even when an upstream command threw.</summary>
    /// <param name="disposing">Whether managed state may be accessed.</param>
    protected virtual void Dispose(bool disposing)
    {
        // The token source is not disposed: another thread may still cancel it, and it holds only memory.
        if (disposing)
        {
            StopWork(isStopped ? Stopped : "ended before its input did");
            key?.Dispose();
        }
    }

    private async Task RunAsync(CommandPipeline pipeline, int number, object? target, string? name, Func<CommandPipeline, CancellationToken, Task> work)
    {
        CancellationToken stopToken = stop.Token;
        try
        {
            await work(pipeline, stopToken).ConfigureAwait(false);
        }
        catch (Exception) when (stopToken.IsCancellationRequested)
        {
            // The pipeline has ended, so the error cannot be written.
        }
        catch (Exception e)
        {
            Jobs.Failed(e, target, name);
            pipeline.Post(_ => WriteItemError(e, target, name));
        }
        finally
        {
            // The pipeline's thread frees the slot, after everything that this work has written.
            pipeline.Post(_ => running.Remove(number));
        }
    }

    private Action<PSCmdlet> Take()
    {
        try
        {
            return CommandPipeline.Take(stop.Token);
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
            // A downstream command that stops or fails needs no report of this one.
            // While the pipeline stops, a write may fail before this command is told to.
            StopWork(isStopped || Stopping ? Stopped : null);
            throw;
        }
    }

    /// <summary>Writes the error of an item. If it ends the pipeline (-ErrorAction Stop), what became of the others is reported.</summary>
    private void WriteItemError(Exception exception, object? target, string? name)
    {
        try
        {
            WriteError(ErrorRecords.From(this, exception, target, name));
        }
        catch (PipelineStoppedException)
        {
            StopWork(isStopped || Stopping ? Stopped : "was ended by an error");
            throw;
        }
    }

    /// <summary>Cancels running work, and reports once what was cancelled and what continues. A pipeline that has ended accepts no records, but its host still writes.</summary>
    /// <param name="how">How the command ended; null to report nothing.</param>
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
                // The host cannot write.
            }
        }

        isOver = true;
    }
}
