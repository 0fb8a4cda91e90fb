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
public sealed class LimitedProviderTests : IAsyncLifetime
{
    private const int Limit = 4;

    private readonly TemporaryFolder folder = new();
    private EmulatorServer server = null!;
    private InpaintEngine engine = null!;

    public static TheoryData<string, int?> Providers => new MatrixTheoryData<string, int?>(["Fal", "ChainHub"], [null, 1]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await EmulatorServer.StartAsync();
        server.State.Jobs.DefaultScript = new JobScript { Steps = [JobStep.Running()], StepTime = TimeSpan.FromMilliseconds(20) };
        server.State.Jobs.Limit = Limit;

        // Pauses take a moment: what counts is how often the provider refuses.
        engine = new InpaintEngine(new InpaintEngineOptions { StateFolder = folder.Path, TimeProvider = new HurriedTimeProvider(), Environment = _ => null }, new WatchSchedule(), ProviderCatalogue.Kinds);
    }

    public async ValueTask DisposeAsync()
    {
        engine.Dispose();
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task All_jobs_of_two_batches_arrive_and_each_is_paid_for_once(string provider, int? retryAfterSeconds)
    {
        const int jobs = 60;
        server.State.Jobs.LimitRetryAfter = retryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        engine.Providers.Set(ProviderUnderTest.ReadAll().Single(candidate => candidate.Name == provider).Settings(server));
        InpaintResult[] results = await Task.WhenAll(Enumerable.Range(0, jobs).Select(seed => RunAsync(provider, seed)));

        Assert.All(results, result => Assert.Single(result.Images));
        Assert.Equal(jobs, results.Select(result => result.Job.Id).Distinct().Count());
        Assert.Equal(jobs, server.State.PaidJobs);

        // Each job that did not fit was refused once at the beginning; afterwards one more was tried after as many as the limit had ended.
        Assert.InRange(Refusals(), 1, jobs - Limit + (jobs / Limit));

        // A second batch begins with what was learnt.
        int before = Refusals();
        await Task.WhenAll(Enumerable.Range(jobs, 20).Select(seed => RunAsync(provider, seed)));
        Assert.Equal(jobs + 20, server.State.PaidJobs);
        Assert.InRange(Refusals() - before, 0, 20 / Limit);
    }

    [Fact]
    public async Task When_the_provider_takes_more_again_so_many_are_under_way()
    {
        engine.Providers.Set(ProviderUnderTest.ReadAll().Single(candidate => candidate.Name == "Fal").Settings(server));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(seed => RunAsync("Fal", seed)));
        server.State.Jobs.Limit = int.MaxValue;
        int before = Refusals();
        await Task.WhenAll(Enumerable.Range(20, 60).Select(seed => RunAsync("Fal", seed)));

        Assert.Equal((80, before), (server.State.PaidJobs, Refusals()));
        using ProviderAccess access = engine.AccessTo(engine.Providers.Get("Fal"));
        Assert.InRange(access.Slots.Limit, 2 * Limit, 80);
    }

    [Fact]
    public async Task A_refusal_does_not_keep_results_from_being_collected()
    {
        engine.Providers.Set(ProviderUnderTest.ReadAll().Single(candidate => candidate.Name == "ChainHub").Settings(server));
        server.State.Jobs.Limit = 1;
        server.State.Jobs.DefaultScript = JobScript.HeldInProgress();
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
        return engine.RunAsync(engine.Plan(request), cancellationToken: cancellationToken ?? Cancellation);
    }
}
