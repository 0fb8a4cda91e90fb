using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.Faults;

/// <summary>
/// Which request meets which fault. Queued faults of an operation are consumed first, one per request and in order; then the rules are asked in the order of their making.
/// A fault is chosen when a request's head is read, so that a rule sees method, path, query, headers, operation, ordinal and job id, but no body.
/// </summary>
public sealed class FaultBook
{
    private readonly Lock gate = new();
    private readonly Dictionary<(WireService?, WireOperation), Queue<Fault>> queues = [];
    private readonly List<Rule> rules = [];
    private TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Changes changes = new();
    private int held;
    private int holds;
    private bool offline;

    /// <summary>Queued faults that no request has met yet.</summary>
    public int Pending
    {
        get
        {
            lock (gate)
            {
                return queues.Values.Sum(queue => queue.Count);
            }
        }
    }

    /// <summary>The next requests of an operation meet these faults, one each.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="faults">The faults in order; <see cref="Fault.Pass"/> lets one request through.</param>
    public void Enqueue(WireOperation operation, params Fault[] faults) => Enqueue(null, operation, faults);

    /// <summary>The next requests of an operation of one service meet these faults, one each.</summary>
    /// <param name="service">The service; null means any.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="faults">The faults in order; <see cref="Fault.Pass"/> lets one request through.</param>
    public void Enqueue(WireService? service, WireOperation operation, params Fault[] faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        lock (gate)
        {
            if (!queues.TryGetValue((service, operation), out Queue<Fault>? queue))
            {
                queues[(service, operation)] = queue = new();
            }

            foreach (Fault fault in faults)
            {
                queue.Enqueue(fault);
            }
        }
    }

    /// <summary>Every request of an operation meets the fault, until the rule is disposed or the book cleared.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="fault">The fault.</param>
    /// <returns>Ends the rule when disposed.</returns>
    public IDisposable Always(WireOperation operation, Fault fault) => When(request => request.Operation == operation, fault);

    /// <summary>Requests that fit meet the fault.</summary>
    /// <param name="condition">Sees the request's head; the body is not read yet.</param>
    /// <param name="fault">The fault.</param>
    /// <param name="times">How often the rule strikes before it is spent.</param>
    /// <returns>Ends the rule when disposed.</returns>
    public IDisposable When(Func<RecordedRequest, bool> condition, Fault fault, int times = int.MaxValue) => When(condition, _ => fault, times);

    /// <summary>Requests that fit meet the fault that is chosen for them: the form for random sequences.</summary>
    /// <param name="condition">Sees the request's head; the body is not read yet.</param>
    /// <param name="choose">Chooses the fault; <see cref="Fault.Pass"/> for none.</param>
    /// <param name="times">How often the rule strikes before it is spent.</param>
    /// <returns>Ends the rule when disposed.</returns>
    public IDisposable When(Func<RecordedRequest, bool> condition, Func<RecordedRequest, Fault> choose, int times = int.MaxValue)
    {
        Rule rule = new(this, condition, choose, times);
        lock (gate)
        {
            rules.Add(rule);
        }

        return rule;
    }

    /// <summary>Lets all answers go on that a hold has stopped.</summary>
    public void Release()
    {
        lock (gate)
        {
            release.TrySetResult();
            release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Forgets queues and rules and lets held answers go on.</summary>
    public void Clear()
    {
        lock (gate)
        {
            queues.Clear();
            rules.Clear();
        }

        Release();
    }

    /// <summary>Waits until answers are held, so that a test can act in the middle of them.</summary>
    /// <param name="count">How many answers.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends when that many are held.</returns>
    public Task WaitForHeldAsync(int count = 1, CancellationToken cancellationToken = default) => changes.WaitForAsync(() => Volatile.Read(ref held) >= count, cancellationToken);

    /// <summary>How many answers were ever held, whatever has become of them.</summary>
    public int Holds => Volatile.Read(ref holds);

    /// <summary>Waits until so many answers were ever held, so that a test can follow each of several attempts.</summary>
    /// <param name="count">How many answers.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends when that many were.</returns>
    public Task WaitForHoldsAsync(int count, CancellationToken cancellationToken = default) => changes.WaitForAsync(() => Holds >= count, cancellationToken);

    /// <summary>Waits until <see cref="Fault.ThenOffline"/> has closed the port.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends when connections are refused.</returns>
    public Task WaitForOfflineAsync(CancellationToken cancellationToken = default) => changes.WaitForAsync(() => Volatile.Read(ref offline), cancellationToken);

    internal async Task HoldAsync(CancellationToken cancellationToken)
    {
        Task released;
        lock (gate)
        {
            released = release.Task;
            held++;
            holds++;
            changes.Announce();
        }

        try
        {
            await released.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (gate)
            {
                held--;
                changes.Announce();
            }
        }
    }

    internal void SetOffline(bool value)
    {
        lock (gate)
        {
            offline = value;
            changes.Announce();
        }
    }

    internal Fault? Take(RecordedRequest request)
    {
        lock (gate)
        {
            if ((queues.TryGetValue((request.Service, request.Operation), out Queue<Fault>? queue) && queue.TryDequeue(out Fault? queued))
                || (queues.TryGetValue((null, request.Operation), out queue) && queue.TryDequeue(out queued)))
            {
                return queued;
            }

            Rule? rule = rules.Find(candidate => candidate.Times > 0 && candidate.Condition(request));
            if (rule is null)
            {
                return null;
            }

            rule.Times--;
            return rule.Choose(request);
        }
    }

    private sealed class Rule(FaultBook book, Func<RecordedRequest, bool> condition, Func<RecordedRequest, Fault> choose, int times) : IDisposable
    {
        public Func<RecordedRequest, bool> Condition { get; } = condition;

        public Func<RecordedRequest, Fault> Choose { get; } = choose;

        public int Times { get; set; } = times;

        public void Dispose()
        {
            lock (book.gate)
            {
                book.rules.Remove(this);
            }
        }
    }
}
