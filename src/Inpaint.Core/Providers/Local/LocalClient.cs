using System.Collections.Concurrent;
using System.Globalization;
using Inpaint.Imaging;
using Inpaint.Journal;
using Inpaint.Planning;

namespace Inpaint.Providers.Local;

/// <summary>
/// The embedded provider: fills the masked part from the rest of the picture, in this process. Its jobs look like any other's; a finished one can be
/// collected from another process, a running one ends with its own.
/// </summary>
internal sealed class LocalClient(ProviderServices services) : IProviderClient, IDisposable
{
    private const string ProcessKey = "process";
    private const string StartedKey = "processStarted";
    private const string SeedKey = "seed";
    private const string CountKey = "count";
    private const string FormatKey = "format";

    /// <summary>The kind.</summary>
    public static ProviderDescriptor Descriptor { get; } = new("Local", [LocalCapabilities.Inpaint], services => new LocalClient(services))
    {
        BuiltIn = [new(new("Local", "Local"))],
        NeedsBaseUri = false,
    };

    private readonly ConcurrentDictionary<string, LocalJob> jobs = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim oneAtATime = new(1, 1);

    /// <summary>The file of one finished picture.</summary>
    public static string PicturePath(string folder, int index, PictureFormat format) => Path.Combine(folder, index.ToString(CultureInfo.InvariantCulture) + PictureFormats.ExtensionOf(format));

    /// <inheritdoc/>
    public Task<PreparedSubmission> PrepareAsync(RequestPlan plan, IProgress<string>? progress, CancellationToken cancellationToken) =>
        Task.FromResult<PreparedSubmission>(new LocalSubmission(plan));

    /// <inheritdoc/>
    public Task<Acceptance> SubmitAsync(PreparedSubmission submission, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        RequestPlan plan = ((LocalSubmission)submission).Plan;
        string id = Guid.NewGuid().ToString();
        long seed = plan.Request.Seed ?? Random.Shared.NextInt64(uint.MaxValue);
        LocalJob job = new(plan, seed, FolderOf(id));
        jobs[id] = job;

        // Runs on its own from here: its status has the outcome, and it never throws.
        _ = job.RunAsync(oneAtATime);
        return Task.FromResult(new Acceptance
        {
            Id = id,
            ProviderData = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [ProcessKey] = ProcessMark.Current.Id.ToString(CultureInfo.InvariantCulture),
                [StartedKey] = ProcessMark.Current.StartedAt.ToString("O", CultureInfo.InvariantCulture),
                [SeedKey] = seed.ToString(CultureInfo.InvariantCulture),
                [CountKey] = plan.Count.ToString(CultureInfo.InvariantCulture),
                [FormatKey] = job.Format.ToString(),
            },
        });
    }

    /// <inheritdoc/>
    public Task<JobUpdate> GetStatusAsync(InpaintJob job, bool includeLog, CancellationToken cancellationToken) =>
        Task.FromResult(jobs.TryGetValue(job.Id, out LocalJob? running) ? running.Current : StatusOfOther(job));

    /// <inheritdoc/>
    public async Task FollowStatusAsync(InpaintJob job, Func<JobUpdate, bool> onUpdate, CancellationToken cancellationToken)
    {
        if (!jobs.TryGetValue(job.Id, out LocalJob? running))
        {
            onUpdate(StatusOfOther(job));
            return;
        }

        JobUpdate? seen = null;
        do
        {
            seen = await running.NextAsync(seen, cancellationToken).ConfigureAwait(false);
        }
        while (onUpdate(seen));
    }

    /// <inheritdoc/>
    public Task<ProviderOutput> GetResultAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        string folder = FolderOf(job.Id);
        List<OutputPicture> pictures = [];
        for (int index = 0; index < Number(job, CountKey, 1); index++)
        {
            string path = PicturePath(folder, index, FormatOf(job));
            if (!File.Exists(path))
            {
                throw new InpaintException(InpaintErrorId.ResultExpired, $"The picture of the local job {job.Id} is gone. Run it again; it costs nothing.") { RequestId = job.Id, IsVerdict = true };
            }

            using FileStream stream = File.OpenRead(path);
            PictureHeader header = Pictures.ReadHeader(stream, path);
            pictures.Add(new OutputPicture { FilePath = path, ContentType = PictureFormats.MediaTypeOf(header.Format), Width = header.Width, Height = header.Height, FileSize = stream.Length });
        }

        // From here on, its files are its status.
        jobs.TryRemove(job.Id, out LocalJob? finished);
        finished?.Dispose();
        return Task.FromResult(new ProviderOutput { Pictures = pictures, Seed = Number(job, SeedKey, 0), Prompt = job.Prompt });
    }

    /// <inheritdoc/>
    public Task<StopOutcome> CancelAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        if (jobs.TryGetValue(job.Id, out LocalJob? running))
        {
            return Task.FromResult(running.Cancel());
        }

        return Task.FromResult(StatusOfOther(job).State switch
        {
            InpaintJobState.Completed => StopOutcome.AlreadyCompleted,
            InpaintJobState.InProgress => StopOutcome.NotSupported,
            InpaintJobState.Cancelled => StopOutcome.Cancelled,
            InpaintJobState.Failed => StopOutcome.AlreadyCompleted,
            _ => StopOutcome.NotFound,
        });
    }

    /// <inheritdoc/>
    public Task CheckAccessAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        // The semaphore is not disposed: a job that ends now still releases it, and without a wait handle it holds nothing.
        foreach (LocalJob job in jobs.Values)
        {
            job.Cancel();
        }
    }

    private static long Number(InpaintJob job, string key, long otherwise) =>
        job.ProviderData.TryGetValue(key, out string? text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : otherwise;

    private static PictureFormat FormatOf(InpaintJob job) =>
        job.ProviderData.TryGetValue(FormatKey, out string? text) && Enum.TryParse(text, out PictureFormat format) && PictureFormats.CanWrite(format) ? format : PictureFormat.Png;

    private static bool IsOwnerAlive(InpaintJob job) =>
        job.ProviderData.TryGetValue(StartedKey, out string? started)
        && DateTimeOffset.TryParse(started, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTimeOffset at)
        && new ProcessMark(Environment.MachineName, (int)Number(job, ProcessKey, -1), at).IsRunning() == true;

    /// <summary>The status of a job that this process does not run.</summary>
    private JobUpdate StatusOfOther(InpaintJob job)
    {
        string folder = FolderOf(job.Id);
        if (Enumerable.Range(0, (int)Math.Clamp(Number(job, CountKey, 1), 1, 16)).All(index => File.Exists(PicturePath(folder, index, FormatOf(job)))))
        {
            return new JobUpdate { State = InpaintJobState.Completed };
        }

        if (LocalJob.ReadEnd(folder) is { } end)
        {
            return end;
        }

        if (IsOwnerAlive(job))
        {
            return new JobUpdate { State = InpaintJobState.InProgress };
        }

        return job.ProviderData.ContainsKey(ProcessKey)
            ? new JobUpdate { State = InpaintJobState.Failed, ErrorId = InpaintErrorId.JobFailed, IsTransient = true, Error = "The process that was filling the picture ended before it was done. Run it again; it costs nothing." }
            : throw new InpaintException(InpaintErrorId.JobNotFound, $"Local has no job '{job.Id}'.") { RequestId = job.Id };
    }

    private string FolderOf(string id) => Path.Combine(services.StateFolder, "local", FileNameOf(id));

    /// <summary>An id from elsewhere must not reach outside the folder.</summary>
    private static string FileNameOf(string id) =>
        Guid.TryParse(id, out Guid known) ? known.ToString() : throw new InpaintException(InpaintErrorId.JobNotFound, $"Local has no job '{id}'.") { RequestId = id };

    private sealed record LocalSubmission(RequestPlan Plan) : PreparedSubmission;
}
