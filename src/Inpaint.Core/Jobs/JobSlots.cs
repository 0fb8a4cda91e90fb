namespace Inpaint.Jobs;

/// <summary>
/// How many jobs may be under way at a provider at once: any number, until it refuses one for lack of capacity (429). Then as many as it has taken, and more again, a
/// quarter at a time, whenever so many have ended without another refusal. All jobs of a client share the slots, so that what one runs into holds back the others.
/// </summary>
internal sealed class JobSlots
{
    private readonly Lock gate = new();
    private readonly LinkedList<TaskCompletionSource> waiting = new();
    private int limit = int.MaxValue;
    private int underWay;
    private int accepted;
    private int endedSinceRefusal;

    /// <summary>The jobs that may be under way at once.</summary>
    public int Limit
    {
        get
        {
            lock (gate)
            {
                return limit;
            }
        }
    }

    /// <summary>Waits for a slot, in the order of the calls.</summary>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource> turn;
        lock (gate)
        {
            if (underWay < limit && waiting.Count == 0)
            {
                underWay++;
                return;
            }

            turn = waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        try
        {
            await turn.Value.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (gate)
            {
                if (turn.List is not null)
                {
                    waiting.Remove(turn);
                    throw;
                }
            }

            // The slot had just been given.
            Free();
            throw;
        }
    }

    /// <summary>The provider has accepted the job of a slot.</summary>
    public void Accept()
    {
        lock (gate)
        {
            accepted++;

            // Jobs that were sent before the first refusal may still be accepted.
            limit = Math.Max(limit, accepted);
        }
    }

    /// <summary>Gives back the slot of a job that has ended, or was not made.</summary>
    public void Leave(bool wasAccepted)
    {
        lock (gate)
        {
            accepted -= wasAccepted ? 1 : 0;

            // Without a job that waits, a higher limit is not needed, and the next batch would begin with more than the provider is known to take.
            if (limit < int.MaxValue && waiting.Count > 0 && ++endedSinceRefusal >= limit)
            {
                endedSinceRefusal = 0;
                limit += Math.Max(1, limit / 4);
            }
        }

        Free();
    }

    /// <summary>Gives back the slot of a job that the provider has refused for lack of capacity: it takes no more than it has.</summary>
    public void Refuse()
    {
        lock (gate)
        {
            limit = Math.Max(1, limit == int.MaxValue ? accepted : Math.Min(limit, underWay - 1));
            endedSinceRefusal = 0;
        }

        Free();
    }

    private void Free()
    {
        lock (gate)
        {
            underWay--;
            while (underWay < limit && waiting.First is { } next)
            {
                waiting.RemoveFirst();
                underWay++;
                next.Value.SetResult();
            }
        }
    }
}

/// <summary>The slot of one job, free again when it is disposed of.</summary>
internal sealed class JobSlot(JobSlots slots) : IDisposable
{
    private bool isHeld;
    private bool isAccepted;

    /// <summary>Waits for the slot.</summary>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        await slots.EnterAsync(cancellationToken).ConfigureAwait(false);
        isHeld = true;
    }

    /// <summary>The provider has accepted the job.</summary>
    public void Accept()
    {
        isAccepted = true;
        slots.Accept();
    }

    /// <summary>The provider has refused the job for lack of capacity; the slot has to be entered anew.</summary>
    public void Refuse()
    {
        isHeld = false;
        slots.Refuse();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (isHeld)
        {
            isHeld = false;
            slots.Leave(isAccepted);
        }
    }
}
