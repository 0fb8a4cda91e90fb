using Inpaint.Http;
using Inpaint.Jobs;
using Inpaint.Providers;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Jobs;

public sealed class JobWatcherTests : IDisposable
{
    private readonly ManualTimeProvider time = new();
    private readonly FakeClient client = new();
    private readonly List<JobUpdate> updates = [];
    private readonly WatchSchedule schedule = new();
    private JobWatcher? made;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private JobWatcher Watcher => made ??= new JobWatcher(client, time, schedule);

    public void Dispose() => made?.Dispose();

    [Fact]
    public async Task Pauses_grow_with_the_time_waited_within_their_bounds()
    {
        List<DateTimeOffset> looks = [time.GetUtcNow()];
        client.OnStatus = (_, _) =>
        {
            looks.Add(time.GetUtcNow());
            return Task.FromResult(new JobUpdate { State = looks.Count > 80 ? InpaintJobState.Completed : InpaintJobState.InProgress });
        };
        Task<JobUpdate> wait = Wait();
        time.Advance(TimeSpan.FromMinutes(20));

        Assert.Equal(InpaintJobState.Completed, (await wait).State);
        TimeSpan[] pauses = [.. looks.Zip(looks.Skip(1), (a, b) => b - a)];
        Assert.Equal(schedule.FirstInterval, pauses[0]);
        Assert.Equal(schedule.MinInterval, pauses[1]);
        Assert.Equal(schedule.MaxInterval, pauses[^1]);
        Assert.Equal(pauses[1..].Order(), pauses[1..]);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(1.25)]
    [InlineData(3.3)]
    [InlineData(17)]
    [InlineData(90)]
    public async Task Completion_is_noticed_within_a_tenth_of_the_duration(double seconds)
    {
        TimeSpan duration = TimeSpan.FromSeconds(seconds);
        TimeSpan delay = (await RunBatchAsync([duration])).Delays.Single();

        Assert.InRange(delay, TimeSpan.Zero, duration * 0.1 > schedule.MinInterval ? duration * 0.1 : schedule.MinInterval);
    }

    [Theory]
    [InlineData(4, 0.05)]
    [InlineData(8, 0.1)]
    [InlineData(20, 0.15)]
    public async Task A_batch_learns_when_its_jobs_are_done(double median, double spread)
    {
        Random random = new(1);
        TimeSpan[] durations = [.. Enumerable.Range(0, 200).Select(_ => TimeSpan.FromSeconds(median * Math.Exp(spread * Gaussian(random))))];
        await RunBatchAsync(durations[..20]);
        (List<TimeSpan> delays, int polls) = await RunBatchAsync(durations[20..]);

        // A client that polls twice a second notices after a quarter of a second.
        Assert.InRange(delays.Average(d => d.TotalSeconds), 0, 0.25 / 2);
        Assert.InRange(polls, 180, durations[20..].Sum(d => Math.Ceiling(d.TotalSeconds * 2)));
    }

    [Fact]
    public async Task A_job_that_is_much_quicker_or_slower_than_the_batch_is_noticed_all_the_same()
    {
        await RunBatchAsync([.. Enumerable.Repeat(TimeSpan.FromSeconds(8), 20)]);
        (List<TimeSpan> delays, _) = await RunBatchAsync([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(40)]);

        // Not later than the others would have been done, and not later than a tenth of the time that it took.
        Assert.InRange(delays[0], TimeSpan.Zero, TimeSpan.FromSeconds(8 - 1));
        Assert.InRange(delays[1], TimeSpan.Zero, TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task Thousands_of_long_jobs_do_not_delay_a_short_one()
    {
        DateTimeOffset end = DateTimeOffset.MaxValue;
        DateTimeOffset noticed = default;
        InpaintJob quick = Job();
        client.OnStatus = (job, _) =>
        {
            bool isDone = job.Id == quick.Id && time.GetUtcNow() >= end;
            noticed = isDone ? time.GetUtcNow() : noticed;
            return Task.FromResult(new JobUpdate { State = isDone ? InpaintJobState.Completed : InpaintJobState.InProgress });
        };
        using CancellationTokenSource stop = new();
        Task<JobUpdate>[] waits = [.. Enumerable.Range(0, 3000).Select(_ => WaitUntil(stop.Token))];
        time.Advance(TimeSpan.FromMinutes(2));
        int before = client.CountOf("status");
        end = time.GetUtcNow() + TimeSpan.FromSeconds(2);
        Task<JobUpdate> wait = Watcher.WaitAsync(quick, canStream: false, eta: null, updates.Add, Cancellation);
        time.Advance(TimeSpan.FromSeconds(10));

        await wait.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
        Assert.InRange(noticed - end, TimeSpan.Zero, TimeSpan.FromSeconds(0.5));
        Assert.InRange(client.CountOf("status") - before, 100, (10 * schedule.PollsPerSecond) + schedule.MaxConcurrentPolls);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waits));
    }

    [Fact]
    public async Task A_provider_that_limits_polls_is_polled_less_often_and_recovers()
    {
        bool isLimited = false;
        client.OnStatus = (_, _) => isLimited
            ? throw new InpaintException(InpaintErrorId.RateLimited, "429") { IsTransient = true }
            : Task.FromResult(new JobUpdate { State = InpaintJobState.InProgress });
        using CancellationTokenSource stop = new();
        Task<JobUpdate>[] waits = [.. Enumerable.Range(0, 500).Select(_ => WaitUntil(stop.Token))];
        int usual = CountFor(TimeSpan.FromSeconds(5));
        isLimited = true;
        CountFor(TimeSpan.FromSeconds(5));
        int limited = CountFor(TimeSpan.FromSeconds(20));
        isLimited = false;
        CountFor(TimeSpan.FromMinutes(10));
        int recovered = CountFor(TimeSpan.FromSeconds(20));

        Assert.InRange(limited / 20.0, 0, usual / 5.0 / 10);
        Assert.True(recovered > 2 * limited, $"{limited} {recovered}");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waits));
    }

    [Fact]
    public async Task Looks_come_closer_together_towards_the_expected_end()
    {
        List<TimeSpan> looks = [];
        DateTimeOffset start = time.GetUtcNow();
        client.OnStatus = (_, _) =>
        {
            looks.Add(time.GetUtcNow() - start);
            return Task.FromResult(new JobUpdate { State = looks[^1] >= TimeSpan.FromSeconds(20) ? InpaintJobState.Completed : InpaintJobState.InProgress });
        };
        Task<JobUpdate> wait = Watcher.WaitAsync(Job(), canStream: false, TimeSpan.FromSeconds(20), updates.Add, Cancellation);
        time.Advance(TimeSpan.FromMinutes(2));
        await wait;

        // A quarter of what remains each time, until the usual tenth of the time waited is the longer pause.
        Assert.Equal([5.0, 8.75, 11.5625], looks.Take(3).Select(l => l.TotalSeconds));
        Assert.InRange(looks[^1].TotalSeconds, 20, 22);
        Assert.InRange(looks.Count, 6, 9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(12)]
    [InlineData(19)]
    [InlineData(25)]
    public async Task A_job_is_noticed_soon_after_its_end_whatever_was_expected(double seconds)
    {
        DateTimeOffset start = time.GetUtcNow();
        DateTimeOffset end = start + TimeSpan.FromSeconds(seconds);
        DateTimeOffset noticed = default;
        TimeSpan expected = TimeSpan.FromSeconds(20);
        client.OnStatus = (_, _) =>
        {
            noticed = time.GetUtcNow();
            TimeSpan eta = start + expected - noticed;
            return Task.FromResult(new JobUpdate { State = noticed >= end ? InpaintJobState.Completed : InpaintJobState.InProgress, Eta = eta > TimeSpan.Zero ? eta : TimeSpan.Zero });
        };
        Task<JobUpdate> wait = Watcher.WaitAsync(Job(), canStream: false, expected, updates.Add, Cancellation);
        time.Advance(TimeSpan.FromMinutes(2));
        await wait;

        Assert.InRange(noticed - end, TimeSpan.Zero, expected * schedule.IntervalPerExpectation);
        Assert.InRange(client.CountOf("status"), 1, 12);
    }

    [Fact]
    public async Task An_expectation_that_the_service_takes_back_is_forgotten()
    {
        List<TimeSpan> looks = [];
        DateTimeOffset start = time.GetUtcNow();
        client.OnStatus = (_, _) =>
        {
            looks.Add(time.GetUtcNow() - start);
            return Task.FromResult(new JobUpdate { State = looks.Count == 3 ? InpaintJobState.Completed : InpaintJobState.InProgress, Eta = TimeSpan.FromSeconds(2) });
        };
        Task<JobUpdate> wait = Watcher.WaitAsync(Job(), canStream: false, TimeSpan.FromSeconds(32), updates.Add, Cancellation);
        time.Advance(TimeSpan.FromMinutes(1));
        await wait;

        Assert.Equal([8.0, 8.8, 9.68], looks.Select(l => l.TotalSeconds));
    }

    [Fact]
    public async Task An_absurd_eta_is_not_believed()
    {
        client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = updates.Count == 0 ? InpaintJobState.InProgress : InpaintJobState.Completed, Eta = TimeSpan.FromDays(400) });
        Task<JobUpdate> wait = Watcher.WaitAsync(Job(), canStream: false, TimeSpan.FromDays(400), updates.Add, Cancellation);
        time.Advance(schedule.MaxInterval * 6);

        await wait;
    }

    [Fact]
    public async Task Failures_that_may_pass_are_forgiven_until_there_are_too_many_in_a_row()
    {
        int looks = 0;
        DateTimeOffset begin = time.GetUtcNow();
        client.OnStatus = (_, _) => ++looks == 4
            ? Task.FromResult(new JobUpdate { State = InpaintJobState.InQueue })
            : throw new InpaintException(InpaintErrorId.ProviderUnavailable, "503") { IsTransient = true };
        Task<JobUpdate> wait = Wait();
        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal("503", (await Assert.ThrowsAsync<InpaintException>(() => wait)).Message);
        Assert.InRange(looks, 4 + schedule.MaxFailuresInARow, 4 + (2 * schedule.MaxFailuresInARow));
        Assert.True(time.GetUtcNow() - begin >= schedule.FailureTimeout);
    }

    [Theory]
    [InlineData(InpaintErrorId.JobNotFound)]
    [InlineData(InpaintErrorId.ResponseInvalid)]
    [InlineData(InpaintErrorId.ResultExpired)]
    public async Task One_odd_answer_does_not_end_the_wait(InpaintErrorId odd)
    {
        int looks = 0;
        client.OnStatus = (_, _) => ++looks == 1
            ? throw new InpaintException(odd, "a page")
            : Task.FromResult(new JobUpdate { State = InpaintJobState.Completed });
        Task<JobUpdate> wait = Wait();
        time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(InpaintJobState.Completed, (await wait).State);
        Assert.Equal(2, looks);
    }

    [Fact]
    public async Task A_service_that_has_no_room_for_questions_is_asked_on()
    {
        int looks = 0;
        client.OnStatus = (_, _) => ++looks <= 5 * schedule.MaxFailuresInARow
            ? throw new InpaintException(InpaintErrorId.RateLimited, "429") { IsTransient = true, RetryAfter = TimeSpan.FromSeconds(20) }
            : Task.FromResult(new JobUpdate { State = InpaintJobState.Completed });
        Task<JobUpdate> wait = Wait();
        time.Advance(schedule.CapacityTimeout);

        Assert.Equal(InpaintJobState.Completed, (await wait).State);
    }

    [Fact]
    public async Task A_provider_that_asks_to_wait_is_left_alone_so_long()
    {
        List<TimeSpan> looks = [];
        DateTimeOffset start = time.GetUtcNow();
        client.OnStatus = (_, _) =>
        {
            looks.Add(time.GetUtcNow() - start);
            return looks.Count == 1
                ? throw new InpaintException(InpaintErrorId.RateLimited, "429") { IsTransient = true, RetryAfter = TimeSpan.FromSeconds(25) }
                : Task.FromResult(new JobUpdate { State = InpaintJobState.Completed });
        };
        Task<JobUpdate> wait = Wait();
        time.Advance(TimeSpan.FromMinutes(2));
        await wait;

        Assert.True(looks[1] - looks[0] >= TimeSpan.FromSeconds(25), $"{looks[1] - looks[0]}");
    }

    [Fact]
    public async Task A_failure_that_stays_ends_the_wait_at_once()
    {
        client.OnStatus = (_, _) => throw new InpaintException(InpaintErrorId.AuthenticationFailed, "401");
        Task<JobUpdate> wait = Wait();
        time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<InpaintException>(() => wait);
        Assert.Equal(1, client.CountOf("status"));
    }

    [Fact]
    public async Task Thousands_of_jobs_share_one_timer_and_one_pace()
    {
        const int count = 2000;
        int underWay = 0;
        int most = 0;
        Queue<DateTimeOffset> lately = [];
        int densest = 0;
        List<TaskCompletionSource> open = [];
        client.OnStatus = async (_, _) =>
        {
            most = Math.Max(most, ++underWay);
            lately.Enqueue(time.GetUtcNow());
            while (time.GetUtcNow() - lately.Peek() >= TimeSpan.FromSeconds(1))
            {
                lately.Dequeue();
            }

            densest = Math.Max(densest, lately.Count);
            TaskCompletionSource answer = new();
            open.Add(answer);
            await answer.Task;
            underWay--;
            return new JobUpdate { State = InpaintJobState.Completed };
        };
        Task<JobUpdate>[] waits = [.. Enumerable.Range(0, count).Select(_ => Wait())];
        for (int step = 0; step < 20 * count && waits.Any(w => !w.IsCompleted); step++)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            TaskCompletionSource[] answered = [.. open];
            open.Clear();
            foreach (TaskCompletionSource answer in answered)
            {
                answer.SetResult();
            }
        }

        await Task.WhenAll(waits).WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
        Assert.Equal(1, time.TimersMade);
        Assert.True(most <= schedule.MaxConcurrentPolls, $"{most} looks at once");
        Assert.True(densest <= schedule.MaxConcurrentPolls + schedule.PollsPerSecond, $"{densest} looks in a second");
        Assert.Equal(count, client.CountOf("status"));
    }

    [Fact]
    public async Task A_machine_that_wakes_does_not_look_at_everything_at_once()
    {
        client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = InpaintJobState.Completed });
        Task<JobUpdate>[] waits = [.. Enumerable.Range(0, 500).Select(_ => Wait())];
        time.Suspend(TimeSpan.FromHours(8));

        Assert.InRange(client.CountOf("status"), 1, schedule.MaxConcurrentPolls);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.InRange(client.CountOf("status"), 90, schedule.MaxConcurrentPolls + 101);
        time.Advance(TimeSpan.FromMinutes(2));
        await Task.WhenAll(waits);
    }

    [Fact]
    public async Task What_is_told_by_itself_is_not_asked_for()
    {
        client.OnStream = (_, _) => FakeClient.Updates(InpaintJobState.InQueue, InpaintJobState.InProgress, InpaintJobState.Completed);
        JobUpdate last = await Wait(canStream: true);

        Assert.Equal(InpaintJobState.Completed, last.State);
        Assert.Equal([InpaintJobState.InQueue, InpaintJobState.InProgress, InpaintJobState.Completed], updates.Select(u => u.State));
        Assert.Equal(["stream"], client.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_that_ends_too_soon_is_followed_by_looking(bool fails)
    {
        client.OnStream = (_, _) => Broken(fails ? new InpaintException(InpaintErrorId.ProviderUnavailable, "reset") : null);
        client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = InpaintJobState.Completed });
        Task<JobUpdate> wait = Wait(canStream: true);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(InpaintJobState.Completed, (await wait).State);
        Assert.Equal(["stream", "status"], client.Calls);
    }

    [Fact]
    public async Task A_fault_in_the_listening_itself_is_not_hidden()
    {
        client.OnStream = (_, _) => Broken(new InvalidOperationException("a bug"));

        Assert.Equal("a bug", (await Assert.ThrowsAsync<InvalidOperationException>(() => Wait(canStream: true))).Message);
    }

    [Fact]
    public async Task Only_so_many_are_listened_to_and_a_place_that_frees_is_used_again()
    {
        using CancellationTokenSource stop = new();
        client.OnStream = (_, token) => FakeClient.Silence(token);
        client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = InpaintJobState.InQueue });
        Task<JobUpdate>[] waits = [.. Enumerable.Range(0, schedule.MaxConcurrentStreams + 8).Select(_ => WaitUntil(stop.Token, canStream: true))];
        time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(schedule.MaxConcurrentStreams, client.CountOf("stream"));
        Assert.True(client.CountOf("status") >= 8);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waits));
        client.OnStream = (_, _) => FakeClient.Updates(InpaintJobState.Completed);
        await Wait(canStream: true);
        Assert.Equal(schedule.MaxConcurrentStreams + 1, client.CountOf("stream"));
    }

    [Fact]
    public async Task A_cancelled_wait_ends_when_its_look_has_ended_and_hears_nothing_more()
    {
        using CancellationTokenSource stop = new();
        TaskCompletionSource<JobUpdate> deaf = new();
        client.OnStatus = (_, _) => deaf.Task;
        Task<JobUpdate> wait = WaitUntil(stop.Token);
        time.Advance(TimeSpan.FromSeconds(1));
        await stop.CancelAsync();

        Assert.False(wait.IsCompleted);
        deaf.SetResult(new JobUpdate { State = InpaintJobState.Completed });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(updates);
        Assert.Equal(1, client.CountOf("status"));
    }

    [Fact]
    public async Task A_job_whose_wait_was_cancelled_is_never_looked_at()
    {
        using CancellationTokenSource stop = new();
        Task<JobUpdate> wait = WaitUntil(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        time.Advance(TimeSpan.FromHours(1));

        Assert.Empty(client.Calls);
    }

    [Fact]
    public async Task Closing_the_watcher_ends_every_wait()
    {
        client.OnStream = (_, token) => FakeClient.Silence(token);
        Task<JobUpdate>[] waits = [Wait(), Wait(canStream: true)];
        Watcher.Dispose();

        foreach (Task<JobUpdate> wait in waits)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(TimeSpan.FromMinutes(1), Cancellation));
        }
    }

    private static InpaintJob Job(DateTimeOffset? submittedAt = null) => new() { Id = Guid.NewGuid().ToString(), Provider = "Fal", SubmittedAt = submittedAt };

    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Watches jobs one after the other, and tells how long after their end each was noticed.</summary>
    private async Task<(List<TimeSpan> Delays, int Polls)> RunBatchAsync(TimeSpan[] durations)
    {
        List<TimeSpan> delays = [];
        int before = client.CountOf("status");
        foreach (TimeSpan duration in durations)
        {
            DateTimeOffset end = time.GetUtcNow() + duration;
            DateTimeOffset noticed = default;
            client.OnStatus = (_, _) =>
            {
                noticed = time.GetUtcNow();
                return Task.FromResult(new JobUpdate { State = noticed >= end ? InpaintJobState.Completed : InpaintJobState.InProgress });
            };
            Task<JobUpdate> wait = Watcher.WaitAsync(Job(time.GetUtcNow()), canStream: false, eta: null, updates.Add, Cancellation);
            time.Advance((duration * 2) + TimeSpan.FromSeconds(20));
            await wait;
            delays.Add(noticed - end);
        }

        return (delays, client.CountOf("status") - before);
    }

    private int CountFor(TimeSpan span)
    {
        int before = client.CountOf("status");
        time.Advance(span);
        return client.CountOf("status") - before;
    }

    private static async IAsyncEnumerable<JobUpdate> Broken(Exception? failure)
    {
        yield return new JobUpdate { State = InpaintJobState.InQueue };
        await Task.CompletedTask;
        if (failure is not null)
        {
            throw failure;
        }
    }

    private Task<JobUpdate> Wait(bool canStream = false) => WaitUntil(Cancellation, canStream);

    private Task<JobUpdate> WaitUntil(CancellationToken stop, bool canStream = false) => Watcher.WaitAsync(Job(), canStream, eta: null, updates.Add, stop);
}
