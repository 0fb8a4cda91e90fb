using Inpaint.Emulator;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Xunit;

namespace Inpaint.Tests.Providers;

/// <summary>An emulator, which the client under test speaks to over real HTTP.</summary>
public abstract class ProviderClientTest : IAsyncLifetime
{
    protected EmulatorServer Server { get; private set; } = null!;

    protected EmulatorState State => Server.State;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal HttpClientSource Http { get; } = new();

    internal RecordedRequest Submitted => State.Requests.All.Last(r => r.Operation == WireOperation.Submit);

    public async ValueTask InitializeAsync()
    {
        Server = await EmulatorServer.StartAsync();
        CreateClient();
    }

    public virtual async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract void CreateClient();
}
