using Inpaint.Jobs;
using Xunit;

namespace Inpaint.Tests.Jobs;

/// <summary>How many jobs are under way at once at a provider that refuses more than it takes.</summary>
public sealed class JobSlotsTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private readonly JobSlots slots = new();

    [Fact]
    public void Any_number_of_jobs_is_under_way_before_a_refusal() => Assert.All(Enter(500), slot => Assert.True(slot.IsCompletedSuccessfully));

    [Theory]
    [InlineData(64, 5)]
    [InlineData(2, 1)]
    [InlineData(1, 0)]
    public void After_refusals_there_are_as_many_as_the_provider_took(int sent, int taken)
    {
        Enter(sent);
        Accept(taken);
        for (int i = taken; i < sent; i++)
        {
            slots.Refuse();
        }

        Assert.Equal(Math.Max(1, taken), slots.Limit);
        Task[] later = Enter(3);
        Assert.Equal(taken == 0 ? 1 : 0, later.Count(slot => slot.IsCompleted));
    }

    [Fact]
    public void Jobs_that_were_sent_before_the_refusal_and_are_accepted_after_it_count()
    {
        Enter(10);
        slots.Refuse();
        Assert.Equal(1, slots.Limit);
        Accept(4);
        slots.Refuse();
        Assert.Equal(4, slots.Limit);
    }

    [Fact]
    public async Task A_job_that_ends_lets_the_next_one_in_by_turn()
    {
        Task[] waiting = Narrow(to: 2);
        slots.Leave(wasAccepted: true);
        await waiting[0];
        Assert.False(waiting[1].IsCompleted);
        slots.Leave(wasAccepted: true);
        await waiting[1];
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_nobody_s_place()
    {
        Enter(2);
        Accept(1);
        slots.Refuse();
        using CancellationTokenSource stop = new();
        Task first = slots.EnterAsync(stop.Token);
        Task second = slots.EnterAsync(Cancellation);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        slots.Leave(wasAccepted: true);
        await second;
    }

    [Fact]
    public async Task It_recovers_gradually()
    {
        Enter(9);
        Accept(8);
        slots.Refuse();
        Assert.Equal(8, slots.Limit);
        List<int> limits = [];
        using CancellationTokenSource stop = new();
        Task[] waiting = [.. Enumerable.Range(0, 200).Select(_ => slots.EnterAsync(stop.Token))];
        for (int i = 0; i < 100; i++)
        {
            slots.Leave(wasAccepted: true);
            Accept(1);
            limits.Add(slots.Limit);
        }

        Assert.Equal(8, limits[6]);
        Assert.Equal(10, limits[7]);
        Assert.Equal(limits.Order(), limits);
        Assert.Equal(27, limits[^1]);
        Assert.Contains(waiting, job => !job.IsCompleted);

        // Nine of those under way are left when the provider refuses one again.
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
        for (int i = 0; i < 18; i++)
        {
            slots.Leave(wasAccepted: true);
        }

        slots.Refuse();
        Assert.InRange(slots.Limit, 1, 8);
    }

    [Fact]
    public void It_does_not_grow_without_a_job_that_waits()
    {
        Enter(9);
        Accept(8);
        slots.Refuse();
        for (int i = 0; i < 8; i++)
        {
            slots.Leave(wasAccepted: true);
        }

        Assert.Equal(8, slots.Limit);
    }

    private Task[] Narrow(int to)
    {
        Enter(to + 1);
        Accept(to);
        slots.Refuse();
        return Enter(3);
    }

    private void Accept(int count)
    {
        for (int i = 0; i < count; i++)
        {
            slots.Accept();
        }
    }

    private Task[] Enter(int count) => [.. Enumerable.Range(0, count).Select(_ => slots.EnterAsync(Cancellation))];
}
