using System.Text;
using Inpaint.Files;
using Inpaint.Imaging;
using Inpaint.Imaging.Fill;
using Inpaint.Imaging.Masks;
using Inpaint.Planning;
using Inpaint.Results;

namespace Inpaint.Providers.Local;

/// <summary>A fill that runs in this process. Its pictures are in a folder of its own, each under its final name only when complete.</summary>
internal sealed class LocalJob(RequestPlan plan, long seed, string folder) : IDisposable
{
    /// <summary>Tells other processes how a job without pictures ended: its state, the error's id and the message, a line each.</summary>
    private const string EndFile = "end.txt";

    /// <summary>The quality of a lossy file, most of which is the original and should not suffer.</summary>
    private const int Quality = 95;

    private readonly CancellationTokenSource cancellation = new();
    private readonly Lock gate = new();
    private TaskCompletionSource changed = NewSignal();
    private bool isCancelled;
    private JobUpdate current = new() { State = InpaintJobState.InQueue };

    /// <summary>The output format: the requested one, else the picture's own.</summary>
    public PictureFormat Format { get; } = plan.Request.OutputFormat is { } requested ? PictureFormats.OfName("." + requested)
        : plan.ImageHeader is { } source && PictureFormats.CanWrite(source.Format) ? source.Format : PictureFormat.Png;

    /// <summary>Its status.</summary>
    public JobUpdate Current
    {
        get
        {
            lock (gate)
            {
                return current;
            }
        }
    }

    /// <summary>Runs the job to its end; never throws.</summary>
    /// <param name="oneAtATime">Admits one fill at a time, because each uses all cores.</param>
    public async Task RunAsync(SemaphoreSlim oneAtATime)
    {
        try
        {
            await oneAtATime.WaitAsync(cancellation.Token).ConfigureAwait(false);
            try
            {
                // On a thread of its own: the pool has as many threads as cores, and one must be available to callers that wait for the status.
                await Task.Factory.StartNew(FillAll, cancellation.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
                cancellation.Token.ThrowIfCancellationRequested();
            }
            finally
            {
                oneAtATime.Release();
            }

            Set(new JobUpdate { State = InpaintJobState.Completed, Progress = 1 });
        }
        catch (OperationCanceledException)
        {
            End(new JobUpdate { State = InpaintJobState.Cancelled });
        }
        catch (InpaintException e)
        {
            End(new JobUpdate { State = InpaintJobState.Failed, Error = e.Message, ErrorId = e.ErrorId });
        }
        catch (Exception e)
        {
            // Whatever the exception, somebody waits for this job.
            End(new JobUpdate { State = InpaintJobState.Failed, Error = e.Message, ErrorId = InpaintErrorId.JobFailed });
        }
    }

    /// <summary>How a job without pictures ended; null when that is not recorded.</summary>
    public static JobUpdate? ReadEnd(string folder)
    {
        try
        {
            string[] lines = File.ReadAllLines(Path.Combine(folder, EndFile));
            return lines.Length >= 2 && Enum.TryParse(lines[0], out InpaintJobState state) && state is InpaintJobState.Failed or InpaintJobState.Cancelled
                ? new JobUpdate
                {
                    State = state,
                    ErrorId = Enum.TryParse(lines[1], out InpaintErrorId id) ? id : null,
                    Error = lines.Length > 2 ? string.Join('\n', lines[2..]) : null,
                }
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Cancels the job.</summary>
    /// <returns>The outcome.</returns>
    public StopOutcome Cancel()
    {
        lock (gate)
        {
            if (current.State is InpaintJobState.Completed or InpaintJobState.Failed)
            {
                return StopOutcome.AlreadyCompleted;
            }

            isCancelled = true;
        }

        cancellation.Cancel();
        return StopOutcome.Cancelled;
    }

    /// <summary>Waits for the next change.</summary>
    /// <param name="seen">The status that the caller already knows.</param>
    /// <returns>The new status.</returns>
    public async Task<JobUpdate> NextAsync(JobUpdate? seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task signal;
            lock (gate)
            {
                if (!ReferenceEquals(current, seen))
                {
                    return current;
                }

                signal = changed.Task;
            }

            await signal.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => cancellation.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void FillAll()
    {
        Set(new JobUpdate { State = InpaintJobState.InProgress, Progress = 0 });
        CancellationToken token = cancellation.Token;
        Raster picture = EmbeddedMetadata.RemoveFrom(plan.ImageSnapshot!.Decode(token));
        Mask mask = plan.MaskSnapshot!.ReadMask(token);
        for (int index = 0; index < plan.Count; index++)
        {
            int done = index;
            void Report(double share)
            {
                double overall = Math.Round((done + share) / plan.Count, 2);
                if (overall > (Current.Progress ?? 0))
                {
                    Set(new JobUpdate { State = InpaintJobState.InProgress, Progress = overall });
                }
            }

            Raster filled = PatchFill.Fill(picture, mask.Coverage, new PatchFillOptions { Seed = seed + index }, Report, token);
            PrivateFiles.Write(LocalClient.PicturePath(folder, index, Format), target => Pictures.Encode(filled, Format, target, Quality, token));
        }
    }

    /// <summary>Records the outcome and deletes the pictures: half of what was requested is no result.</summary>
    private void End(JobUpdate end)
    {
        try
        {
            PrivateFiles.CreateFolder(folder);
            foreach (string file in Directory.GetFiles(folder))
            {
                File.Delete(file);
            }

            PrivateFiles.Write(Path.Combine(folder, EndFile), target => target.Write(Encoding.UTF8.GetBytes($"{end.State}\n{end.ErrorId}\n{end.Error}")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // This process knows the outcome; another one sees that the job never completes once this one is gone.
        }

        Set(end);
    }

    private void Set(JobUpdate update)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            // "Cancelled" has been returned; a fill that has just completed must not revoke it.
            current = isCancelled && update.State == InpaintJobState.Completed ? new JobUpdate { State = InpaintJobState.Cancelled } : update;
            signal = changed;
            changed = NewSignal();
        }

        signal.SetResult();
    }
}
