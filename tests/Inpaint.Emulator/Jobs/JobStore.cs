using Inpaint.Emulator.Recording;

namespace Inpaint.Emulator.Jobs;

/// <summary>The jobs of all services, and how the next ones will go.</summary>
public sealed class JobStore
{
    private readonly Lock gate = new();
    private readonly List<EmulatedJob> jobs = [];
    private readonly Dictionary<string, EmulatedJob> byId = new(StringComparer.OrdinalIgnoreCase);
    private readonly Queue<JobScript> next = new();
    private readonly Changes changes = new();

    /// <summary>How a job goes when nothing else is queued for it.</summary>
    public JobScript DefaultScript { get; set; } = new();

    /// <summary>How many jobs may be under way at once: a submit beyond that is refused (429).</summary>
    public int Limit { get; set; } = int.MaxValue;

    /// <summary>The <c>Retry-After</c> of such a refusal; null for none.</summary>
    public TimeSpan? LimitRetryAfter { get; set; }

    /// <summary>A snapshot of all jobs in the order of their making.</summary>
    public IReadOnlyList<EmulatedJob> All
    {
        get
        {
            lock (gate)
            {
                return [.. jobs];
            }
        }
    }

    /// <summary>How many jobs were made.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return jobs.Count;
            }
        }
    }

    /// <summary>The newest job.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public EmulatedJob Last => All[^1];

    /// <summary>The next jobs go by these scripts, one each.</summary>
    /// <param name="scripts">The scripts in order.</param>
    public void Enqueue(params JobScript[] scripts)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        lock (gate)
        {
            foreach (JobScript script in scripts)
            {
                next.Enqueue(script);
            }
        }
    }

    /// <summary>Finds a job by its id.</summary>
    /// <param name="id">The id that the client was given.</param>
    /// <returns>The job; null when there is none or it has expired.</returns>
    public EmulatedJob? Find(string id)
    {
        lock (gate)
        {
            return byId.TryGetValue(id, out EmulatedJob? job) && !job.IsExpired ? job : null;
        }
    }

    /// <summary>Waits until a number of jobs has been made.</summary>
    /// <param name="count">The number.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The job that made it that many.</returns>
    public async Task<EmulatedJob> WaitForAsync(int count = 1, CancellationToken cancellationToken = default)
    {
        EmulatedJob? found = null;
        await changes.WaitForAsync(() => (found = All.ElementAtOrDefault(count - 1)) is not null, cancellationToken);
        return found!;
    }

    /// <summary>Forgets all jobs and scripts.</summary>
    public void Clear()
    {
        lock (gate)
        {
            jobs.Clear();
            byId.Clear();
            next.Clear();
            DefaultScript = new();
            Limit = int.MaxValue;
            LimitRetryAfter = null;
        }
    }

    internal bool IsFull => Limit < int.MaxValue && All.Count(job => job.Phase != JobPhase.Completed) >= Limit;

    internal JobScript NextScript()
    {
        lock (gate)
        {
            return next.TryDequeue(out JobScript? script) ? script : DefaultScript;
        }
    }

    internal EmulatedJob Add(EmulatedJob job)
    {
        lock (gate)
        {
            jobs.Add(job);
            byId.Add(job.Id, job);
        }

        changes.Announce();
        return job;
    }
}
