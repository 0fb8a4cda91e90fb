using Inpaint.Providers;
using Xunit;

namespace Inpaint.Tests.Jobs;

public sealed class JobWatcherTests : WatcherTest
{
    [Fact]
    public async Task Transient_failures_are_tolerated_until_there_are_too_many_in_a_row()
    {
        int polls = 0;
        DateTimeOffset begin = Time.GetUtcNow();
        Client.OnStatus = (_, _) => ++polls == 4
            ? Task.FromResult(new JobUpdate { State = InpaintJobState.InQueue })
            : throw new InpaintException(InpaintErrorId.ProviderUnavailable, "503") { IsTransient = true };
        Task<JobUpdate> wait = Wait();
        Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal("503", (await Assert.ThrowsAsync<InpaintException>(() => wait)).Message);
        Assert.InRange(polls, 4 + Schedule.MaxFailuresInARow, 4 + (2 * Schedule.MaxFailuresInARow));
        Assert.True(Time.GetUtcNow() - begin >= Schedule.FailureTimeout);
    }

    [Theory]
    [InlineData(InpaintErrorId.JobNotFound)]
    [InlineData(InpaintErrorId.ResponseInvalid)]
    [InlineData(InpaintErrorId.ResultExpired)]
    public async Task One_odd_response_does_not_end_the_wait(InpaintErrorId odd)
    {
        int polls = 0;
        Client.OnStatus = (_, _) => ++polls == 1
            ? throw new InpaintException(odd, "a page")
            : Task.FromResult(new JobUpdate { State = InpaintJobState.Completed });
        Task<JobUpdate> wait = Wait();
        Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(InpaintJobState.Completed, (await wait).State);
        Assert.Equal(2, polls);
    }

    [Fact]
    public async Task A_service_at_capacity_is_polled_again()
    {
        int polls = 0;
        Client.OnStatus = (_, _) => ++polls <= 5 * Schedule.MaxFailuresInARow
            ? throw new InpaintException(InpaintErrorId.RateLimited, "429") { IsTransient = true, RetryAfter = TimeSpan.FromSeconds(20) }
            : Task.FromResult(new JobUpdate { State = InpaintJobState.Completed });
        Task<JobUpdate> wait = Wait();
        Time.Advance(Schedule.CapacityTimeout);

        Assert.Equal(InpaintJobState.Completed, (await wait).State);
    }

    [Fact]
    public async Task Retry_after_is_honoured()
    {
        List<TimeSpan> polls = [];
        DateTimeOffset start = Time.GetUtcNow();
        Client.OnStatus = (_, _) =>
        {
            polls.Add(Time.GetUtcNow() - start);
            return polls.Count == 1
                ? throw new InpaintException(InpaintErrorId.RateLimited, "429") { IsTransient = true, RetryAfter = TimeSpan.FromSeconds(25) }
                : Task.FromResult(new JobUpdate { State = InpaintJobState.Completed });
        };
        Task<JobUpdate> wait = Wait();
        Time.Advance(TimeSpan.FromMinutes(2));
        await wait;

        Assert.True(polls[1] - polls[0] >= TimeSpan.FromSeconds(25), $"{polls[1] - polls[0]}");
    }

    [Fact]
    public async Task A_permanent_failure_ends_the_wait_at_once()
    {
        Client.OnStatus = (_, _) => throw new InpaintException(InpaintErrorId.AuthenticationFailed, "401");
        Task<JobUpdate> wait = Wait();
        Time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<InpaintException>(() => wait);
        Assert.Equal(1, Client.CountOf("status"));
    }

    [Fact]
    public async Task A_cancelled_wait_ends_with_its_poll_and_gets_no_update()
    {
        using CancellationTokenSource stop = new();
        TaskCompletionSource<JobUpdate> pending = new();
        Client.OnStatus = (_, _) => pending.Task;
        Task<JobUpdate> wait = WaitUntil(stop.Token);
        Time.Advance(TimeSpan.FromSeconds(1));
        await stop.CancelAsync();

        Assert.False(wait.IsCompleted);
        pending.SetResult(new JobUpdate { State = InpaintJobState.Completed });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(Updates);
        Assert.Equal(1, Client.CountOf("status"));
    }

    [Fact]
    public async Task A_job_whose_wait_was_cancelled_is_never_polled()
    {
        using CancellationTokenSource stop = new();
        Task<JobUpdate> wait = WaitUntil(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Time.Advance(TimeSpan.FromHours(1));

        Assert.Empty(Client.Calls);
    }

    [Fact]
    public async Task Closing_the_watcher_ends_every_wait()
    {
        Client.OnStream = (_, token) => FakeClient.Silence(token);
        Task<JobUpdate>[] waits = [Wait(), Wait(canStream: true)];
        Watcher.Dispose();

        foreach (Task<JobUpdate> wait in waits)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(TimeSpan.FromMinutes(1), Cancellation));
        }
    }
}
