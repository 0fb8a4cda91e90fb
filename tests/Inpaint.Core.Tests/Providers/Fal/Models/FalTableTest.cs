using Inpaint.Engine;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Providers;
using Inpaint.Providers.Fal;
using Inpaint.Tests.Fixtures;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Providers.Fal.Models;

/// <summary>An engine whose provider Fal is the emulator.</summary>
public abstract class FalTableTest : IClassFixture<ProviderTableFixture>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    private protected FalTableTest(ProviderTableFixture fixture)
    {
        Fixture = fixture;
        fixture.Server.State.Reset();
        Engine = new InpaintEngine(
            new InpaintEngineOptions { StateFolder = folder.Path, Environment = _ => null },
            new WatchSchedule { MinInterval = TimeSpan.FromMilliseconds(1), PollsPerSecond = 1000 },
            ProviderCatalogue.Kinds);
        Engine.Providers.Set(new ProviderSettings
        {
            Name = "Fal",
            BaseUri = fixture.Server.QueueUri,
            Endpoints = fixture.Server.FalEndpoints,
            ApiKey = FalClientTest.Secure("test-id:test-secret"),
        });
    }

    private protected ProviderTableFixture Fixture { get; }

    private protected InpaintEngine Engine { get; }

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Engine.Dispose();
        folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
