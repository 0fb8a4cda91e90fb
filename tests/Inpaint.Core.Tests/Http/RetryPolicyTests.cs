using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Inpaint.Emulator;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Http;
using Inpaint.Journal;
using Inpaint.Tests.Engine;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Providers.Fal;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Http;

/// <summary>How long pauses are, and that the total deadline wins over everything.</summary>
public sealed class RetryPolicyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pauses_grow_within_their_bounds_and_no_two_calls_keep_step()
    {
        const int calls = 200;
        List<double[]> all = [];
        for (int call = 0; call < calls; call++)
        {
            all.Add(await PausesAsync(CallKind.Status, wait: null));
        }

        Assert.All(all, pauses => Assert.Equal(5, pauses.Length));

        // Decorrelated jitter of a base of one second: the first n pauses together take no longer than 2^n / 1.4 seconds.
        Assert.All(all, pauses => Assert.All(Enumerable.Range(1, 5), n => Assert.InRange(pauses.Take(n).Sum(), 0, Math.Pow(2, n) / 1.4)));
        Assert.True(all.Average(pauses => pauses[4]) > 4 * all.Average(pauses => pauses[0]));
        Assert.True(all.Select(pauses => pauses[0]).Distinct().Count() > calls / 2);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(7)]
    [InlineData(45)]
    public async Task A_wait_that_is_asked_for_is_kept_to_the_moment(double seconds) =>
        Assert.All(await PausesAsync(CallKind.Status, TimeSpan.FromSeconds(seconds)), pause => Assert.Equal(seconds, pause, precision: 3));

    [Fact]
    public async Task The_total_deadline_wins_over_a_wait_that_is_asked_for()
    {
        // Five minutes hold two waits of two minutes, and not a third.
        double[] pauses = await PausesAsync(CallKind.Submit, TimeSpan.FromMinutes(2));
        Assert.Equal([120, 120], pauses);
        WireTimeProvider time = new();
        DateTimeOffset begin = time.GetUtcNow();
        await new RetryPolicy(new ResilienceOptions(), time).RunAsync(CallKind.Submit, _ => Task.FromResult(new Trial { MayRepeat = true, RetryAfter = TimeSpan.FromMinutes(2) }), Cancellation);
        Assert.Equal(TimeSpan.FromMinutes(5), time.GetUtcNow() - begin);
    }

    [Theory]
    [InlineData(CallKind.Submit)]
    [InlineData(CallKind.Run)]
    [InlineData(CallKind.Status)]
    [InlineData(CallKind.Result)]
    [InlineData(CallKind.Cancel)]
    [InlineData(CallKind.Upload)]
    [InlineData(CallKind.Download)]
    public async Task The_total_deadline_wins_over_an_attempt_without_end(object kind)
    {
        ManualTimeProvider time = new();
        TimeSpan total = CallLimits.For((CallKind)kind).TotalTimeout;
        Task<Trial?> call = new RetryPolicy(new ResilienceOptions(), time).RunAsync<Trial>((CallKind)kind, async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return new Trial();
        }, Cancellation);
        time.Advance(total - TimeSpan.FromTicks(1));
        Assert.False(call.IsCompleted);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await call);
    }

    [Theory]
    [InlineData(CallKind.Upload, InpaintErrorId.ProviderUnavailable, 4, 246)]
    [InlineData(CallKind.Submit, InpaintErrorId.SubmissionUncertain, 1, 100)]
    public async Task A_body_that_nobody_reads_is_given_up(object kind, InpaintErrorId expected, int attempts, double longest)
    {
        using TcpListener peer = new(IPAddress.Loopback, 0);
        peer.Start();
        using HttpClientSource http = new();
        WireTimeProvider time = new();
        Uri address = new($"http://127.0.0.1:{((IPEndPoint)peer.LocalEndpoint).Port}/");
        ProviderChannel channel = new(new ChannelSettings { Provider = "Deaf", Guard = new HostGuard("Deaf", address), Http = http, Time = time, MissingKeyAdvice = "", UncertainAdvice = "" });
        DateTimeOffset begin = time.GetUtcNow();
        Task<ApiResponse> call = channel.SendAsync(new ApiRequest((CallKind)kind, HttpMethod.Post, address) { CarriesKey = false, Content = () => new ByteArrayContent(new byte[16 << 20]) }, Cancellation);
        List<TcpClient> connections = [];
        while (connections.Count < attempts)
        {
            TcpClient connection = await peer.AcceptTcpClientAsync(Cancellation);
            connections.Add(connection);

            // The first bytes are there, so that the body was begun; the rest stays in the way.
            Assert.Equal(1, await connection.GetStream().ReadAsync(new byte[1], Cancellation));
            Assert.True(time.RingNext(DateTimeOffset.MaxValue));
        }

        await FalClientTest.FailsAsync(expected, () => call);
        Assert.InRange((time.GetUtcNow() - begin).TotalSeconds, 0, longest);
        Assert.False(peer.Pending());
        connections.ForEach(connection => connection.Dispose());
    }

    [Fact]
    public async Task A_rate_limit_that_one_job_meets_holds_back_the_others_of_the_process()
    {
        await using EmulatorServer server = await EmulatorServer.StartAsync();
        using TemporaryFolder state = new();
        ConcurrentQueue<TaskCompletionSource> begun = new([new(), new()]);
        TaskCompletionSource[] pauses = [.. begun];
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        WireTimeProvider time = new()
        {
            BeforePause = () =>
            {
                if (begun.TryDequeue(out TaskCompletionSource? next))
                {
                    next.TrySetResult();
                }

                return go.Task;
            },
        };
        using InpaintEngine engine = new(new InpaintEngineOptions { StateFolder = state.Path, TimeProvider = time, Environment = _ => null });
        engine.Providers.Set(new ProviderSettings { Name = "Fal", BaseUri = server.QueueUri, ApiKey = FalClientTest.Secure("test-id:test-secret") });
        server.State.Faults.Enqueue(WireOperation.Submit, Fault.TooManyRequests(TimeSpan.FromSeconds(20)));
        Task<InpaintJob> StartAsync(int seed) => engine.StartAsync(engine.Plan(EngineTest.Request() with { Seed = seed }), cancellationToken: Cancellation);

        Task<InpaintJob> first = StartAsync(1);
        await pauses[0].Task.WaitAsync(Cancellation);
        Task<InpaintJob> second = StartAsync(2);
        await pauses[1].Task.WaitAsync(Cancellation);
        Assert.Equal(1, server.State.Requests.Count(WireOperation.Submit));

        DateTimeOffset begin = time.GetUtcNow();
        go.SetResult();
        Assert.NotEqual((await first).Id, (await second).Id);
        Assert.Equal(20, (time.GetUtcNow() - begin).TotalSeconds, precision: 3);
        Assert.Equal((2, 3), (server.State.PaidJobs, server.State.Requests.Count(WireOperation.Submit)));
    }

    /// <summary>The pauses, in seconds, of a call whose every attempt says that it may be repeated.</summary>
    private static async Task<double[]> PausesAsync(CallKind kind, TimeSpan? wait)
    {
        WireTimeProvider time = new();
        List<DateTimeOffset> attempts = [];
        await new RetryPolicy(new ResilienceOptions(), time).RunAsync(
            kind,
            _ =>
            {
                attempts.Add(time.GetUtcNow());
                return Task.FromResult(new Trial { MayRepeat = true, RetryAfter = wait });
            },
            Cancellation);
        return [.. attempts.Zip(attempts.Skip(1), (one, next) => (next - one).TotalSeconds)];
    }

    private sealed record Trial : Attempt;
}
