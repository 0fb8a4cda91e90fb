using Inpaint.Providers;
using Xunit;

namespace Inpaint.Tests.Jobs;

public sealed class WatchScheduleTests : WatcherTest
{
    [Fact]
    public async Task Pauses_grow_with_the_time_waited_within_their_bounds()
    {
        List<DateTimeOffset> polls = [Time.GetUtcNow()];
        Client.OnStatus = (_, _) =>
        {
            polls.Add(Time.GetUtcNow());
            return Task.FromResult(new JobUpdate { State = polls.Count > 80 ? InpaintJobState.Completed : InpaintJobState.InProgress });
        };
        Task<JobUpdate> wait = Wait();
        Time.Advance(TimeSpan.FromMinutes(20));

        Assert.Equal(InpaintJobState.Completed, (await wait).State);
        TimeSpan[] pauses = [.. polls.Zip(polls.Skip(1), (a, b) => b - a)];
        Assert.Equal(Schedule.FirstInterval, pauses[0]);
        Assert.Equal(Schedule.MinInterval, pauses[1]);
        Assert.Equal(Schedule.MaxInterval, pauses[^1]);
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

        Assert.InRange(delay, TimeSpan.Zero, duration * 0.1 > Schedule.MinInterval ? duration * 0.1 : Schedule.MinInterval);
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
    public async Task A_job_that_is_much_quicker_or_slower_than_any_before_it_is_noticed_all_the_same()
    {
        await RunBatchAsync([.. Enumerable.Repeat(TimeSpan.FromSeconds(8), 20)]);
        (List<TimeSpan> delays, _) = await RunBatchAsync([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(40)]);

        // Polls that the others do not need are spread over the time before them; after it, no wait is longer than a tenth of the duration.
        Assert.InRange(delays[0], TimeSpan.Zero, TimeSpan.FromSeconds(0.5));
        Assert.InRange(delays[1], TimeSpan.Zero, TimeSpan.FromSeconds(4));
    }

    /// <summary>What jobs of a batch take, in seconds, and whether most of them take about as long as some others. The figures of docs/performance.md are this test's, with <c>-diagnostics</c>.</summary>
    public static TheoryData<string, bool> Batches => new()
    {
        { "all 1.25", true },
        { "about 4, by 5 %", true },
        { "about 8, by 10 %", true },
        { "about 20, by 15 %", true },
        { "one of ten 1, the others 8", true },
        { "one of ten 1, the others 20", true },
        { "half 2, half 60", true },
        { "2 to 20, evenly", false },
        { "about 8, by 50 %", false },
    };

    [Theory]
    [MemberData(nameof(Batches))]
    public async Task A_batch_is_noticed_sooner_than_by_a_client_that_polls_twice_a_second_and_with_no_more_polls(string batch, bool isPeaked)
    {
        const int learning = 40;
        Random random = new(1);
        double About(double median, double spread) => median * Math.Exp(spread * Gaussian(random));
        Func<double> next = batch switch
        {
            "all 1.25" => () => 1.25,
            "about 4, by 5 %" => () => About(4, 0.05),
            "about 8, by 10 %" => () => About(8, 0.1),
            "about 20, by 15 %" => () => About(20, 0.15),
            "one of ten 1, the others 8" => () => About(random.Next(10) == 0 ? 1 : 8, 0.05),
            "one of ten 1, the others 20" => () => About(random.Next(10) == 0 ? 1 : 20, 0.05),
            "half 2, half 60" => () => About(random.Next(2) == 0 ? 2 : 60, 0.1),
            "2 to 20, evenly" => () => 2 + (18 * random.NextDouble()),
            _ => () => About(8, 0.5),
        };
        TimeSpan[] durations = [.. Enumerable.Range(0, 400).Select(_ => TimeSpan.FromSeconds(next()))];
        await RunBatchAsync(durations[..learning]);
        durations = durations[learning..];
        (List<TimeSpan> delays, int polls) = await RunBatchAsync(durations);

        // fal's client polls at once, and then every half second.
        double[] others = [.. durations.Select(d => (Math.Ceiling(d.TotalSeconds * 2) / 2) - d.TotalSeconds)];
        double otherPolls = durations.Sum(d => 1 + Math.Ceiling(d.TotalSeconds * 2));
        double IsLate(IEnumerable<double> waits) => waits.Zip(durations).Count(w => w.First > Math.Max(w.Second.TotalSeconds / 10, Schedule.MinInterval.TotalSeconds) + 1e-6) / (double)durations.Length;
        double late = IsLate(delays.Select(d => d.TotalSeconds));
        TestContext.Current.SendDiagnosticMessage(
            "| {0} | {1:0} ms, {2:0.0} polls, {3:0.0} % | {4:0} ms, {5:0.0} polls, {6:0.0} % |",
            batch, delays.Average(d => d.TotalMilliseconds), polls / (double)durations.Length, 100 * late, 1000 * others.Average(), otherPolls / durations.Length, 100 * IsLate(others));
        Assert.InRange(polls, durations.Length, otherPolls);
        Assert.InRange(delays.Average(d => d.TotalSeconds), 0, others.Average() * (isPeaked ? 0.5 : 1.1));
        Assert.InRange(late, 0, isPeaked ? 0.01 : 0.06);
    }

    [Fact]
    public async Task Thousands_of_long_jobs_do_not_delay_a_short_one()
    {
        DateTimeOffset end = DateTimeOffset.MaxValue;
        DateTimeOffset noticed = default;
        InpaintJob quick = Job();
        Client.OnStatus = (job, _) =>
        {
            bool isDone = job.Id == quick.Id && Time.GetUtcNow() >= end;
            noticed = isDone ? Time.GetUtcNow() : noticed;
            return Task.FromResult(new JobUpdate { State = isDone ? InpaintJobState.Completed : InpaintJobState.InProgress });
        };
        using CancellationTokenSource stop = new();
        Task<JobUpdate>[] waits = [.. Enumerable.Range(0, 3000).Select(_ => WaitUntil(stop.Token))];
        Time.Advance(TimeSpan.FromMinutes(2));
        int before = Client.CountOf("status");
        end = Time.GetUtcNow() + TimeSpan.FromSeconds(2);
        Task<JobUpdate> wait = Watcher.WaitAsync(quick, canStream: false, eta: null, Updates.Add, Cancellation);
        Time.Advance(TimeSpan.FromSeconds(10));

        await wait.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
        // A tenth of what it took.
        Assert.InRange(noticed - end, TimeSpan.Zero, TimeSpan.FromSeconds(0.2));
        Assert.InRange(Client.CountOf("status") - before, 100, (10 * Schedule.PollsPerSecond) + Schedule.MaxConcurrentPolls);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waits));
    }

    [Fact]
    public async Task A_provider_that_limits_polls_is_polled_less_often_and_recovers()
    {
        bool isLimited = false;
        Client.OnStatus = (_, _) => isLimited
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
    public async Task Polls_come_closer_together_towards_the_expected_end()
    {
        List<TimeSpan> polls = [];
        DateTimeOffset start = Time.GetUtcNow();
        Client.OnStatus = (_, _) =>
        {
            polls.Add(Time.GetUtcNow() - start);
            return Task.FromResult(new JobUpdate { State = polls[^1] >= TimeSpan.FromSeconds(20) ? InpaintJobState.Completed : InpaintJobState.InProgress });
        };
        Task<JobUpdate> wait = Watcher.WaitAsync(Job(), canStream: false, TimeSpan.FromSeconds(20), Updates.Add, Cancellation);
        Time.Advance(TimeSpan.FromMinutes(2));
        await wait;

        // A quarter of what remains each time, until the usual tenth of the time waited is the longer pause.
        Assert.Equal([5.0, 8.75, 11.5625], polls.Take(3).Select(l => l.TotalSeconds));
        Assert.InRange(polls[^1].TotalSeconds, 20, 22);
        Assert.InRange(polls.Count, 6, 9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(12)]
    [InlineData(19)]
    [InlineData(25)]
    public async Task A_job_is_noticed_soon_after_its_end_whatever_was_expected(double seconds)
    {
        DateTimeOffset start = Time.GetUtcNow();
        DateTimeOffset end = start + TimeSpan.FromSeconds(seconds);
        DateTimeOffset noticed = default;
        TimeSpan expected = TimeSpan.FromSeconds(20);
        Client.OnStatus = (_, _) =>
        {
            noticed = Time.GetUtcNow();
            TimeSpan eta = start + expected - noticed;
            return Task.FromResult(new JobUpdate { State = noticed >= end ? InpaintJobState.Completed : InpaintJobState.InProgress, Eta = eta > TimeSpan.Zero ? eta : TimeSpan.Zero });
        };
        Task<JobUpdate> wait = Watcher.WaitAsync(Job(), canStream: false, expected, Updates.Add, Cancellation);
        Time.Advance(TimeSpan.FromMinutes(2));
        await wait;

        Assert.InRange(noticed - end, TimeSpan.Zero, expected * Schedule.IntervalPerExpectation);
        Assert.InRange(Client.CountOf("status"), 1, 12);
    }

    [Fact]
    public async Task An_estimate_that_the_service_takes_back_is_forgotten()
    {
        List<TimeSpan> polls = [];
        DateTimeOffset start = Time.GetUtcNow();
        Client.OnStatus = (_, _) =>
        {
            polls.Add(Time.GetUtcNow() - start);
            return Task.FromResult(new JobUpdate { State = polls.Count == 3 ? InpaintJobState.Completed : InpaintJobState.InProgress, Eta = TimeSpan.FromSeconds(2) });
        };
        Task<JobUpdate> wait = Watcher.WaitAsync(Job(), canStream: false, TimeSpan.FromSeconds(32), Updates.Add, Cancellation);
        Time.Advance(TimeSpan.FromMinutes(1));
        await wait;

        Assert.Equal([8.0, 8.8, 9.68], polls.Select(l => l.TotalSeconds));
    }

    [Fact]
    public async Task An_absurd_eta_is_not_believed()
    {
        Client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = Updates.Count == 0 ? InpaintJobState.InProgress : InpaintJobState.Completed, Eta = TimeSpan.FromDays(400) });
        Task<JobUpdate> wait = Watcher.WaitAsync(Job(), canStream: false, TimeSpan.FromDays(400), Updates.Add, Cancellation);
        Time.Advance(Schedule.MaxInterval * 6);

        await wait;
    }

    [Fact]
    public async Task Thousands_of_jobs_share_one_timer_and_one_rate()
    {
        const int count = 2000;
        int underWay = 0;
        int maxConcurrent = 0;
        Queue<DateTimeOffset> recent = [];
        int maxPerSecond = 0;
        List<TaskCompletionSource> open = [];
        Client.OnStatus = async (_, _) =>
        {
            maxConcurrent = Math.Max(maxConcurrent, ++underWay);
            recent.Enqueue(Time.GetUtcNow());
            while (Time.GetUtcNow() - recent.Peek() >= TimeSpan.FromSeconds(1))
            {
                recent.Dequeue();
            }

            maxPerSecond = Math.Max(maxPerSecond, recent.Count);
            TaskCompletionSource answer = new();
            open.Add(answer);
            await answer.Task;
            underWay--;
            return new JobUpdate { State = InpaintJobState.Completed };
        };
        Task<JobUpdate>[] waits = [.. Enumerable.Range(0, count).Select(_ => Wait())];
        for (int step = 0; step < 20 * count && waits.Any(w => !w.IsCompleted); step++)
        {
            Time.Advance(TimeSpan.FromMilliseconds(100));
            TaskCompletionSource[] answered = [.. open];
            open.Clear();
            foreach (TaskCompletionSource answer in answered)
            {
                answer.SetResult();
            }
        }

        await Task.WhenAll(waits).WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
        Assert.Equal(1, Time.TimersMade);
        Assert.True(maxConcurrent <= Schedule.MaxConcurrentPolls, $"{maxConcurrent} polls at once");
        Assert.True(maxPerSecond <= Schedule.MaxConcurrentPolls + Schedule.PollsPerSecond, $"{maxPerSecond} polls in a second");
        Assert.Equal(count, Client.CountOf("status"));
    }

    [Fact]
    public async Task A_machine_that_wakes_does_not_poll_everything_at_once()
    {
        Client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = InpaintJobState.Completed });
        Task<JobUpdate>[] waits = [.. Enumerable.Range(0, 500).Select(_ => Wait())];
        Time.Suspend(TimeSpan.FromHours(8));

        Assert.InRange(Client.CountOf("status"), 1, Schedule.MaxConcurrentPolls);
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.InRange(Client.CountOf("status"), 90, Schedule.MaxConcurrentPolls + 101);
        Time.Advance(TimeSpan.FromMinutes(2));
        await Task.WhenAll(waits);
    }

    [Fact]
    public async Task Quick_jobs_are_not_noticed_the_later_the_more_there_are()
    {
        const int jobs = 150;
        (List<TimeSpan> delays, int polls) = await RunBatchAsync([.. Enumerable.Repeat(TimeSpan.FromMilliseconds(50), jobs)]);

        // The client of fal polls at once and after half a second.
        Assert.All(delays, delay => Assert.InRange(delay, TimeSpan.Zero, TimeSpan.FromMilliseconds(450)));
        Assert.InRange(polls, jobs, 2 * jobs);
    }

    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Watches jobs one after the other, and tells how long after their end each was noticed.</summary>
    private async Task<(List<TimeSpan> Delays, int Polls)> RunBatchAsync(TimeSpan[] durations)
    {
        List<TimeSpan> delays = [];
        int before = Client.CountOf("status");
        foreach (TimeSpan duration in durations)
        {
            DateTimeOffset end = Time.GetUtcNow() + duration;
            DateTimeOffset noticed = default;
            Client.OnStatus = (_, _) =>
            {
                noticed = Time.GetUtcNow();
                return Task.FromResult(new JobUpdate { State = noticed >= end ? InpaintJobState.Completed : InpaintJobState.InProgress });
            };
            Task<JobUpdate> wait = Watcher.WaitAsync(Job(Time.GetUtcNow()), canStream: false, eta: null, Updates.Add, Cancellation);
            Time.Advance((duration * 2) + TimeSpan.FromSeconds(20));
            await wait;
            delays.Add(noticed - end);
        }

        return (delays, Client.CountOf("status") - before);
    }

    private int CountFor(TimeSpan span)
    {
        int before = Client.CountOf("status");
        Time.Advance(span);
        return Client.CountOf("status") - before;
    }
}
