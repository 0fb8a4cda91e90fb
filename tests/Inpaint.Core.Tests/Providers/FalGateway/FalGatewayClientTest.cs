using Inpaint.Emulator;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Imaging.Masks;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Providers.FalGateway;
using Inpaint.Tests.Providers.Fal;
using Xunit;

namespace Inpaint.Tests.Providers.FalGateway;

/// <summary>A gateway client that speaks to the emulator over real HTTP, with pauses of no length: what its tests share.</summary>
public abstract class FalGatewayClientTest : IAsyncLifetime
{
    protected const string Key = "test-token";

    protected EmulatorServer Server { get; private set; } = null!;

    protected EmulatorState State => Server.State;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal HttpClientSource Http { get; } = new();

    internal FalGatewayClient Client { get; private set; } = null!;

    internal InpaintProvider Provider => new("ChainHub", ProviderKind.FalGateway) { BaseUri = Server.GatewayUri };

    public async ValueTask InitializeAsync()
    {
        Server = await EmulatorServer.StartAsync();
        Client = MakeClient();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal FalGatewayClient MakeClient(string? key = Key, InpaintProvider? provider = null) =>
        new(new ProviderServices(provider ?? Provider, FalClientTest.Secure(key), Http, "", TimeProvider.System), FalClientTest.Quick);

    internal RequestPlan Plan(InpaintRequest? request = null, string? model = null)
    {
        request ??= new InpaintRequest { Prompt = "an empty bench" };
        bool isInpaint = request.Operation == InpaintOperation.Inpaint;
        ProviderCapabilities capabilities = FalGatewayCapabilities.All.First(c => c.Operation == request.Operation);
        return new RequestPlan(request, Provider, capabilities, model ?? capabilities.DefaultModel, fingerprint: "f")
        {
            Image = isInpaint ? request.Image ?? FalClientTest.Picture() : null,
            Mask = isInpaint ? request.Mask ?? FalClientTest.Mask() : null,
        };
    }

    internal async Task<Acceptance> SubmitAsync(RequestPlan? plan = null, FalGatewayClient? client = null)
    {
        client ??= Client;
        return await client.SubmitAsync(await client.PrepareAsync(plan ?? Plan(), progress: null, Cancellation), Cancellation);
    }

    internal static InpaintJob JobOf(Acceptance acceptance, string model = "fal-ai/flux-lora/inpainting") => new()
    {
        Id = acceptance.Id,
        Provider = "ChainHub",
        Model = model,
        State = acceptance.State,
        ProviderData = acceptance.ProviderData,
    };

    internal Task<JobUpdate> StatusAsync(InpaintJob job) => Client.GetStatusAsync(job, includeLog: false, Cancellation);

    internal RecordedRequest Submitted => State.Requests.All.Last(r => r.Operation == WireOperation.Submit);

    /// <summary>The paths of the requests about jobs, below the gateway's base.</summary>
    internal string[] Asked => [.. State.Requests.All.Where(r => r.Operation is not WireOperation.Submit).Select(r => $"{r.Method} {r.Path["/gateway/".Length..]}")];
}
