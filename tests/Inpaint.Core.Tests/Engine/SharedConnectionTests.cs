using Inpaint.Emulator;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Tests.Emulator;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Providers;
using Xunit;

namespace Inpaint.Tests.Engine;

/// <summary>How many connections a batch opens over TLS for what its jobs can share.</summary>
public sealed class SharedConnectionTests(TlsEmulatorFixture tls) : IClassFixture<TlsEmulatorFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private EmulatorState State => tls.Server.State;

    [Fact]
    public async Task Status_streams_share_an_HTTP_2_connection_and_downloads_reuse_theirs()
    {
        const int jobs = 64;
        State.Jobs.DefaultScript = JobScript.HeldInProgress();
        using TemporaryFolder folder = new();
        using InpaintEngine engine = new(new InpaintEngineOptions { StateFolder = folder.At("state"), Environment = _ => null, ValidateCertificate = tls.Trusts });
        engine.Providers.Set(ProviderUnderTest.ReadAll().Single(provider => provider.Name == "Fal").Settings(tls.Server));
        Task<InpaintResult>[] runs = [.. Enumerable.Range(0, jobs).Select(seed => engine.RunAsync(engine.Plan(Request(seed)), cancellationToken: Cancellation))];
        await State.Requests.WaitForAsync(WireOperation.StatusStream, jobs, Cancellation);
        foreach (EmulatedJob job in State.Jobs.All)
        {
            job.Complete();
        }

        foreach (InpaintResult result in await Task.WhenAll(runs))
        {
            await engine.SaveAsync(result.Images[0], new SaveOptions { Folder = folder.Path, NameTemplate = "{Seed}" }, Cancellation);
        }

        Assert.Equal(1, ConnectionsOf(WireOperation.StatusStream));
        Assert.Equal(1, ConnectionsOf(WireOperation.Download));
        Assert.Equal(jobs, ConnectionsOf(WireOperation.Submit));
    }

    private static InpaintRequest Request(int seed) => new()
    {
        Provider = "Fal",
        Prompt = "an empty bench",
        Image = PictureSource.FromBytes(TestPictures.Png(32, 32), "dog.png"),
        Mask = PictureSource.FromBytes(TestPictures.RightHalfMask(32, 32), "dog_mask.png"),
        Seed = seed,
    };

    private int ConnectionsOf(WireOperation operation) => State.Requests.Of(operation).Select(request => request.ConnectionId).Distinct().Count();
}
