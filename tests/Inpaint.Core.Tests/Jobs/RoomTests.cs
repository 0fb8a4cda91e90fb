using Inpaint.Engine;
using Inpaint.Http;
using Inpaint.Providers;
using Inpaint.Tests.Engine;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Jobs;

/// <summary>A service that says it has no room is waited for: that is a queue, and no failure.</summary>
public sealed class RoomTests : EngineTest
{
    private readonly WireTimeProvider time = new();
    private int refusals;

    public RoomTests()
    {
        Time = time;
        Client.OnSubmit = _ => refusals-- > 0 ? throw NoRoom(TimeSpan.FromSeconds(2)) : Task.FromResult(new Acceptance { Id = "job-1" });
    }

    [Fact]
    public async Task A_submit_waits_for_room_and_says_so()
    {
        refusals = 20;
        InpaintJob job = await StartAsync();

        Assert.Equal("job-1", job.Id);
        Assert.Equal(21, Client.CountOf("submit"));
        JobEvent[] pauses = [.. Events.Where(e => e.Kind == JobEventKind.Pause)];
        Assert.Equal(20, pauses.Length);
        Assert.All(pauses, pause => Assert.Matches("^rate limited, waiting [0-9.]+ s$", pause.Text));
        Assert.Single(OnDisk());
    }

    [Fact]
    public async Task Pictures_that_are_handed_over_wait_for_room_too()
    {
        int uploads = 3;
        Client.OnPrepare = (_, _) => uploads-- > 0 ? throw NoRoom(null) : Task.CompletedTask;

        Assert.Equal("job-1", (await StartAsync()).Id);
        Assert.Equal(4, Client.CountOf("prepare"));
    }

    [Fact]
    public async Task The_wait_has_an_end_of_its_own()
    {
        refusals = int.MaxValue;
        DateTimeOffset begin = time.GetUtcNow();
        await FailsAsync(InpaintErrorId.RateLimited, StartAsync);

        Assert.InRange(time.GetUtcNow() - begin, Schedule.CapacityTimeout - TimeSpan.FromMinutes(1), Schedule.CapacityTimeout);
        Assert.Empty(OnDisk());
    }

    [Fact]
    public async Task A_wait_beyond_all_patience_is_not_begun()
    {
        Client.OnSubmit = _ => throw NoRoom(TimeSpan.FromHours(3));
        InpaintException e = await FailsAsync(InpaintErrorId.RateLimited, StartAsync);

        Assert.Equal((1, null), (Client.CountOf("submit"), e.Job));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_says_how_often_to_repeat_is_not_kept_longer(bool isGiven)
    {
        refusals = 1;
        Task<InpaintJob> start = Engine.StartAsync(Plan(), new RunOptions { Retry = new RetryLimits(isGiven ? 0 : null, TimeSpan.FromSeconds(1)) }, cancellationToken: Cancellation);
        if (isGiven)
        {
            await FailsAsync(InpaintErrorId.RateLimited, () => start);
        }
        else
        {
            await start;
        }

        Assert.Equal(isGiven ? 1 : 2, Client.CountOf("submit"));
    }

    [Fact]
    public async Task A_request_that_is_turned_away_as_a_duplicate_is_not_sent_again()
    {
        Client.OnSubmit = _ => throw new InpaintException(InpaintErrorId.RateLimited, "you are sending same request multiple times");
        await FailsAsync(InpaintErrorId.RateLimited, StartAsync);

        Assert.Equal(1, Client.CountOf("submit"));
    }

    [Fact]
    public async Task A_users_own_time_limit_ends_the_wait_and_nothing_was_sent()
    {
        ManualTimeProvider manual = new();
        Time = manual;
        refusals = int.MaxValue;
        Task<InpaintResult> run = Engine.RunAsync(Plan(), new RunOptions { Timeout = TimeSpan.FromSeconds(30) }, cancellationToken: Cancellation);
        while (!run.IsCompleted)
        {
            manual.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        InpaintException e = await FailsAsync(InpaintErrorId.JobTimedOut, () => run);
        Assert.Contains("Nothing was sent", e.Message, StringComparison.Ordinal);
        Assert.Empty(OnDisk());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 3)]
    [InlineData(9, 10)]
    public async Task A_call_is_repeated_as_often_and_at_such_pauses_as_its_caller_says(int count, int attempts)
    {
        CallContext.Current = new CallContext(new RetryLimits(count, TimeSpan.FromSeconds(3)), OnPause: null);
        List<DateTimeOffset> made = [];
        await new RetryPolicy(new ResilienceOptions(), time).RunAsync(
            CallKind.Status,
            _ =>
            {
                made.Add(time.GetUtcNow());
                return Task.FromResult(new Trial { MayRepeat = true });
            },
            Cancellation);

        Assert.Equal(attempts, made.Count);
        Assert.All(made.Zip(made.Skip(1), (one, next) => (next - one).TotalSeconds), pause => Assert.Equal(3, pause, precision: 3));
    }

    private static InpaintException NoRoom(TimeSpan? wait) => new(InpaintErrorId.RateLimited, "429") { IsTransient = true, RetryAfter = wait };

    private sealed record Trial : Attempt;
}
