using Inpaint.Emulator;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Jobs;
using Inpaint.Providers;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Providers;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Engine;

/// <summary>Batches at a provider that refuses more jobs than it takes at once (429): they queue here, nothing fails, and the refusals become few.</summary>
public sealed class LimitedProviderTests : IAsyncLifetime, IProgress<JobEvent>
{
    private const int Limit = 4;

    private readonly TemporaryFolder folder = new();
    private readonly Changes changes = new();
    private int seeds;
    private int waiting;
    private EmulatorServer server = null!;
    private InpaintEngine engine = null!;

    public static TheoryData<string, int?> Providers => new MatrixTheoryData<string, int?>(["Fal", "ChainHub"], [null, 1]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await EmulatorServer.StartAsync();
        server.State.Jobs.DefaultScript = JobScript.HeldInProgress();
        server.State.Jobs.Limit = Limit;

        // Pauses take a moment and jobs run until they are told to end: what counts is how often the provider refuses.
        engine = new InpaintEngine(new InpaintEngineOptions { StateFolder = folder.Path, TimeProvider = new HurriedTimeProvider(showsPauses: true), Environment = _ => null }, new WatchSchedule(), ProviderCatalogue.Kinds);
    }

    public async ValueTask DisposeAsync()
    {
        engine.Dispose();
        await server.DisposeAsync();
        folder.Dispose();
    }

    void IProgress<JobEvent>.Report(JobEvent value)
    {
        if (value.Text.StartsWith("waiting until", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref waiting);
        }

        changes.Announce();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task All_jobs_of_two_batches_arrive_and_each_is_paid_for_once(string provider, int? retryAfterSeconds)
    {
        const int jobs = 24;
        const int more = 8;
        server.State.Jobs.LimitRetryAfter = retryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        engine.Providers.Set(ProviderUnderTest.ReadAll().Single(candidate => candidate.Name == provider).Settings(server));
        Task<InpaintResult>[] first = Start(provider, jobs);
        await FilledAsync(provider, jobs);
        Finish();
        InpaintResult[] results = [.. await Task.WhenAll(first), .. await Task.WhenAll(Start(provider, more))];

        Assert.All(results, result => Assert.Single(result.Images));
        Assert.Equal(jobs + more, results.Select(result => result.Job.Id).Distinct().Count());
        Assert.Equal(jobs + more, server.State.PaidJobs);

        // Each job that did not fit was refused once at most; afterwards one more was tried after as many as the limit had ended.
        Assert.InRange(Refusals(), 1, jobs - Limit + ((jobs + more) / Limit));
    }

    [Fact]
    public async Task When_the_provider_takes_more_again_so_many_are_under_way()
    {
        const int jobs = 40;
        engine.Providers.Set(ProviderUnderTest.ReadAll().Single(candidate => candidate.Name == "Fal").Settings(server));
        Task<InpaintResult>[] first = Start("Fal", Limit + 1);
        await FilledAsync("Fal", Limit + 1);
        server.State.Jobs.Limit = int.MaxValue;
        Finish();
        await Task.WhenAll(first);
        int before = Refusals();

        // Those that the provider is known to take are under way, and all others wait, before the first one ends.
        server.State.Jobs.DefaultScript = JobScript.HeldInProgress();
        Task<InpaintResult>[] second = Start("Fal", jobs);
        await changes.WaitForAsync(() => waiting == jobs - Limit && server.State.PaidJobs == Limit + 1 + Limit, Cancellation);
        Finish();
        await Task.WhenAll(second);

        // After 4, 5, 6 and 7 of them had ended, there was room for one more.
        Assert.Equal((Limit + 1 + jobs, before), (server.State.PaidJobs, Refusals()));
        using ProviderAccess access = engine.AccessTo(engine.Providers.Get("Fal"));
        Assert.InRange(access.Slots.Limit, 2 * Limit, jobs);
    }

    [Fact]
    public async Task A_refusal_does_not_keep_results_from_being_collected()
    {
        engine.Providers.Set(ProviderUnderTest.ReadAll().Single(candidate => candidate.Name == "ChainHub").Settings(server));
        server.State.Jobs.Limit = 1;
        server.State.Jobs.LimitRetryAfter = TimeSpan.FromMinutes(1);
        Task<InpaintResult> first = RunAsync("ChainHub", 1);
        EmulatedJob job = await server.State.Jobs.WaitForAsync(cancellationToken: Cancellation);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task<InpaintResult> second = RunAsync("ChainHub", 2, stop.Token);
        await server.State.Requests.WaitForAsync(request => request.Status == 429, cancellationToken: Cancellation);
        job.Complete();

        Assert.Single((await first.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Images);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    private int Refusals() => server.State.Requests.Of(WireOperation.Submit).Count(request => request.Status == 429);

    private Task<InpaintResult>[] Start(string provider, int count) => [.. Enumerable.Range(0, count).Select(_ => RunAsync(provider, ++seeds))];

    /// <summary>Waits until the provider has taken all that it takes, and each other job was refused or waits for its turn.</summary>
    private async Task FilledAsync(string provider, int jobs)
    {
        using ProviderAccess access = engine.AccessTo(engine.Providers.Get(provider));
        await changes.WaitForAsync(() => access.Slots.Limit == Limit && Refusals() + waiting == jobs - Limit, Cancellation);
    }

    /// <summary>Ends what is held, and from now on each job at once.</summary>
    private void Finish()
    {
        server.State.Jobs.DefaultScript = JobScript.Immediate;
        foreach (EmulatedJob job in server.State.Jobs.All)
        {
            job.Complete();
        }
    }

    private Task<InpaintResult> RunAsync(string provider, int seed, CancellationToken? cancellationToken = null)
    {
        InpaintRequest request = new()
        {
            Provider = provider,
            Prompt = "an empty bench",
            Image = PictureSource.FromBytes(TestPictures.Png(32, 32), "dog.png"),
            Mask = PictureSource.FromBytes(TestPictures.RightHalfMask(32, 32), "dog_mask.png"),
            Seed = seed,
        };
        return engine.RunAsync(engine.Plan(request), new RunOptions { Events = this }, cancellationToken: cancellationToken ?? Cancellation);
    }
}
